resource "confluent_service_account" "connect" {
  display_name = "connect"
  description  = "Connectors"
}

resource "confluent_role_binding" "topic" {
  principal              = "User:${confluent_service_account.connect.id}"
  role_name              = "DeveloperManage"
  crn_pattern            = "${var.cluster.rbac_crn}/kafka=${var.cluster.id}/topic=dlq-lcc*"
  disable_wait_for_ready = true
}

resource "confluent_role_binding" "group" {
  principal              = "User:${confluent_service_account.connect.id}"
  role_name              = "DeveloperRead"
  crn_pattern            = "${var.cluster.rbac_crn}/kafka=${var.cluster.id}/group=connect-lcc-*"
  disable_wait_for_ready = true
}

resource "confluent_role_binding" "subject" {
  principal              = "User:${confluent_service_account.connect.id}"
  role_name              = "DeveloperRead"
  crn_pattern            = "${var.schema_registry_crn}/subject=orders*"
  disable_wait_for_ready = true
}

variable "schema_registry_crn" {
  description = "Schema Registry."
  type        = string
}

variable "cluster" {
  description = "Cluster."
  type        = object({ id = string, rbac_crn = string })
}
