output "service" {
  description = "Endpoint service."
  value       = one(confluent_network.this.aws[*].private_link_endpoint_service)
}
