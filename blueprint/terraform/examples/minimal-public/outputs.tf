output "bootstrap" {
  description = "Bootstrap server of the cluster."
  value       = module.foundation.bootstrap
}

output "topics" {
  description = "Names of the topics."
  value       = module.topics.names
}

output "client_properties" {
  description = "client.properties of each identity, with references instead of secrets."
  value       = module.foundation.client_properties
}
