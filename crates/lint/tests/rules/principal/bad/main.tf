resource "confluent_kafka_acl" "a" {
  resource_type = "TOPIC"
  resource_name = "orders"
  pattern_type  = "LITERAL"
  principal     = "${confluent_service_account.a.id}"
  host          = "*"
  operation     = "READ"
  permission    = "ALLOW"
}
