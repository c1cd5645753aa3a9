resource "aws_s3_bucket" "this" {
  bucket = "lake"
  lifecycle {
    prevent_destroy = true
  }
}
