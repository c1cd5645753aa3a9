# From Confluent-hosted connectors to a service in this VPC (or of AWS), without the internet.
#
# Confluent's gateway opens an endpoint (the access point) to an endpoint service. For a database that service stands
# in front of a network load balancer, whose target group holds the address of the writer. The DNS record makes the
# connector resolve the database's real name to the endpoint, so that TLS can check it.

locals {
  own_service = var.target.kind == "rds"
  new_gateway = var.gateway.region != null

  # Ids go through locals: a data block that names a resource's attribute directly is read only at apply whenever that
  # resource has a pending change, and then everything behind it looks new.
  environment_id = var.environment_id
  gateway_id     = local.new_gateway ? one(confluent_gateway.this[*].id) : var.gateway.id
  principal_arn = local.new_gateway ? one(flatten(
    confluent_gateway.this[*].aws_egress_private_link_gateway[*].principal_arn
    )) : one(flatten(
    data.confluent_gateway.existing[*].aws_egress_private_link_gateway[*].principal_arn
  ))

  service_name = local.own_service ? one(aws_vpc_endpoint_service.this[*].service_name) : var.target.service_name

  # 32 characters at most for a load balancer and a target group.
  lb_name = length(var.name) <= 32 ? var.name : "${trimsuffix(substr(var.name, 0, 25), "-")}-${substr(sha256(var.name), 0, 6)}"
  # The port is part of the target group's name, because another port means another group beside the old one.
  group_full_name = "${var.name}-${var.target.port}"
  group_name      = length(local.group_full_name) <= 32 ? local.group_full_name : "${trimsuffix(substr(local.group_full_name, 0, 25), "-")}-${substr(sha256(local.group_full_name), 0, 6)}"
}

data "confluent_gateway" "existing" {
  count = local.new_gateway ? 0 : 1

  id = var.gateway.id

  environment {
    id = local.environment_id
  }
}

resource "confluent_gateway" "this" {
  count = local.new_gateway ? 1 : 0

  display_name = "${var.name}-egress"

  environment {
    id = var.environment_id
  }

  aws_egress_private_link_gateway {
    region = var.gateway.region
  }
}

resource "confluent_access_point" "this" {
  display_name = var.name

  environment {
    id = var.environment_id
  }

  gateway {
    id = local.gateway_id
  }

  aws_egress_private_link_endpoint {
    vpc_endpoint_service_name = local.service_name
    enable_high_availability  = var.high_availability
  }
}

resource "aws_vpc_endpoint_connection_accepter" "this" {
  count = local.own_service && var.acceptance_required ? 1 : 0

  vpc_endpoint_service_id = one(aws_vpc_endpoint_service.this[*].id)
  vpc_endpoint_id         = one(confluent_access_point.this.aws_egress_private_link_endpoint[*].vpc_endpoint_id)
}

resource "confluent_dns_record" "this" {
  display_name = var.name
  domain       = var.target.hostname

  environment {
    id = var.environment_id
  }

  gateway {
    id = local.gateway_id
  }

  private_link_access_point {
    id = confluent_access_point.this.id
  }

  # A record in front of an endpoint that nobody accepted would send connectors nowhere.
  depends_on = [aws_vpc_endpoint_connection_accepter.this]
}

resource "confluent_dns_record" "alias" {
  for_each = var.target.aliases

  display_name = "${var.name}-${each.key}"
  domain       = each.value

  environment {
    id = var.environment_id
  }

  gateway {
    id = local.gateway_id
  }

  private_link_access_point {
    id = confluent_access_point.this.id
  }

  depends_on = [aws_vpc_endpoint_connection_accepter.this]
}
