# Alarms for one worker and one database, by email.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

module "monitoring" {
  source = "../.."

  name        = "streams-dev-euc1"
  tags        = { Project = "streams", Environment = "dev" }
  environment = "dev"
  subscribers = { platform = { protocol = "email", endpoint = "platform@acme.example" } }

  workers = {
    main = {
      cluster_name   = "streams-dev-euc1-worker"
      service_name   = "streams-dev-euc1-worker"
      log_group_name = aws_cloudwatch_log_group.worker.name
    }
  }

  databases  = { orders = { cluster_identifier = "streams-dev-euc1-orders" } }
  connectors = { orders-lake = { kind = "sink", max_lag = 50000 } }
}

resource "aws_cloudwatch_log_group" "worker" {
  name              = "/sluice/streams-dev-euc1-worker/worker"
  retention_in_days = 14
  tags              = { Project = "streams", Environment = "dev" }
}

output "topic_arn" {
  description = "Topic of the alarms."
  value       = module.monitoring.topic_arn
}
