# The smallest thing that works: a public Standard cluster, the test topic, and a producer and a consumer for it.
# One apply from any machine, for trying out; connectors of production stand on private-link-managed.

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
    type                = "standard"
    availability        = "LOW"
    max_ecku            = var.cluster_size
    deletion_protection = var.deletion_protection
  }
  clients = {
    producer = { description = "Writes the test topic", produces = [local.test_topic] }
    consumer = { description = "Reads the test topic", consumes = [local.test_topic], groups = ["example-*"] }
  }
  secret_recovery_days = var.secret_recovery_days
}

locals {
  test_topic = "example.orders.created"
}

module "topics" {
  source    = "../../modules/topics"
  providers = { confluent = confluent.data }

  protected = var.deletion_protection
  topics = {
    (local.test_topic) = { owner = var.owner, partitions = 3 }
  }
}
