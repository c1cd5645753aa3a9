# What lives in the cluster: the teams' accounts and rights, topics, dead letter topics, the connectors' accounts. Kafka
# and Schema Registry are private, so this is applied from a runner inside the VPC.

data "confluent_organization" "this" {}

# sluice:allow secret-read-into-state the parameter holds ids and addresses, and no secret
data "aws_ssm_parameter" "foundation" {
  name = "/${var.project}/${var.environment}/foundation"
}

locals {
  foundation = jsondecode(data.aws_ssm_parameter.foundation.insecure_value)

  # Sinks are the connectors that read topics.
  connector_folder = "${path.module}/../../../../rendered/${var.environment}"
  connectors       = { for file in fileset(local.connector_folder, "*.json") : trimsuffix(file, ".json") => jsondecode(file("${local.connector_folder}/${file}")) }
  sinks            = [for name, connector in local.connectors : name if can(coalesce(try(connector.config["topics"], null), try(connector.config["topics.regex"], null)))]
}

# The files of the teams, checked against each other.
module "teams" {
  source = "../../../modules/teams"

  folder = "${path.module}/../../../teams"
}

module "label" {
  source = "../../../modules/label"

  org                 = var.org
  project             = var.project
  environment         = var.environment
  region_code         = var.region_code
  suffixes            = keys(module.teams.connectors)
  owner               = var.owner
  cost_center         = var.cost_center
  data_classification = var.data_classification
  repository          = var.repository
}

module "service_accounts" {
  source = "../../../modules/service-accounts"

  name                 = module.label.name
  tags                 = module.label.tags
  organization_crn     = data.confluent_organization.this.resource_name
  environment_crn      = local.foundation.environment_crn
  cluster              = local.foundation.cluster
  schema_registry_crn  = local.foundation.schema_registry.crn
  secret_recovery_days = var.secret_recovery_days
  teams                = module.teams.accounts
}

module "topics" {
  source    = "../../../modules/topics"
  providers = { confluent = confluent.data }

  protected = var.deletion_protection
  topics    = module.teams.topics
  dlq       = { connectors = local.sinks }
}

module "schema_registry" {
  source    = "../../../modules/schema-registry"
  providers = { confluent = confluent.data }

  schema_dir            = "${path.module}/../../../teams"
  default_compatibility = "BACKWARD"
}

# One account per team for its managed connectors.
module "connect" {
  source   = "../../../modules/kafka-connect-cluster/managed"
  for_each = module.teams.connectors

  name                = module.label.sa_names[each.key]
  owner               = each.value.owner
  organization_crn    = data.confluent_organization.this.resource_name
  cluster             = local.foundation.cluster
  schema_registry_crn = local.foundation.schema_registry.crn
  connector_prefix    = "${each.key}-"
  produces            = each.value.produces
  consumes            = each.value.consumes
}

module "monitoring" {
  source = "../../../modules/monitoring"

  name        = module.label.name
  tags        = module.label.tags
  environment = var.environment
  subscribers = merge(
    { platform = { protocol = "email", endpoint = var.alarm_email } },
    { for name, address in module.teams.alarm_subscribers : name => { protocol = "email", endpoint = address } }
  )
  databases = { main = { cluster_identifier = local.foundation.database_cluster } }
  buckets = local.foundation.lake_request_filter_id == null ? {} : {
    lake = { bucket = local.foundation.lake_bucket, filter_id = local.foundation.lake_request_filter_id }
  }
  egress = { database = {
    load_balancer_arn_suffix = local.foundation.egress_load_balancer
    target_group_arn_suffix  = local.foundation.egress_target_group
  } }
  tables     = local.foundation.tables
  connectors = { for name in keys(local.connectors) : name => { kind = contains(local.sinks, name) ? "sink" : "source" } }
}
