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

# Read at every run and kept nowhere: with the key in the provider, it stands in no topic's state.
ephemeral "aws_secretsmanager_secret_version" "admin" {
  secret_id = module.foundation.admin_key_secret_arn
}

locals {
  admin = jsondecode(ephemeral.aws_secretsmanager_secret_version.admin.secret_string)
}

provider "confluent" {
  alias               = "data"
  endpoint            = var.confluent_endpoint
  kafka_id            = module.foundation.cluster_id
  kafka_rest_endpoint = module.foundation.rest_endpoint
  kafka_api_key       = local.admin.kafka_api_key
  kafka_api_secret    = local.admin.kafka_api_secret
}
