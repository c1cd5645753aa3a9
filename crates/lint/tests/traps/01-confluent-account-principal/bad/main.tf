data "confluent_organization" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.confluent_organization.current.resource_id}:root"]
    }
  }
}
