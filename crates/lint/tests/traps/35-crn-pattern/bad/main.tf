resource "confluent_service_account" "connect" {
  display_name = "connect"
  description  = "Connectors"
}

resource "confluent_role_binding" "topic" {
  principal              = "User:${confluent_service_account.connect.id}"
  role_name              = "DeveloperRead"
  crn_pattern            = "${var.cluster.rbac_crn}/kafka=${var.cluster.id}/topic=var.prefix*"
  disable_wait_for_ready = true
}

variable "cluster" {
  description = "Cluster."
  type        = object({ id = string, rbac_crn = string })
}
