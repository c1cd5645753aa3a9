output "connector_ids" {
  description = "Id of each connector, by name."
  value       = module.connectors.connector_ids
}
