# A table of a private Aurora PostgreSQL in a topic, and the topic in S3, by managed connectors: change capture through
# Private Link egress, and an S3 sink with a role instead of keys.

locals {
  table_topic = "orders.public.orders"
  sinks       = ["orders-lake"]
}

data "aws_caller_identity" "this" {}

data "confluent_organization" "this" {}

module "label" {
  source = "../../modules/label"

  org         = var.org
  project     = var.project
  environment = "dev"
  region_code = var.region_code
  component   = "orders"
  suffixes    = ["egress"]
  owner       = var.owner
  cost_center = var.cost_center
  repository  = var.repository
}

module "foundation" {
  source = "../../modules/confluent-foundation"

  name   = module.label.name
  owner  = var.owner
  tags   = module.label.tags
  region = var.region
  cluster = {
    type                = "dedicated"
    availability        = "MULTI_ZONE"
    cku                 = var.cluster_size
    deletion_protection = var.deletion_protection
  }
  network = {
    zone_ids       = keys(var.subnets_by_zone_id)
    aws_account_id = data.aws_caller_identity.this.account_id
  }
  secret_recovery_days = var.secret_recovery_days
}

module "ingress" {
  source = "../../modules/private-link-ingress"

  name                      = module.label.name
  tags                      = module.label.tags
  vpc_id                    = var.vpc_id
  subnets_by_zone_id        = var.subnets_by_zone_id
  service_name              = module.foundation.private_link_service_name
  dns_domain                = module.foundation.dns_domain
  client_security_group_ids = var.client_security_group_ids
}

module "postgres" {
  source = "../../modules/postgres-aurora"

  name                       = module.label.name
  tags                       = module.label.tags
  vpc_id                     = var.vpc_id
  subnet_ids                 = values(var.subnets_by_zone_id)
  database_name              = "orders"
  allowed_security_group_ids = merge({ egress = module.egress.security_group_id }, var.client_security_group_ids)
  deletion_protection        = var.deletion_protection
  skip_final_snapshot        = !var.deletion_protection
}

# Runs the target refresher.
resource "aws_ecs_cluster" "this" {
  name = module.label.name
}

module "egress" {
  source = "../../modules/egress-private-link"

  name           = module.label.sa_names["egress"]
  tags           = module.label.tags
  environment_id = module.foundation.environment_id
  gateway        = { id = module.foundation.network_gateway_id }
  vpc_id         = var.vpc_id
  subnet_ids     = var.subnets_by_zone_id
  target = {
    kind     = "rds"
    hostname = module.postgres.endpoint
    port     = module.postgres.port
    # The name that stands in the connector's file. With sslmode verify-full, write the endpoint there instead: it is
    # what the certificate carries.
    aliases = { orders = "orders-db.streams.internal" }
  }
  target_security_group_ids = { postgres = module.postgres.security_group_id }
  deletion_protection       = var.deletion_protection
  refresher = {
    cluster_arn    = aws_ecs_cluster.this.arn
    image          = var.worker_image
    rds_identifier = module.label.name
  }
}

module "network_validation" {
  source = "../../modules/network-validation"

  hosts = {
    bootstrap       = module.foundation.bootstrap
    rest            = module.foundation.rest_endpoint
    schema_registry = module.foundation.sr.private_rest
  }
  dns_records        = module.ingress.records
  endpoint_dns_names = concat([module.ingress.endpoint_dns_name], values(module.ingress.zonal_names))
  vpc_endpoint_id    = module.ingress.vpc_endpoint_id
  client_rules       = module.ingress.client_rules
  required_clients   = var.client_security_group_ids
  cluster_zone_ids   = module.foundation.zone_ids
  ingress_zone_ids   = keys(var.subnets_by_zone_id)
  egress = {
    orders = {
      hostname = module.postgres.endpoint
      port     = module.postgres.port
      dns_name = module.egress.dns_name
      zone_ids = module.egress.zone_ids
    }
  }
}

module "lake" {
  source = "../../modules/storage-s3"

  bucket_name         = "${module.label.bucket_name}-lake"
  tags                = module.label.tags
  request_metrics     = var.request_metrics
  deletion_protection = var.deletion_protection
}

module "connector_roles" {
  source = "../../modules/iam-connector-roles"

  name           = module.label.name
  tags           = module.label.tags
  environment_id = module.foundation.environment_id
  roles = {
    lake = { s3 = { bucket_arn = module.lake.arn, prefix = "topics/" }, kms_key_arns = [module.lake.kms_key_arn] }
  }
}

# The user of the change capture connector: made in the database with the SQL of postgres-aurora's README. Its password
# is generated here and read once by whoever creates the user; see the README of the module connector for what the
# state then holds.
module "secrets" {
  source = "../../modules/secrets"

  name          = module.label.name
  tags          = module.label.tags
  recovery_days = var.secret_recovery_days
  secrets = {
    orders-db = {
      description = "Replication user of the orders database"
      generate    = { fields = { username = "replication" } }
    }
  }
}

module "topics" {
  source     = "../../modules/topics"
  providers  = { confluent = confluent.data }
  depends_on = [module.ingress]

  protected = var.deletion_protection
  topics = {
    (local.table_topic)      = { owner = var.owner, partitions = 6 }
    "example.orders.created" = { owner = var.owner, partitions = 1 }
  }
  dlq = { connectors = local.sinks }
}

module "connect" {
  source = "../../modules/kafka-connect-cluster/managed"

  name                = "${module.label.name}-connect"
  owner               = var.owner
  organization_crn    = data.confluent_organization.this.resource_name
  cluster             = module.foundation.cluster
  schema_registry_crn = module.foundation.sr.crn
  connector_prefix    = "orders-"
  produces            = ["orders.*"]
  consumes            = [local.table_topic]
}

module "connectors" {
  source     = "../../modules/connector"
  depends_on = [module.egress, module.topics]

  config_dir               = "${path.module}/connectors"
  environment_id           = module.foundation.environment_id
  kafka_cluster_id         = module.foundation.cluster_id
  service_account_id       = module.connect.service_account_id
  provider_integration_ids = { orders-lake = module.connector_roles.roles["lake"].integration_id }
  secrets                  = var.connector_secrets
}
