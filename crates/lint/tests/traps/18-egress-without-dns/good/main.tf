resource "confluent_access_point" "db" {
  display_name = "db"
  environment {
    id = var.environment_id
  }
  gateway {
    id = var.gateway_id
  }
  aws_egress_private_link_endpoint {
    vpc_endpoint_service_name = "com.amazonaws.vpce.svc"
    enable_high_availability  = true
  }
}

resource "confluent_dns_record" "db" {
  domain = var.writer
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

variable "writer" {
  description = "Writer endpoint."
  type        = string
}
