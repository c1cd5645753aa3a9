# Managed connectors on a Dedicated cluster that is reached over AWS Private Link, and the test topic. Kafka and Schema
# Registry are private, so this is applied from inside the VPC; a company splits it into the stacks of environments/.

locals {
  test_topic = "example.orders.created"
}

data "aws_caller_identity" "this" {}

data "confluent_organization" "this" {}

module "label" {
  source = "../../modules/label"

  org         = var.org
  project     = var.project
  environment = "dev"
  region_code = var.region_code
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
  clients = {
    producer = { description = "Writes the test topic", produces = [local.test_topic] }
    consumer = { description = "Reads the test topic", consumes = [local.test_topic], groups = ["example-*"] }
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
}

# Topics are made through the private endpoint, so its names must resolve first.
module "topics" {
  source     = "../../modules/topics"
  providers  = { confluent = confluent.data }
  depends_on = [module.ingress]

  protected = var.deletion_protection
  topics = {
    (local.test_topic) = { owner = var.owner, partitions = 6 }
  }
}

module "connect" {
  source = "../../modules/kafka-connect-cluster/managed"

  name                = "${module.label.name}-example"
  owner               = var.owner
  organization_crn    = data.confluent_organization.this.resource_name
  cluster             = module.foundation.cluster
  schema_registry_crn = module.foundation.sr.crn
  connector_prefix    = "example-"
  produces            = [local.test_topic]
}

module "connectors" {
  source = "../../modules/connector"

  config_dir         = "${path.module}/connectors"
  environment_id     = module.foundation.environment_id
  kafka_cluster_id   = module.foundation.cluster_id
  service_account_id = module.connect.service_account_id
}
