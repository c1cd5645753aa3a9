resource "confluent_service_account" "this" {
  display_name = "${var.prefix}_example_aws_private_link_sa_cluster_admin"
  description  = "Identity"
}

variable "prefix" {
  description = "Prefix."
  type        = string
}
