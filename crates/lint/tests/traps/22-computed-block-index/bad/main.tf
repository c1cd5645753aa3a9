output "service" {
  description = "Endpoint service."
  value       = confluent_network.this.aws[0].private_link_endpoint_service
}
