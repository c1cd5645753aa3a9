resource "confluent_private_link_access" "this" {
  environment {
    id = var.environment_id
  }
  network {
    id = "n-1"
  }
  aws {
    account = "111122223333"
  }
}

resource "aws_route53_record" "zonal" {
  zone_id = "Z1"
  name    = "*.example.com"
  type    = "CNAME"
  ttl     = 60
  records = ["vpce.example.com"]
}
resource "confluent_kafka_topic" "orders" {
  topic_name       = "orders"
  partitions_count = 6
  depends_on = [aws_route53_record.zonal]
}

variable "environment_id" {
  description = "Environment."
  type        = string
}
