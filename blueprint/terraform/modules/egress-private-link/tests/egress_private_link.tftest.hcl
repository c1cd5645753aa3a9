mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mocked" }
  }
  mock_resource "aws_lb" {
    defaults = {
      arn        = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/orders/0123456789abcdef"
      arn_suffix = "net/orders/0123456789abcdef"
    }
  }
  mock_resource "aws_lb_target_group" {
    defaults = {
      arn        = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/orders/0123456789abcdef"
      arn_suffix = "targetgroup/orders/0123456789abcdef"
    }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:mocked" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = {
      arn                  = "arn:aws:ecs:eu-central-1:123456789012:task-definition/refresh:1"
      arn_without_revision = "arn:aws:ecs:eu-central-1:123456789012:task-definition/refresh"
    }
  }
  mock_resource "aws_vpc_endpoint_service" {
    defaults = { service_name = "com.amazonaws.vpce.eu-central-1.vpce-svc-0123456789abcdef0" }
  }
}

mock_provider "confluent" {
  mock_data "confluent_gateway" {
    defaults = { aws_egress_private_link_gateway = [{ principal_arn = "arn:aws:iam::999999999999:role/gateway", region = "eu-central-1" }] }
  }
}

variables {
  name           = "streams-dev-euc1-orders"
  tags           = { Owner = "platform", Environment = "dev" }
  environment_id = "env-abc123"
  gateway        = { id = "gw-abc123" }
  vpc_id         = "vpc-0123456789abcdef0"
  subnet_ids     = { euc1-az1 = "subnet-0123456789abcdef1", euc1-az2 = "subnet-0123456789abcdef2" }
  target = {
    kind     = "rds"
    hostname = "orders.cluster-abc123.eu-central-1.rds.amazonaws.com"
  }
  target_security_group_ids = { orders = "sg-0123456789abcdef0" }
  refresher = {
    cluster_arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/streams-dev"
    image       = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  }
}

run "defaults" {
  assert {
    condition     = aws_vpc_endpoint_service.this[0].allowed_principals == toset(["arn:aws:iam::999999999999:role/gateway"]) && output.principal_arn == "arn:aws:iam::999999999999:role/gateway"
    error_message = "the endpoint service must let the gateway's principal in, and nobody else"
  }
  assert {
    condition = (
      aws_lb_target_group.this[0].target_type == "ip"
      && aws_lb_target_group.this[0].preserve_client_ip == "false"
      && aws_lb.this[0].internal
      && aws_lb.this[0].enable_cross_zone_load_balancing
      && aws_lb.this[0].enforce_security_group_inbound_rules_on_private_link_traffic == "off"
    )
    error_message = "load balancer and target group are not those of a database behind Private Link"
  }
  assert {
    condition     = length(aws_lb_target_group_attachment.fixed) == 0
    error_message = "the refresher owns the targets; an attachment would fight it"
  }
  assert {
    condition     = output.dns_name == "orders.cluster-abc123.eu-central-1.rds.amazonaws.com" && confluent_dns_record.this.domain == output.dns_name
    error_message = "the record must carry the writer endpoint"
  }
  assert {
    condition = jsondecode(aws_ecs_task_definition.refresher[0].container_definitions)[0].entryPoint == ["sluice"] && jsondecode(aws_ecs_task_definition.refresher[0].container_definitions)[0].command == [
      "aws", "refresh-targets",
      "--target-group", "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/orders/0123456789abcdef",
      "--host", "orders.cluster-abc123.eu-central-1.rds.amazonaws.com"
    ]
    error_message = "command is ${jsonencode(jsondecode(aws_ecs_task_definition.refresher[0].container_definitions)[0].command)}"
  }
  assert {
    condition     = keys(aws_cloudwatch_event_target.refresher) == ["rds", "schedule"]
    error_message = "the refresher runs on events and on a schedule"
  }
  assert {
    condition     = confluent_access_point.this.aws_egress_private_link_endpoint[0].enable_high_availability && length(aws_vpc_endpoint_connection_accepter.this) == 0
    error_message = "highly available, and accepted without asking, by default"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.execution[0].policy).Statement[1].Resource == "arn:aws:ecr:eu-central-1:123456789012:repository/sluice"
    error_message = "the execution role may pull this one repository"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.task[0].policy).Statement[0].Resource == "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/orders/0123456789abcdef"
    error_message = "the task role may change this one target group"
  }
}

run "growth_changes_nothing_else" {
  variables {
    target = {
      kind     = "rds"
      hostname = "orders.cluster-abc123.eu-central-1.rds.amazonaws.com"
      aliases  = { custom = "orders.db.acme.example" }
    }
    target_security_group_ids = { another = "sg-0123456789abcdef1", orders = "sg-0123456789abcdef0" }
  }

  assert {
    condition = (
      output.access_point_id == run.defaults.access_point_id
      && output.security_group_id == run.defaults.security_group_id
      && output.endpoint_service_name == run.defaults.endpoint_service_name
      && confluent_dns_record.alias["custom"].domain == "orders.db.acme.example"
      && length(aws_vpc_security_group_egress_rule.security_group) == 2
    )
    error_message = "a further name or security group replaced something"
  }
}

