mock_provider "aws" {
  mock_data "aws_vpc_endpoint" {
    defaults = { state = "available" }
  }
}

variables {
  hosts = {
    bootstrap = "lkc-abc123.abc123.eu-central-1.aws.confluent.cloud:9092"
    rest      = "https://lkc-abc123.abc123.eu-central-1.aws.confluent.cloud:443"
  }
  dns_records        = { "*.abc123.eu-central-1.aws.confluent.cloud" = "vpce-0abc-xyz.vpce-svc-0def.eu-central-1.vpce.amazonaws.com" }
  endpoint_dns_names = ["vpce-0abc-xyz.vpce-svc-0def.eu-central-1.vpce.amazonaws.com"]
  vpc_endpoint_id    = "vpce-0abc"
  cluster_zone_ids   = ["euc1-az1", "euc1-az2"]
  ingress_zone_ids   = ["euc1-az1", "euc1-az2", "euc1-az3"]
}

run "defaults" {
  command = plan

  assert {
    condition     = toset(output.probes[*].name) == toset(["bootstrap", "rest"]) && toset(output.probes[*].port) == toset([443, 9092])
    error_message = "probes are ${jsonencode(output.probes)}"
  }
  assert {
    condition     = length(output.egress_targets) == 0
    error_message = "no egress was given"
  }
}

run "full_and_growth_changes_nothing_else" {
  command = plan
  variables {
    hosts = {
      bootstrap       = "lkc-abc123.abc123.eu-central-1.aws.confluent.cloud:9092"
      rest            = "https://lkc-abc123.abc123.eu-central-1.aws.confluent.cloud:443"
      schema_registry = "https://psrc-abc123.abc123.eu-central-1.aws.confluent.cloud"
    }
    client_rules = [
      { client = "sg-0123456789abcdef0", port = 443 },
      { client = "sg-0123456789abcdef0", port = 9092 }
    ]
    required_clients = { worker = "sg-0123456789abcdef0" }
    egress = {
      orders = {
        hostname = "orders.cluster-abc123.eu-central-1.rds.amazonaws.com"
        dns_name = "orders.cluster-abc123.eu-central-1.rds.amazonaws.com"
        zone_ids = ["euc1-az1", "euc1-az2"]
      }
      lake = { hostname = "acme.s3.eu-central-1.amazonaws.com", port = 443, dns_name = "*.s3.eu-central-1.amazonaws.com" }
    }
  }

  assert {
    condition     = alltrue([for probe in run.defaults.probes : contains(output.probes, probe)]) && length(output.probes) == 3
    error_message = "a further host changed another's probe: ${jsonencode(output.probes)}"
  }
  assert {
    condition     = toset(output.egress_targets[*].name) == toset(["orders", "lake"])
    error_message = "egress targets are ${jsonencode(output.egress_targets)}"
  }
}

run "finds_every_fault_of_the_network" {
  command = plan
  override_data {
    target = data.aws_vpc_endpoint.this
    values = { state = "pendingAcceptance" }
  }
  variables {
    hosts = {
      bootstrap = "lkc-abc123.other.eu-central-1.aws.confluent.cloud:9092"
      rest      = "https://lkc-abc123.abc123.eu-central-1.aws.confluent.cloud"
    }
    dns_records      = { "*.abc123.eu-central-1.aws.confluent.cloud" = "vpce-0old-xyz.vpce-svc-0def.eu-central-1.vpce.amazonaws.com" }
    client_rules     = [{ client = "sg-0123456789abcdef0", port = 443 }]
    required_clients = { worker = "sg-0123456789abcdef0" }
    ingress_zone_ids = ["euc1-az1"]
    egress = {
      orders = {
        hostname = "orders.abc123.eu-central-1.rds.amazonaws.com"
        dns_name = "orders.cluster-abc123.eu-central-1.rds.amazonaws.com"
        zone_ids = ["euc1-az3"]
      }
    }
  }
  expect_failures = [
    check.names_have_records, check.records_lead_to_the_endpoint, check.endpoint_is_available, check.clients_are_let_in,
    check.zones_of_the_cluster_have_an_endpoint, check.egress_names_match, check.egress_zones_cover_the_cluster
  ]
}

run "rejects_wrong_values" {
  command = plan
  variables {
    hosts              = { bootstrap = "SASL_SSL://lkc-abc123.domain:9092", rest = "https://lkc-abc123.domain" }
    dns_records        = {}
    endpoint_dns_names = []
    vpc_endpoint_id    = "endpoint"
    required_clients   = { worker = "worker" }
    cluster_zone_ids   = ["eu-central-1a"]
    ingress_zone_ids   = ["eu-central-1a"]
    egress             = { orders = { hostname = "a.b", dns_name = "a.b", port = 0 } }
  }
  expect_failures = [
    var.hosts, var.dns_records, var.endpoint_dns_names, var.vpc_endpoint_id, var.required_clients, var.cluster_zone_ids,
    var.ingress_zone_ids, var.egress
  ]
}

run "rejects_a_host_that_is_no_url" {
  command = plan
  variables {
    hosts = { bootstrap = "lkc-abc123.domain:9092", rest = "lkc-abc123.domain:443" }
  }
  expect_failures = [var.hosts]
}
