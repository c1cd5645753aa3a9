# Our own workers on ECS Fargate, for connectors whose secrets must not leave the account or that Confluent does not
# have: a cluster, the test topic, and a group of two workers that write it to S3 with their own role.

locals {
  test_topic = "example.orders.created"
  sinks      = ["example-lake"]
}

module "label" {
  source = "../../modules/label"

  org         = var.org
  project     = var.project
  environment = "dev"
  region_code = var.region_code
  component   = "worker"
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
    type                = "standard"
    availability        = "LOW"
    max_ecku            = var.cluster_size
    deletion_protection = var.deletion_protection
  }
  clients = {
    worker = {
      description = "The workers and their connectors"
      produces    = [for sink in local.sinks : "dlq.${sink}"]
      consumes    = [local.test_topic]
      groups      = [for sink in local.sinks : "connect-${sink}"]
    }
  }
  secret_recovery_days = var.secret_recovery_days
}

module "topics" {
  source    = "../../modules/topics"
  providers = { confluent = confluent.data }

  protected = var.deletion_protection
  topics = {
    (local.test_topic) = { owner = var.owner, partitions = 3 }
  }
  dlq = { connectors = local.sinks }
}

module "lake" {
  source = "../../modules/storage-s3"

  bucket_name         = "${module.label.bucket_name}-lake"
  tags                = module.label.tags
  request_metrics     = var.request_metrics
  deletion_protection = var.deletion_protection
}

# Traffic of the worker's subnets to S3 and the layers of its image stays inside AWS.
module "gateway_endpoints" {
  source = "../../modules/vpc-gateway-endpoints"

  name            = module.label.name
  tags            = module.label.tags
  vpc_id          = var.vpc_id
  route_table_ids = var.route_table_ids
  services        = ["s3"]
  bucket_arns     = [module.lake.arn]
}

module "connector_roles" {
  source = "../../modules/iam-connector-roles"

  name = module.label.name
  tags = module.label.tags
  roles = {
    lake = {
      managed      = false
      s3           = { bucket_arn = module.lake.arn, prefix = "topics/" }
      kms_key_arns = [module.lake.kms_key_arn]
    }
  }
}

# No depends_on: the module looks up the account, and a look-up that waits for topics is put off whenever one of them
# changes, so that roles, key and task would be planned anew.
module "worker" {
  source    = "../../modules/kafka-connect-cluster/self-managed"
  providers = { confluent = confluent.data }

  name              = module.label.name
  tags              = module.label.tags
  image             = var.worker_image
  vpc_id            = var.vpc_id
  subnet_ids        = var.subnets_by_zone_id
  bootstrap         = module.foundation.bootstrap
  kafka_credentials = { secret_arn = module.foundation.identities["worker"].secret_arn }
  config_dir        = "${path.module}/connectors"
  rights            = { principal = module.foundation.identities["worker"].principal, cluster = module.foundation.cluster }
  task_policy_arns  = module.connector_roles.task_policy_arns
  egress = {
    https = { description = "AWS", port = 443, cidr_ipv4 = "0.0.0.0/0" }
    kafka = { description = "Kafka", port = 9092, cidr_ipv4 = "0.0.0.0/0" }
  }
  deletion_protection   = var.deletion_protection
  wait_for_steady_state = var.wait_for_steady_state
}
