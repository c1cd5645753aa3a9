# Who reaches the worker, and what it reaches.

locals {
  discovery     = var.rest.exposure == "service_discovery" && var.image != null ? { rest = var.name } : {}
  load_balancer = var.rest.exposure == "internal_nlb" && var.image != null ? { rest = local.lb_name } : {}

  clients = var.rest.client_security_group_ids
}

resource "aws_security_group" "this" {
  name_prefix            = "${var.name}-"
  description            = "${var.name}: the workers"
  vpc_id                 = var.vpc_id
  revoke_rules_on_delete = true
  tags                   = local.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = var.egress

  security_group_id            = aws_security_group.this.id
  description                  = each.value.description
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  cidr_ipv4                    = each.value.cidr_ipv4
  prefix_list_id               = each.value.prefix_list_id
  referenced_security_group_id = each.value.security_group_id
  tags                         = merge(local.tags, { Name = "${var.name}-${each.key}" })
}

# Workers of a group send each other requests: to the leader, and to the one that has a connector. Nobody else gets in by
# these rules.
resource "aws_vpc_security_group_ingress_rule" "peers" {
  security_group_id            = aws_security_group.this.id
  description                  = "REST from the other workers"
  ip_protocol                  = "tcp"
  from_port                    = local.rest_port
  to_port                      = local.rest_port
  referenced_security_group_id = aws_security_group.this.id
  tags                         = merge(local.tags, { Name = "${var.name}-peers" })
}

resource "aws_vpc_security_group_egress_rule" "peers" {
  security_group_id            = aws_security_group.this.id
  description                  = "REST of the other workers"
  ip_protocol                  = "tcp"
  from_port                    = local.rest_port
  to_port                      = local.rest_port
  referenced_security_group_id = aws_security_group.this.id
  tags                         = merge(local.tags, { Name = "${var.name}-peers" })
}

# By service discovery clients come to the task itself; by the load balancer they come to it first.
resource "aws_vpc_security_group_ingress_rule" "rest" {
  for_each = var.rest.exposure == "service_discovery" ? local.clients : {}

  security_group_id            = aws_security_group.this.id
  description                  = "REST from ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = local.rest_port
  to_port                      = local.rest_port
  referenced_security_group_id = each.value
  tags                         = merge(local.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_service_discovery_private_dns_namespace" "this" {
  for_each = local.discovery

  name        = "${var.name}.internal"
  description = "${var.name}: the worker's REST"
  vpc         = var.vpc_id
  tags        = local.tags
}

resource "aws_service_discovery_service" "this" {
  for_each = local.discovery

  name = "worker"
  tags = local.tags

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.this[each.key].id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }

  health_check_custom_config {
    failure_threshold = 1
  }
}

resource "aws_security_group" "load_balancer" {
  for_each = local.load_balancer

  name_prefix            = "${var.name}-rest-"
  description            = "${var.name}: who reaches the worker's REST"
  vpc_id                 = var.vpc_id
  revoke_rules_on_delete = true
  tags                   = merge(local.tags, { Name = "${var.name}-rest" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  for_each = length(local.load_balancer) == 0 ? {} : local.clients

  security_group_id            = aws_security_group.load_balancer["rest"].id
  description                  = "REST from ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = local.rest_port
  to_port                      = local.rest_port
  referenced_security_group_id = each.value
  tags                         = merge(local.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_vpc_security_group_egress_rule" "load_balancer" {
  for_each = local.load_balancer

  security_group_id            = aws_security_group.load_balancer[each.key].id
  description                  = "REST and health checks of the worker"
  ip_protocol                  = "tcp"
  from_port                    = local.rest_port
  to_port                      = local.rest_port
  referenced_security_group_id = aws_security_group.this.id
  tags                         = merge(local.tags, { Name = "${var.name}-rest" })
}

resource "aws_vpc_security_group_ingress_rule" "from_load_balancer" {
  for_each = local.load_balancer

  security_group_id            = aws_security_group.this.id
  description                  = "REST from the load balancer"
  ip_protocol                  = "tcp"
  from_port                    = local.rest_port
  to_port                      = local.rest_port
  referenced_security_group_id = aws_security_group.load_balancer[each.key].id
  tags                         = merge(local.tags, { Name = "${var.name}-rest" })
}

resource "aws_lb" "this" {
  for_each = local.load_balancer

  name                             = each.value
  load_balancer_type               = "network"
  internal                         = true
  subnets                          = values(var.subnet_ids)
  security_groups                  = [aws_security_group.load_balancer[each.key].id]
  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = var.deletion_protection
  tags                             = local.tags
}

resource "aws_lb_target_group" "this" {
  for_each = local.load_balancer

  name                 = each.value
  vpc_id               = var.vpc_id
  target_type          = "ip"
  port                 = local.rest_port
  protocol             = "TCP"
  preserve_client_ip   = "false"
  deregistration_delay = "30"
  tags                 = local.tags

  # A load balancer has no certificate to show: then a connection is all that it can try. ECS asks for /health itself.
  health_check {
    protocol = var.rest_tls == null ? "HTTP" : "TCP"
    path     = var.rest_tls == null ? "/health" : null
    port     = "traffic-port"
    matcher  = var.rest_tls == null ? "200" : null
    interval = 30
  }
}

resource "aws_lb_listener" "this" {
  for_each = local.load_balancer

  load_balancer_arn = aws_lb.this[each.key].arn
  port              = local.rest_port
  protocol          = "TCP"
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }
}
