output "environment_id" {
  description = "Confluent environment."
  value       = confluent_environment.this.id
}

output "environment_crn" {
  description = "Environment's CRN, the scope of its role bindings."
  value       = confluent_environment.this.resource_name
}

output "cluster" {
  description = "The Kafka cluster as other modules take it: id, crn, type, api_version, kind, environment_id."
  value = {
    id             = confluent_kafka_cluster.this.id
    crn            = confluent_kafka_cluster.this.rbac_crn
    type           = var.cluster.type
    api_version    = confluent_kafka_cluster.this.api_version
    kind           = confluent_kafka_cluster.this.kind
    environment_id = confluent_environment.this.id
  }
}

output "cluster_id" {
  description = "Kafka cluster's id."
  value       = confluent_kafka_cluster.this.id
}

output "cluster_crn" {
  description = "Kafka cluster's CRN (rbac_crn), the scope of its role bindings."
  value       = confluent_kafka_cluster.this.rbac_crn
}

output "rest_endpoint" {
  description = "Kafka REST endpoint, for the provider block of the data-plane stack."
  value       = confluent_kafka_cluster.this.rest_endpoint
}

output "bootstrap" {
  description = "Bootstrap server as host:port, without the scheme that the provider puts in front."
  value       = local.bootstrap
}

output "network_id" {
  description = "Confluent network; null for a public cluster."
  value       = one(confluent_network.this[*].id)
}

output "network_gateway_id" {
  description = "Gateway of the network, for egress-private-link; null for a public cluster."
  value       = one(flatten(confluent_network.this[*].gateway[*].id))
}

output "dns_domain" {
  description = "DNS domain of the network, for private-link-ingress; null for a public cluster."
  value       = one(confluent_network.this[*].dns_domain)
}

output "private_link_service_name" {
  description = "Endpoint service of the network, for private-link-ingress; null for a public cluster. Known only once your account may connect."
  value       = one(flatten(confluent_network.this[*].aws[*].private_link_endpoint_service))

  depends_on = [confluent_private_link_access.this]
}

output "zone_ids" {
  description = "AZ ids of the network; empty for a public cluster."
  value       = toset(try(var.network.zone_ids, []))
}

output "sr" {
  description = "Schema Registry: id, crn, rest (public endpoint), private_rest (endpoint over Private Link, null where there is none)."
  value = {
    id           = data.confluent_schema_registry_cluster.this.id
    crn          = data.confluent_schema_registry_cluster.this.resource_name
    rest         = data.confluent_schema_registry_cluster.this.rest_endpoint
    private_rest = lookup(data.confluent_schema_registry_cluster.this.private_regional_rest_endpoints, var.region, null)
  }
}

output "identities" {
  description = "Per identity (admin and the clients): id of its service account, principal, and name and ARN of the secret with its API keys."
  value = tomap({ for identity, account in confluent_service_account.this : identity => {
    id          = account.id
    principal   = "User:${account.id}"
    secret_name = aws_secretsmanager_secret.this[identity].name
    secret_arn  = aws_secretsmanager_secret.this[identity].arn
  } })

  depends_on = [confluent_role_binding.admin, confluent_role_binding.client, aws_secretsmanager_secret_version.this]
}

output "admin_key_secret_arn" {
  description = "Secret with the administrator's API keys: kafka_api_key, kafka_api_secret, schema_registry_api_key, schema_registry_api_secret."
  value       = aws_secretsmanager_secret.this["admin"].arn

  depends_on = [confluent_role_binding.admin, aws_secretsmanager_secret_version.this]
}

output "client_properties" {
  description = "Per identity: the text of a client.properties, with references to its secret instead of secrets."
  value       = tomap(local.client_properties)
}
