resource "confluent_access_point" "db" {
  display_name = "db"
  environment {
    id = var.environment_id
  }
  gateway {
    id = var.gateway_id
  }
  aws_egress_private_link_endpoint {
    vpc_endpoint_service_name = "com.amazonaws.eu-central-1.s3"
    enable_high_availability  = true
  }
}

resource "confluent_dns_record" "db" {
  domain = "*.s3.eu-central-1.amazonaws.com"
  environment {
    id = var.environment_id
  }
  gateway {
    id = var.gateway_id
  }
  private_link_access_point {
    id = confluent_access_point.db.id
  }
}

variable "environment_id" {
  description = "Environment."
  type        = string
}

variable "gateway_id" {
  description = "Gateway."
  type        = string
}
