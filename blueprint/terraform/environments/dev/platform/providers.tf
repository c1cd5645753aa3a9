terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
    confluent = {
      source  = "confluentinc/confluent"
      version = "~> 2.83"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = module.label.tags
  }
}

# The cloud API key comes from CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET.
provider "confluent" {
  endpoint = var.confluent_endpoint
}

# Read at every run and kept nowhere: with the keys in the provider, they stand in no topic's state.
ephemeral "aws_secretsmanager_secret_version" "admin" {
  secret_id = local.foundation.admin_key_secret_arn
}

locals {
  admin = jsondecode(ephemeral.aws_secretsmanager_secret_version.admin.secret_string)
}

provider "confluent" {
  alias                         = "data"
  endpoint                      = var.confluent_endpoint
  kafka_id                      = local.foundation.cluster.id
  kafka_rest_endpoint           = local.foundation.rest_endpoint
  kafka_api_key                 = local.admin.kafka_api_key
  kafka_api_secret              = local.admin.kafka_api_secret
  schema_registry_id            = local.foundation.schema_registry.id
  schema_registry_rest_endpoint = coalesce(local.foundation.schema_registry.private_rest, local.foundation.schema_registry.rest)
  schema_registry_api_key       = local.admin.schema_registry_api_key
  schema_registry_api_secret    = local.admin.schema_registry_api_secret
}