run "full_with_the_longest_name_and_tags_everywhere" {
  variables {
    name                 = "a2345678901234567890123456789012345678901234567890123456789012"
    acceptance_required  = true
    deletion_protection  = false
    idle_timeout_seconds = 3600
    refresher = {
      cluster_arn        = "arn:aws:ecs:eu-central-1:123456789012:cluster/streams-dev"
      image              = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      schedule           = "cron(0/5 * * * ? *)"
      rds_identifier     = "orders"
      log_retention_days = 90
      cpu_architecture   = "ARM64"
    }
  }

  assert {
    condition     = length(aws_vpc_endpoint_connection_accepter.this) == 1 && aws_vpc_endpoint_service.this[0].acceptance_required
    error_message = "what must be accepted is accepted by this module"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.event["rds"].event_pattern).detail.SourceIdentifier == [{ prefix = "orders" }]
    error_message = "the event pattern must leave out other databases"
  }
  assert {
    condition = (
      length(aws_lb.this[0].name) <= 32
      && length(aws_lb_target_group.this[0].name) <= 32
      && alltrue([for r in [aws_iam_role.execution[0], aws_iam_role.task[0], aws_iam_role.events[0]] : length(r.name) <= 64])
      && length(aws_cloudwatch_event_rule.schedule[0].name) <= 64
      && length(aws_cloudwatch_event_rule.event["rds"].name) <= 64
    )
    error_message = "a name is too long"
  }
  assert {
    condition = alltrue([for tags in concat(
      [
        aws_security_group.load_balancer[0].tags, aws_lb.this[0].tags, aws_lb_target_group.this[0].tags, aws_lb_listener.this[0].tags,
        aws_vpc_endpoint_service.this[0].tags, aws_cloudwatch_log_group.refresher[0].tags, aws_iam_role.execution[0].tags,
        aws_iam_role.task[0].tags, aws_iam_role.events[0].tags, aws_security_group.refresher[0].tags,
        aws_vpc_security_group_egress_rule.refresher[0].tags, aws_ecs_task_definition.refresher[0].tags,
        aws_cloudwatch_event_rule.schedule[0].tags, aws_cloudwatch_event_rule.event["rds"].tags
      ],
      values(aws_vpc_security_group_egress_rule.security_group)[*].tags,
      values(aws_cloudwatch_event_target.refresher)[*].ecs_target[0].tags
    ) : tags["Owner"] == "platform" && tags["Environment"] == "dev" && tags["Name"] != ""])
    error_message = "a resource is without its tags"
  }
}

run "fixed_addresses" {
  command = plan
  variables {
    target = {
      kind     = "rds"
      hostname = "legacy.db.acme.example"
      port     = 5433
      ips      = { primary = "10.20.30.40" }
    }
    target_security_group_ids = {}
    refresher                 = { enabled = false }
  }

  assert {
    condition     = aws_lb_target_group_attachment.fixed["primary"].target_id == "10.20.30.40" && aws_vpc_security_group_egress_rule.address["primary"].cidr_ipv4 == "10.20.30.40/32"
    error_message = "a fixed address is a target, and the load balancer may reach it"
  }
  assert {
    condition     = length(aws_ecs_task_definition.refresher) == 0 && length(aws_cloudwatch_event_target.refresher) == 0 && length(aws_iam_role.task) == 0
    error_message = "no refresher was asked for"
  }
}

run "service_on_an_enterprise_gateway" {
  command = plan
  variables {
    gateway                   = { region = "eu-central-1" }
    vpc_id                    = null
    subnet_ids                = {}
    target_security_group_ids = {}
    refresher                 = {}
    target = {
      kind         = "service"
      service_name = "com.amazonaws.eu-central-1.s3"
      hostname     = "*.s3.eu-central-1.amazonaws.com"
    }
  }

  assert {
    condition     = length(aws_lb.this) == 0 && length(aws_vpc_endpoint_service.this) == 0 && length(confluent_gateway.this) == 1 && length(data.confluent_gateway.existing) == 0
    error_message = "a service of AWS needs no load balancer, an Enterprise cluster its own gateway"
  }
  assert {
    condition     = confluent_access_point.this.aws_egress_private_link_endpoint[0].vpc_endpoint_service_name == "com.amazonaws.eu-central-1.s3"
    error_message = "the access point leads to the service"
  }
}

run "rejects_a_gateway_without_principal" {
  command = plan
  override_data {
    target = data.confluent_gateway.existing
    values = { aws_egress_private_link_gateway = [] }
  }
  expect_failures = [aws_vpc_endpoint_service.this]
}

