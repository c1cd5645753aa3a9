resource "aws_vpc_endpoint_service" "db" {
  acceptance_required        = false
  network_load_balancer_arns = [aws_lb.db.arn]
  allowed_principals         = ["arn:aws:iam::111122223333:root"]
}

resource "aws_lb" "db" {
  name               = "db"
  load_balancer_type = "network"
  internal           = true
  subnets            = ["subnet-1"]
  enable_cross_zone_load_balancing = true
  security_groups = ["sg-1"]
  enforce_security_group_inbound_rules_on_private_link_traffic = "off"
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
