import {
  to = aws_s3_bucket.a
  id = "a"
}
