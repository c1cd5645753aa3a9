# The endpoint service in front of the database: security group, network load balancer, listener, target group.
# Terraform owns the group; its targets belong to the refresher, unless they are fixed addresses.

resource "aws_security_group" "load_balancer" {
  count = local.own_service ? 1 : 0

  name_prefix = "${var.name}-egress-"
  description = "Load balancer between Confluent's egress endpoint and ${var.name}"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-egress" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "security_group" {
  for_each = local.own_service ? var.target_security_group_ids : {}

  security_group_id            = one(aws_security_group.load_balancer[*].id)
  description                  = "To ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = var.target.port
  to_port                      = var.target.port
  tags                         = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_vpc_security_group_egress_rule" "address" {
  for_each = local.own_service ? var.target.ips : {}

  security_group_id = one(aws_security_group.load_balancer[*].id)
  description       = "To ${each.key}"
  cidr_ipv4         = "${each.value}/32"
  ip_protocol       = "tcp"
  from_port         = var.target.port
  to_port           = var.target.port
  tags              = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_lb" "this" {
  count = local.own_service ? 1 : 0

  name               = local.lb_name
  load_balancer_type = "network"
  internal           = true
  subnets            = values(var.subnet_ids)
  security_groups    = aws_security_group.load_balancer[*].id
  tags               = merge(var.tags, { Name = local.lb_name })

  # The writer is in one zone only; every zone's address must lead to it.
  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = var.deletion_protection

  # Traffic by Private Link carries source addresses of Confluent's side, which no rule here could name.
  enforce_security_group_inbound_rules_on_private_link_traffic = "off"
}

resource "aws_lb_target_group" "this" {
  count = local.own_service ? 1 : 0

  name        = local.group_name
  target_type = "ip"
  protocol    = "TCP"
  port        = var.target.port
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = local.group_name })

  preserve_client_ip = "false"

  # After a failover, connections to the old writer are cut instead of left hanging.
  deregistration_delay   = "30"
  connection_termination = true

  health_check {
    protocol            = "TCP"
    interval            = 10
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_target_group_attachment" "fixed" {
  for_each = local.own_service && !var.refresher.enabled ? var.target.ips : {}

  target_group_arn = one(aws_lb_target_group.this[*].arn)
  target_id        = each.value
  port             = var.target.port
}

resource "aws_lb_listener" "this" {
  count = local.own_service ? 1 : 0

  load_balancer_arn        = one(aws_lb.this[*].arn)
  protocol                 = "TCP"
  port                     = var.target.port
  tcp_idle_timeout_seconds = var.idle_timeout_seconds
  tags                     = merge(var.tags, { Name = var.name })

  default_action {
    type             = "forward"
    target_group_arn = one(aws_lb_target_group.this[*].arn)
  }
}

resource "aws_vpc_endpoint_service" "this" {
  count = local.own_service ? 1 : 0

  acceptance_required        = var.acceptance_required
  network_load_balancer_arns = aws_lb.this[*].arn
  allowed_principals         = [local.principal_arn]
  tags                       = merge(var.tags, { Name = var.name })

  lifecycle {
    precondition {
      condition     = local.principal_arn != null
      error_message = "Gateway ${coalesce(local.gateway_id, "unset")} has no AWS principal, so nobody could connect to the endpoint service. It must be an AWS egress Private Link gateway or the gateway of a Private Link network."
    }
  }

  # A service whose listener is missing accepts endpoints that then lead nowhere.
  depends_on = [aws_lb_listener.this]
}
