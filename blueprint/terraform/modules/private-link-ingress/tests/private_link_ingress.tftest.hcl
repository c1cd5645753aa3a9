mock_provider "aws" {
  mock_resource "aws_vpc_endpoint" {
    defaults = {
      dns_entry = [
        { dns_name = "vpce-0abc-xyz.vpce-svc-0def.eu-central-1.vpce.amazonaws.com", hosted_zone_id = "Z1" },
        { dns_name = "vpce-0abc-xyz-eu-central-1a.vpce-svc-0def.eu-central-1.vpce.amazonaws.com", hosted_zone_id = "Z1" }
      ]
    }
  }
  override_data {
    target = data.aws_availability_zone.this["euc1-az1"]
    values = { name = "eu-central-1c" }
  }
  override_data {
    target = data.aws_availability_zone.this["euc1-az2"]
    values = { name = "eu-central-1a" }
  }
  override_data {
    target = data.aws_availability_zone.this["euc1-az3"]
    values = { name = "eu-central-1b" }
  }
}

variables {
  name   = "streams-dev-euc1"
  tags   = { Owner = "platform", Environment = "dev" }
  vpc_id = "vpc-0123456789abcdef0"
  subnets_by_zone_id = {
    euc1-az1 = "subnet-0123456789abcdef1"
    euc1-az2 = "subnet-0123456789abcdef2"
  }
  service_name              = "com.amazonaws.vpce.eu-central-1.vpce-svc-0123456789abcdef0"
  dns_domain                = "abc123.eu-central-1.aws.confluent.cloud"
  client_security_group_ids = { worker = "sg-0123456789abcdef0" }
}

run "defaults" {
  assert {
    condition = output.records == tomap({
      "*.abc123.eu-central-1.aws.confluent.cloud"          = "vpce-0abc-xyz.vpce-svc-0def.eu-central-1.vpce.amazonaws.com"
      "*.euc1-az1.abc123.eu-central-1.aws.confluent.cloud" = "vpce-0abc-xyz-eu-central-1c.vpce-svc-0def.eu-central-1.vpce.amazonaws.com"
      "*.euc1-az2.abc123.eu-central-1.aws.confluent.cloud" = "vpce-0abc-xyz-eu-central-1a.vpce-svc-0def.eu-central-1.vpce.amazonaws.com"
    })
    error_message = "records are ${jsonencode(output.records)}"
  }
  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.security_group)) == toset(["worker/443", "worker/9092"])
    error_message = "rules are ${join(", ", keys(aws_vpc_security_group_ingress_rule.security_group))}"
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.cidr) == 0 && aws_vpc_endpoint.this.private_dns_enabled == false
    error_message = "no ranges were given, and private DNS must be off"
  }
}

run "growth_changes_nothing_else" {
  variables {
    subnets_by_zone_id = {
      euc1-az1 = "subnet-0123456789abcdef1"
      euc1-az2 = "subnet-0123456789abcdef2"
      euc1-az3 = "subnet-0123456789abcdef3"
    }
    client_security_group_ids = { another = "sg-0123456789abcdef1", worker = "sg-0123456789abcdef0" }
  }

  assert {
    condition = (
      output.vpc_endpoint_id == run.defaults.vpc_endpoint_id
      && output.security_group_id == run.defaults.security_group_id
      && output.zone_id == run.defaults.zone_id
      && alltrue([for name, target in run.defaults.records : output.records[name] == target])
    )
    error_message = "a further zone or client replaced something"
  }
}

run "full_with_the_longest_name_and_tags_everywhere" {
  variables {
    name                = "a2345678901234567890123456789012345678901234567890123456789012"
    client_cidrs        = { onprem = "10.20.0.0/16" }
    allow_http_redirect = true
  }

  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.cidr)) == toset(["onprem/443", "onprem/9092", "onprem/80"])
    error_message = "rules are ${join(", ", keys(aws_vpc_security_group_ingress_rule.cidr))}"
  }
  assert {
    condition     = contains(output.client_rules, { client = "10.20.0.0/16", port = 9092 }) && contains(output.client_rules, { client = "sg-0123456789abcdef0", port = 443 })
    error_message = "client rules are ${jsonencode(output.client_rules)}"
  }
  assert {
    condition = alltrue([for tags in concat(
      [aws_security_group.this.tags, aws_vpc_endpoint.this.tags, aws_route53_zone.this.tags],
      values(aws_vpc_security_group_ingress_rule.security_group)[*].tags,
      values(aws_vpc_security_group_ingress_rule.cidr)[*].tags
    ) : tags["Owner"] == "platform" && tags["Environment"] == "dev" && tags["Name"] != ""])
    error_message = "a resource is without its tags"
  }

  # AWS adds 26 characters to a prefix; a security group's name has at most 255.
  assert {
    condition     = length(aws_security_group.this.name_prefix) + 26 <= 255
    error_message = "the security group's name is too long"
  }
}

run "single_zone" {
  variables {
    subnets_by_zone_id = { euc1-az1 = "subnet-0123456789abcdef1" }
  }

  assert {
    condition     = output.records == tomap({ "*.abc123.eu-central-1.aws.confluent.cloud" = "vpce-0abc-xyz-eu-central-1c.vpce-svc-0def.eu-central-1.vpce.amazonaws.com" })
    error_message = "records are ${jsonencode(output.records)}"
  }
}

run "rejects_wrong_values" {
  command = plan
  variables {
    name                      = "Streams_Dev"
    vpc_id                    = "vpc-1"
    subnets_by_zone_id        = { eu-central-1a = "subnet-0123456789abcdef1" }
    service_name              = "com.amazonaws.eu-central-1.s3"
    dns_domain                = "abc123.confluent.cloud."
    client_security_group_ids = { worker = "worker" }
    client_cidrs              = { onprem = "10.20.0.0" }
  }
  expect_failures = [
    var.name, var.vpc_id, var.subnets_by_zone_id, var.service_name, var.dns_domain, var.client_security_group_ids,
    var.client_cidrs
  ]
}

run "rejects_the_world_and_no_subnet" {
  command = plan
  variables {
    subnets_by_zone_id = {}
    client_cidrs       = { all = "0.0.0.0/0" }
  }
  expect_failures = [var.subnets_by_zone_id, var.client_cidrs]
}

run "rejects_wrong_subnet_and_half_the_world" {
  command = plan
  variables {
    subnets_by_zone_id = { euc1-az1 = "eu-central-1a" }
    client_cidrs       = { half = "128.0.0.0/1" }
  }
  expect_failures = [var.subnets_by_zone_id, var.client_cidrs]
}

run "rejects_one_subnet_for_two_zones" {
  command = plan
  variables {
    subnets_by_zone_id = { euc1-az1 = "subnet-0123456789abcdef1", euc1-az2 = "subnet-0123456789abcdef1" }
  }
  expect_failures = [var.subnets_by_zone_id]
}
