output "service_account_id" {
  description = "Account that the connectors run as. Known only once it may do its work, so connectors that take it wait for its role bindings."
  value       = confluent_service_account.this.id

  depends_on = [confluent_role_binding.this, confluent_role_binding.deployer]
}

output "principal" {
  description = "The account as a principal, User:sa-..."
  value       = "User:${confluent_service_account.this.id}"
}

output "role_binding_ids" {
  description = "Role bindings of the account by <role>/<resource>."
  value       = tomap({ for key, binding in confluent_role_binding.this : key => binding.id })
}

output "connector_prefix" {
  description = "What the connectors' names begin with."
  value       = var.connector_prefix
}
