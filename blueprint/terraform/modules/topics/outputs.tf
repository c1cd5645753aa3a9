output "names" {
  description = "Names of all topics. Known only once they exist."
  value       = toset([for topic in concat(values(confluent_kafka_topic.protected), values(confluent_kafka_topic.unprotected)) : topic.topic_name])

  depends_on = [confluent_kafka_topic.protected, confluent_kafka_topic.unprotected]
}

output "dlq_names" {
  description = "Dead letter topic of each sink, by connector."
  value       = tomap({ for connector in var.dlq.connectors : connector => "dlq.${connector}" })

  depends_on = [confluent_kafka_topic.protected, confluent_kafka_topic.unprotected]
}

output "owners" {
  description = "Team that answers for each topic, and the class of its data."
  value       = tomap({ for name, t in local.topics : name => { owner = t.owner, classification = t.classification } })
}

output "acl_ids" {
  description = "Access control lists by the name given."
  value       = tomap({ for name, acl in confluent_kafka_acl.this : name => acl.id })
}
