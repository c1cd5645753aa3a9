# One parameter instead of a look into this state, which holds API keys. Nothing in it is a secret.
resource "aws_ssm_parameter" "foundation" {
  name        = "/${var.project}/${var.environment}/foundation"
  description = "What the stacks platform and connectors need to know of the stack foundation"
  type        = "String"
  tier        = "Intelligent-Tiering"
  value = jsonencode({
    environment_id         = module.foundation.environment_id
    environment_crn        = module.foundation.environment_crn
    cluster                = module.foundation.cluster
    rest_endpoint          = module.foundation.rest_endpoint
    bootstrap              = module.foundation.bootstrap
    schema_registry        = module.foundation.sr
    admin_key_secret_arn   = module.foundation.admin_key_secret_arn
    integration_ids        = { for name, role in module.connector_roles.roles : name => role.integration_id if role.integration_id != null }
    task_policy_arns       = module.connector_roles.task_policy_arns
    ecs_cluster_arn        = aws_ecs_cluster.this.arn
    database_endpoint      = module.postgres.endpoint
    database_cluster       = module.postgres.cluster_identifier
    egress_load_balancer   = module.egress.load_balancer_arn_suffix
    egress_target_group    = module.egress.target_group_arn_suffix
    lake_bucket            = module.lake.bucket
    lake_request_filter_id = module.lake.request_metrics_filter_id
    tables                 = module.tables.names
  })
}

output "parameter" {
  description = "Name of the parameter that the other stacks read."
  value       = aws_ssm_parameter.foundation.name
}

output "bootstrap" {
  description = "Bootstrap server of the cluster, reachable from the VPC."
  value       = module.foundation.bootstrap
}

output "client_properties" {
  description = "client.properties of each identity, with references instead of secrets."
  value       = module.foundation.client_properties
}

output "database_endpoint" {
  description = "Writer endpoint of the database: database.hostname of connectors."
  value       = module.postgres.endpoint
}

output "empty_secrets" {
  description = "Secrets whose values an operator must write before connectors can use them."
  value       = module.secrets.empty
}

output "probes" {
  description = "What to try from inside the VPC."
  value       = module.network_validation.probes
}
