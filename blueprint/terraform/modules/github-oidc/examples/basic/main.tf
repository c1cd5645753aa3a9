# Roles for the repository acme/streams in the account of dev.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

module "github" {
  source = "../.."

  name         = "streams-dev-euc1"
  tags         = { Project = "streams", Environment = "dev" }
  repository   = "acme/streams"
  state        = { bucket_arn = "arn:aws:s3:::acme-terraform-state", key_prefix = "streams/dev/" }
  environments = { dev = { policy_arns = { stacks = aws_iam_policy.stacks.arn } } }
}

# What the stacks make. A real one names more services.
resource "aws_iam_policy" "stacks" {
  name = "streams-dev-euc1-stacks"
  tags = { Project = "streams", Environment = "dev" }

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:CreateTable", "dynamodb:DescribeTable", "dynamodb:TagResource", "dynamodb:UpdateTable"]
      Resource = "arn:aws:dynamodb:eu-central-1:111122223333:table/streams-dev-*" # wildcard: the tables of this project
    }]
  })
}

output "plan_role_arn" {
  description = "For the workflow of pull requests."
  value       = module.github.plan_role_arn
}
