output "bootstrap" {
  description = "Bootstrap server of the cluster, reachable from the VPC."
  value       = module.foundation.bootstrap
}

output "client_properties" {
  description = "client.properties of each identity, with references instead of secrets."
  value       = module.foundation.client_properties
}

output "connector_ids" {
  description = "Ids of the connectors."
  value       = module.connectors.connector_ids
}

output "probes" {
  description = "What to try from inside the VPC."
  value       = module.network_validation.probes
}
