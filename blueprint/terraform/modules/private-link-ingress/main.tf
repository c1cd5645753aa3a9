# The way from a VPC into a Confluent network: an interface endpoint, a security group in front of it, and the DNS
# names that the brokers' certificates carry.

locals {
  ports = concat([443, 9092], var.allow_http_redirect ? [80] : [])

  security_group_rules = merge([for client in keys(var.client_security_group_ids) : {
    for port in local.ports : "${client}/${port}" => { client = client, port = port }
  }]...)
  cidr_rules = merge([for client in keys(var.client_cidrs) : {
    for port in local.ports : "${client}/${port}" => { client = client, port = port }
  }]...)

  single_zone = length(var.subnets_by_zone_id) == 1

  # The first entry is the regional name, <endpoint>.<service>.<region>.vpce.amazonaws.com; a zone's own name has the
  # AZ's name behind the first label.
  endpoint_dns_name = aws_vpc_endpoint.this.dns_entry[0].dns_name
  endpoint_label    = split(".", local.endpoint_dns_name)[0]
  zonal_names = {
    for zone in keys(var.subnets_by_zone_id) : zone => replace(
      local.endpoint_dns_name,
      "/^[^.]+/",
      "${local.endpoint_label}-${data.aws_availability_zone.this[zone].name}"
    )
  }
}

data "aws_availability_zone" "this" {
  for_each = var.subnets_by_zone_id

  zone_id = each.key
}

resource "aws_security_group" "this" {
  name_prefix = "${var.name}-privatelink-"
  description = "Clients of Confluent Cloud over Private Link"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-privatelink" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "security_group" {
  for_each = local.security_group_rules

  security_group_id            = aws_security_group.this.id
  description                  = "${each.value.client} on ${each.value.port}"
  referenced_security_group_id = var.client_security_group_ids[each.value.client]
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  tags                         = merge(var.tags, { Name = "${var.name}-${each.value.client}-${each.value.port}" })
}

resource "aws_vpc_security_group_ingress_rule" "cidr" {
  for_each = local.cidr_rules

  security_group_id = aws_security_group.this.id
  description       = "${each.value.client} on ${each.value.port}"
  cidr_ipv4         = var.client_cidrs[each.value.client]
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  tags              = merge(var.tags, { Name = "${var.name}-${each.value.client}-${each.value.port}" })
}

resource "aws_vpc_endpoint" "this" {
  vpc_id             = var.vpc_id
  vpc_endpoint_type  = "Interface"
  service_name       = var.service_name
  subnet_ids         = values(var.subnets_by_zone_id)
  security_group_ids = [aws_security_group.this.id]
  tags               = merge(var.tags, { Name = "${var.name}-privatelink" })

  # Confluent's service has no private DNS name of its own; the zone below does the naming.
  private_dns_enabled = false
}

resource "aws_route53_zone" "this" {
  name    = var.dns_domain
  comment = "Confluent Cloud over Private Link"
  tags    = merge(var.tags, { Name = "${var.name}-privatelink" })

  vpc {
    vpc_id = var.vpc_id
  }

  lifecycle {
    # Further VPCs are associated with aws_route53_zone_association, outside this module.
    ignore_changes = [vpc]
  }
}

resource "aws_route53_record" "regional" {
  count = local.single_zone ? 0 : 1

  zone_id = aws_route53_zone.this.zone_id
  name    = "*.${var.dns_domain}"
  type    = "CNAME"
  ttl     = 60
  records = [local.endpoint_dns_name]
}

resource "aws_route53_record" "zonal" {
  for_each = var.subnets_by_zone_id

  zone_id = aws_route53_zone.this.zone_id
  name    = local.single_zone ? "*.${var.dns_domain}" : "*.${each.key}.${var.dns_domain}"
  type    = "CNAME"
  ttl     = 60
  records = [local.zonal_names[each.key]]
}
