# Managed connectors, one of each file in rendered/<environment>, when Terraform writes them and not the pipeline over
# REST. Never both for one connector. Control-plane APIs only: any runner.

# sluice:allow secret-read-into-state the parameters hold ids and addresses, and no secret
data "aws_ssm_parameter" "this" {
  for_each = toset(["foundation", "platform"])

  name = "/${var.project}/${var.environment}/${each.key}"
}

locals {
  foundation = jsondecode(data.aws_ssm_parameter.this["foundation"].insecure_value)
  accounts   = jsondecode(data.aws_ssm_parameter.this["platform"].insecure_value).connect_accounts

  config_dir = "${path.module}/../../../../rendered/${var.environment}"
  connectors = { for file in fileset(local.config_dir, "*.json") : trimsuffix(file, ".json") => jsondecode(file("${local.config_dir}/${file}")) }

  # A connector belongs to the team that its name begins with. Where none or more than one fits, it has no account, and
  # the module refuses it by name.
  teams_of   = { for name in keys(local.connectors) : name => [for team in keys(local.accounts) : team if startswith(name, "${team}-")] }
  account_of = { for name, teams in local.teams_of : name => length(teams) == 1 ? local.accounts[teams[0]] : null }

  integration_of = { for name, connector in local.connectors : name => local.foundation.integration_ids["lake"]
    if try(connector.config["connector.class"], "") == "S3_SINK"
  }
}

module "connectors" {
  source = "../../../modules/connector"

  config_dir               = local.config_dir
  allow_empty              = var.allow_empty
  environment_id           = local.foundation.environment_id
  kafka_cluster_id         = local.foundation.cluster.id
  service_account_ids      = local.account_of
  provider_integration_ids = local.integration_of
  secrets                  = var.connector_secrets
}
