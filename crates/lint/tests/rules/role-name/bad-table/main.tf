locals {
  grants = { for role in ["DeveloperRead", "DeveloperWriter"] : role => { role = role } }
}

resource "confluent_role_binding" "this" {
  for_each               = local.grants
  principal              = "User:sa-1"
  role_name              = each.value.role
  crn_pattern            = var.crn
  disable_wait_for_ready = true
}

variable "crn" {
  description = "CRN."
  type        = string
}
