# What every other stack stands on: environment, Private Link network, cluster, Schema Registry. Only control-plane
# APIs are used, so it can be applied from anywhere.

locals {
  # A cluster's name may have more characters, but one name for all is easier to find.
  display_name = var.name

  # Through a local on purpose: the registry exists once the environment has a cluster, so the look-up must wait for it.
  # A depends_on, or naming the cluster in the data block itself, would put the look-up off at every later change of the
  # cluster, and the registry's keys, schemas and settings would be planned anew.
  sr_environment_id = confluent_kafka_cluster.this.environment[0].id
}

resource "confluent_environment" "this" {
  display_name = local.display_name

  stream_governance {
    package = var.stream_governance_package
  }
}

resource "confluent_network" "this" {
  count = var.network == null ? 0 : 1

  display_name     = local.display_name
  cloud            = "AWS"
  region           = var.region
  connection_types = ["PRIVATELINK"]
  zones            = var.network.zone_ids

  environment {
    id = confluent_environment.this.id
  }

  dns_config {
    resolution = var.network.dns_resolution
  }
}

resource "confluent_private_link_access" "this" {
  count = var.network == null ? 0 : 1

  display_name = local.display_name

  environment {
    id = confluent_environment.this.id
  }

  network {
    id = confluent_network.this[0].id
  }

  aws {
    account = var.network.aws_account_id
  }
}

resource "confluent_kafka_cluster" "this" {
  display_name        = local.display_name
  cloud               = "AWS"
  region              = var.region
  availability        = var.cluster.availability
  deletion_protection = var.cluster.deletion_protection

  environment {
    id = confluent_environment.this.id
  }

  dynamic "basic" {
    for_each = var.cluster.type == "basic" ? [var.cluster] : []
    content {
      max_ecku = basic.value.max_ecku
    }
  }

  dynamic "standard" {
    for_each = var.cluster.type == "standard" ? [var.cluster] : []
    content {
      max_ecku = standard.value.max_ecku
    }
  }

  dynamic "enterprise" {
    for_each = var.cluster.type == "enterprise" ? [var.cluster] : []
    content {
      max_ecku = enterprise.value.max_ecku
    }
  }

  dynamic "freight" {
    for_each = var.cluster.type == "freight" ? [var.cluster] : []
    content {
      max_ecku = freight.value.max_ecku
    }
  }

  dynamic "dedicated" {
    for_each = var.cluster.type == "dedicated" ? [var.cluster] : []
    content {
      cku = dedicated.value.cku
    }
  }

  dynamic "network" {
    for_each = confluent_network.this[*].id
    content {
      id = network.value
    }
  }
}

data "confluent_schema_registry_cluster" "this" {
  environment {
    id = local.sr_environment_id
  }
}
