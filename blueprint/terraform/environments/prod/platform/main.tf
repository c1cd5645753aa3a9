# What lives in the cluster: the teams' accounts and rights, topics, dead letter topics, the connectors' accounts. Kafka
# and Schema Registry are private, so this is applied from a runner inside the VPC.

data "confluent_organization" "this" {}

# sluice:allow secret-read-into-state the parameter holds ids and addresses, and no secret
data "aws_ssm_parameter" "foundation" {
  name = "/${var.project}/${var.environment}/foundation"
}

locals {
  foundation = jsondecode(data.aws_ssm_parameter.foundation.insecure_value)

  folder          = "${path.module}/../../../teams"
  team_files      = { for file in fileset(local.folder, "*/team.yaml") : dirname(file) => yamldecode(file("${local.folder}/${file}")) }
  with_connectors = { for team, t in local.team_files : team => t if can(t.connectors) }

  # Sinks are the connectors that read topics.
  connector_folder = "${path.module}/../../../../rendered/${var.environment}"
  connectors       = { for file in fileset(local.connector_folder, "*.json") : trimsuffix(file, ".json") => jsondecode(file("${local.connector_folder}/${file}")) }
  sinks            = [for name, connector in local.connectors : name if can(coalesce(try(connector.config["topics"], null), try(connector.config["topics.regex"], null)))]
}

module "label" {
  source = "../../../modules/label"

  org                 = var.org
  project             = var.project
  environment         = var.environment
  region_code         = var.region_code
  suffixes            = keys(local.with_connectors)
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
  teams = { for team, t in local.team_files : team => {
    description      = t.description
    owner            = t.owner
    topic_prefixes   = try(t.topic_prefixes, [])
    subject_prefixes = try(t.subject_prefixes, [])
    groups           = try(t.groups, [])
    connectors       = can(t.connectors) ? ["${team}-*"] : []
    roles            = try(t.roles, {})
  } }
}

module "topics" {
  source    = "../../../modules/topics"
  providers = { confluent = confluent.data }

  protected = var.deletion_protection
  topics = merge([for team, t in local.team_files : {
    for name, topic in try(t.topics, {}) : name => {
      owner          = t.owner
      partitions     = try(topic.partitions, 6)
      classification = try(topic.classification, "internal")
      config         = try(topic.config, {})
    }
  }]...)
  dlq = { connectors = local.sinks }
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
  for_each = local.with_connectors

  name                = module.label.sa_names[each.key]
  owner               = each.value.owner
  organization_crn    = data.confluent_organization.this.resource_name
  cluster             = local.foundation.cluster
  schema_registry_crn = local.foundation.schema_registry.crn
  connector_prefix    = "${each.key}-"
  produces            = try(each.value.connectors.produces, [])
  consumes            = try(each.value.connectors.consumes, [])
}

module "monitoring" {
  source = "../../../modules/monitoring"

  name        = module.label.name
  tags        = module.label.tags
  environment = var.environment
  subscribers = merge(
    { platform = { protocol = "email", endpoint = var.alarm_email } },
    merge([for team, t in local.team_files : {
      for address in try(t.alarm_subscribers, []) : "${team}-${split("@", address)[0]}" => { protocol = "email", endpoint = address }
    }]...)
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
