resource "aws_iam_role_policy" "a" {
  role = "a"
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:*"
      Resource = "arn:aws:s3:::lake"
    }]
  })
}
