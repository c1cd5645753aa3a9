# What everything else stands on, by control-plane APIs only: it can be applied from any runner. What the other stacks
# need to know of it stands in one parameter; they never read this state, which holds secrets.

data "aws_caller_identity" "this" {}

module "label" {
  source = "../../../modules/label"

  org                 = var.org
  project             = var.project
  environment         = var.environment
  region_code         = var.region_code
  suffixes            = ["egress"]
  owner               = var.owner
  cost_center         = var.cost_center
  data_classification = var.data_classification
  repository          = var.repository
}

module "foundation" {
  source = "../../../modules/confluent-foundation"

  name                      = module.label.name
  owner                     = var.owner
  tags                      = module.label.tags
  region                    = var.region
  stream_governance_package = var.stream_governance_package
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
  source = "../../../modules/private-link-ingress"

  name                      = module.label.name
  tags                      = module.label.tags
  vpc_id                    = var.vpc_id
  subnets_by_zone_id        = var.subnets_by_zone_id
  service_name              = module.foundation.private_link_service_name
  dns_domain                = module.foundation.dns_domain
  client_security_group_ids = var.client_security_group_ids
}

module "postgres" {
  source = "../../../modules/postgres-aurora"

  name                       = module.label.name
  tags                       = module.label.tags
  vpc_id                     = var.vpc_id
  subnet_ids                 = values(var.subnets_by_zone_id)
  capacity                   = var.database_capacity
  allowed_security_group_ids = merge(var.client_security_group_ids, { egress = module.egress.security_group_id })
  deletion_protection        = var.deletion_protection
  skip_final_snapshot        = !var.deletion_protection
}

# Runs the target refresher, and the workers of the stack platform.
resource "aws_ecs_cluster" "this" {
  name = module.label.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

module "egress" {
  source = "../../../modules/egress-private-link"

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
    # A name that connector files can hold before the database is there. With sslmode verify-full they must name the
    # endpoint itself, which the certificate carries.
    aliases = { database = "db.${var.environment}.${var.project}.internal" }
  }
  target_security_group_ids = { postgres = module.postgres.security_group_id }
  high_availability         = var.environment == "prod"
  deletion_protection       = var.deletion_protection
  refresher = {
    cluster_arn    = aws_ecs_cluster.this.arn
    image          = var.worker_image
    rds_identifier = module.label.name
  }
}

module "network_validation" {
  source = "../../../modules/network-validation"

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
    postgres = {
      hostname = module.postgres.endpoint
      port     = module.postgres.port
      dns_name = module.egress.dns_name
      zone_ids = module.egress.zone_ids
    }
  }
}

module "lake" {
  source = "../../../modules/storage-s3"

  bucket_name         = "${module.label.bucket_name}-lake"
  tags                = module.label.tags
  request_metrics     = var.request_metrics
  deletion_protection = var.deletion_protection
}

module "tables" {
  source = "../../../modules/storage-dynamodb"

  name                = module.label.name
  tags                = module.label.tags
  tables              = var.tables
  deletion_protection = var.deletion_protection
}

module "gateway_endpoints" {
  source = "../../../modules/vpc-gateway-endpoints"

  name            = module.label.name
  tags            = module.label.tags
  vpc_id          = var.vpc_id
  route_table_ids = var.route_table_ids
  bucket_arns     = [module.lake.arn]
  table_arns      = values(module.tables.arns)
}

module "connector_roles" {
  source = "../../../modules/iam-connector-roles"

  name           = module.label.name
  tags           = module.label.tags
  environment_id = module.foundation.environment_id
  roles = merge(
    { lake = { s3 = { bucket_arn = module.lake.arn, prefix = "topics/" }, kms_key_arns = [module.lake.kms_key_arn] } },
    { worker = { managed = false, s3 = { bucket_arn = module.lake.arn, prefix = "topics/" }, kms_key_arns = [module.lake.kms_key_arn] } },
    length(var.tables) == 0 ? {} : {
      tables = { dynamodb = { table_arns = values(module.tables.arns) }, kms_key_arns = [module.tables.kms_key_arn] }
    }
  )
}

# Containers for what connectors log in with. The values are written by operators or generated; none is in a state.
module "secrets" {
  source = "../../../modules/secrets"

  name          = module.label.name
  tags          = module.label.tags
  recovery_days = var.secret_recovery_days
  secrets       = var.secrets
}
