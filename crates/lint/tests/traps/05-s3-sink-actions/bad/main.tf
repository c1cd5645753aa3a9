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

data "aws_iam_policy_document" "sink" {
  statement {
    actions   = ["s3:ListBucket", "s3:PutObject", "s3:DeleteObject"]
    resources = ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"]
  }
}

variable "environment_id" {
  description = "Environment."
  type        = string
}
