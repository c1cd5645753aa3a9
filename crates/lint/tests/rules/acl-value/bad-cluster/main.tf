resource "confluent_kafka_acl" "a" {
  resource_type = "CLUSTER"
  resource_name = "orders"
  pattern_type  = "LITERAL"
  principal     = "User:sa-1"
  host          = "*"
  operation     = "DESCRIBE"
  permission    = "ALLOW"
}
