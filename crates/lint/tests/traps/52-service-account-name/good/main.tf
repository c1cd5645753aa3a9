resource "confluent_service_account" "this" {
  display_name = "${substr(var.prefix, 0, 40)}-admin"
  description  = "Identity"
}

variable "prefix" {
  description = "Prefix."
  type        = string
}
