resource "aws_iam_role_policy" "a" {
  role = "a"
  policy = <<-EOT
    {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
  EOT
}