# Other variables' checks look at target; when target is wrong they are not evaluated, so it has its own runs.
run "rejects_wrong_values" {
  command = plan
  variables {
    name                      = "Orders_"
    environment_id            = "orders"
    gateway                   = { id = "n-abc123" }
    vpc_id                    = "orders"
    subnet_ids                = { eu-central-1a = "subnet-0123456789abcdef1", euc1-az2 = "subnet-0123456789abcdef2" }
    target_security_group_ids = { orders = "orders" }
    idle_timeout_seconds      = 30
    refresher                 = { cluster_arn = "streams-dev", image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice@sha256:0000000000000000000000000000000000000000000000000000000000000000" }
  }
  expect_failures = [
    var.name, var.environment_id, var.gateway, var.vpc_id, var.subnet_ids, var.target_security_group_ids,
    var.idle_timeout_seconds, var.refresher
  ]
}

run "rejects_an_unknown_kind_and_both_gateways" {
  command = plan
  variables {
    gateway = { id = "gw-abc123", region = "eu-central-1" }
    target  = { kind = "lambda", hostname = "orders.db.acme.example" }
  }
  expect_failures = [var.gateway, var.target]
}

run "rejects_a_url_and_no_gateway" {
  command = plan
  variables {
    gateway = {}
    target  = { kind = "rds", hostname = "https://orders.db.acme.example" }
  }
  expect_failures = [var.gateway, var.target]
}

run "rejects_a_reader_endpoint_and_a_wrong_region" {
  command = plan
  variables {
    gateway = { region = "Frankfurt" }
    target  = { kind = "rds", hostname = "orders.cluster-ro-abc123.eu-central-1.rds.amazonaws.com" }
  }
  expect_failures = [var.gateway, var.target]
}

run "rejects_the_management_api_of_rds" {
  command = plan
  variables {
    target = { kind = "service", hostname = "rds.eu-central-1.amazonaws.com", service_name = "com.amazonaws.eu-central-1.rds" }
  }
  expect_failures = [var.target]
}

run "rejects_a_service_without_name" {
  command = plan
  variables {
    target = { kind = "service", hostname = "s3.eu-central-1.amazonaws.com" }
  }
  expect_failures = [var.target]
}

run "rejects_a_service_that_is_none" {
  command = plan
  variables {
    target = { kind = "service", hostname = "s3.eu-central-1.amazonaws.com", service_name = "s3" }
  }
  expect_failures = [var.target]
}

run "rejects_a_wrong_port" {
  command = plan
  variables {
    target = { kind = "rds", hostname = "orders.db.acme.example", port = 70000 }
  }
  expect_failures = [var.target]
}

run "rejects_a_wrong_address" {
  command = plan
  variables {
    target = { kind = "rds", hostname = "orders.db.acme.example", ips = { primary = "10.20.30" } }
  }
  expect_failures = [var.target]
}

run "rejects_one_zone_for_high_availability_and_a_missing_image" {
  command = plan
  variables {
    subnet_ids = { euc1-az1 = "subnet-0123456789abcdef1" }
    refresher  = { cluster_arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/streams-dev" }
  }
  expect_failures = [var.subnet_ids, var.refresher]
}

run "rejects_a_wrong_subnet_and_a_tagged_image" {
  command = plan
  variables {
    subnet_ids = { euc1-az1 = "euc1-az1", euc1-az2 = "subnet-0123456789abcdef2" }
    refresher = {
      cluster_arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/streams-dev"
      image       = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice:latest"
    }
  }
  expect_failures = [var.subnet_ids, var.refresher]
}

run "rejects_no_vpc_no_target_and_a_wrong_schedule" {
  command = plan
  variables {
    vpc_id                    = null
    target_security_group_ids = {}
    refresher = {
      cluster_arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/streams-dev"
      image       = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      schedule    = "every five minutes"
    }
  }
  expect_failures = [var.vpc_id, var.target_security_group_ids, var.refresher]
}

run "rejects_no_refresher_and_no_addresses" {
  command = plan
  variables {
    refresher = { enabled = false }
  }
  expect_failures = [var.refresher]
}

run "rejects_a_retention_that_cloudwatch_does_not_have" {
  command = plan
  variables {
    refresher = {
      cluster_arn        = "arn:aws:ecs:eu-central-1:123456789012:cluster/streams-dev"
      image              = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      log_retention_days = 31
    }
  }
  expect_failures = [var.refresher]
}

run "rejects_an_unknown_architecture" {
  command = plan
  variables {
    refresher = {
      cluster_arn      = "arn:aws:ecs:eu-central-1:123456789012:cluster/streams-dev"
      image            = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      cpu_architecture = "arm"
    }
  }
  expect_failures = [var.refresher]
}

run "rejects_a_security_group_that_is_none" {
  command = plan
  variables {
    refresher = {
      cluster_arn        = "arn:aws:ecs:eu-central-1:123456789012:cluster/streams-dev"
      image              = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      security_group_ids = ["orders"]
    }
  }
  expect_failures = [var.refresher]
}
