output "connector_ids" {
  description = "Id (lcc-...) of each connector, by name."
  value       = tomap({ for name, connector in confluent_connector.this : name => connector.id })
}

output "classes" {
  description = "Plugin of each connector, by name."
  value       = tomap({ for name in keys(confluent_connector.this) : name => lookup(lookup(local.values, name, {}), "connector.class", "") })
}

output "dlq_names" {
  description = "Dead letter topic of each sink, by connector; what the topics module must make."
  value       = tomap({ for name, c in local.values : name => c["errors.deadletterqueue.topic.name"] if local.sinks[name] && contains(keys(c), "errors.deadletterqueue.topic.name") })
}

output "sensitive_keys" {
  description = "Settings of each connector whose values are secrets, by name; the keys only."
  value       = tomap({ for name, refs in local.refs : name => toset(keys(refs)) })
}
