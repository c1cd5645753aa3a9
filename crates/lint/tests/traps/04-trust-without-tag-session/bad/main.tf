resource "confluent_provider_integration" "s3" {
  display_name = "s3"
  environment {
    id = var.environment_id
  }
  aws {
    customer_role_arn = local.role_arn
  }
}

locals {
  role_arn = "arn:aws:iam::111122223333:role/sink"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [one(confluent_provider_integration.s3.aws[*].iam_role_arn)]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [one(confluent_provider_integration.s3.aws[*].external_id)]
    }
  }
}

variable "environment_id" {
  description = "Environment."
  type        = string
}
