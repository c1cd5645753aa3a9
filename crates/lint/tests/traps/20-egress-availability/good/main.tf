resource "aws_vpc_endpoint_service" "db" {
  acceptance_required        = true
  network_load_balancer_arns = [aws_lb.db.arn]
  allowed_principals         = ["arn:aws:iam::111122223333:root"]
}

resource "aws_lb" "db" {
  name               = "db"
  load_balancer_type = "network"
  internal           = true
  subnets            = ["subnet-1"]
  enable_cross_zone_load_balancing = true
}

resource "aws_lb_target_group" "db" {
  name     = "db"
  port     = 5432
  protocol = "TCP"
  vpc_id   = "vpc-1"
  target_type = "ip"
}

resource "aws_lb_listener" "db" {
  load_balancer_arn = aws_lb.db.arn
  port              = 5432
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.db.arn
  }
}

resource "aws_cloudwatch_event_rule" "refresh" {
  name                = "refresh"
  schedule_expression = "rate(5 minutes)"
}

resource "aws_cloudwatch_metric_alarm" "targets" {
  alarm_name          = "targets"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = 0
  period              = 60
  statistic           = "Maximum"
  namespace           = "AWS/NetworkELB"
  metric_name         = "UnHealthyHostCount"
  treat_missing_data  = "breaching"
  dimensions = {
    LoadBalancer = "net/db/1"
    TargetGroup  = "targetgroup/db/1"
  }
}
resource "confluent_access_point" "db" {
  display_name = "db"
  environment {
    id = var.environment_id
  }
  gateway {
    id = var.gateway_id
  }
  aws_egress_private_link_endpoint {
    vpc_endpoint_service_name = aws_vpc_endpoint_service.db.service_name
    enable_high_availability  = true
  }
}

resource "confluent_dns_record" "db" {
  domain = "db.example.com"
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

resource "aws_vpc_endpoint_connection_accepter" "db" {
  vpc_endpoint_service_id = aws_vpc_endpoint_service.db.id
  vpc_endpoint_id         = one(confluent_access_point.db.aws_egress_private_link_endpoint[*].vpc_endpoint_id)
}
