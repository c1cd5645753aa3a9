data "aws_iam_policy_document" "a" {
  # A token is for the registry and has no resource.
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
}
