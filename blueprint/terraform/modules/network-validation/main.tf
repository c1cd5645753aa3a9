# Checks over what the other network modules made. A failed check is a warning of a plan or an apply and fails a
# `terraform test`; it never stops an apply that is needed to repair what it found. Nothing here opens a connection:
# whether names resolve and ports answer can only be seen from inside the VPC. The output probes says what to try.

locals {
  urls = { for name, url in { rest = var.hosts.rest, schema_registry = var.hosts.schema_registry } : name => url if url != null }

  # Host and port of each endpoint; https has 443 unless the URL says otherwise.
  endpoints = merge(
    {
      bootstrap = {
        host = split(":", var.hosts.bootstrap)[0]
        port = tonumber(split(":", var.hosts.bootstrap)[1])
      }
    },
    {
      for name, url in local.urls : name => {
        host = regex("^https?://([a-z0-9.-]+)", url)[0]
        port = tonumber(coalesce(try(regex(":([0-9]+)/?$", url)[0], null), startswith(url, "https://") ? "443" : "80"))
      }
    }
  )

  # A record *.domain answers for every name that ends with .domain; an exact record for itself.
  unresolved = [
    for name, endpoint in local.endpoints : "${name} (${endpoint.host})"
    if !anytrue([for record in keys(var.dns_records) : startswith(record, "*.") ? endswith(endpoint.host, trimprefix(record, "*")) : endpoint.host == record])
  ]
  misled = [for record, target in var.dns_records : "${record} -> ${target}" if !contains(var.endpoint_dns_names, trimsuffix(target, "."))]

  shut_out = flatten([
    for name, client in var.required_clients : [
      for port in [443, 9092] : "${name} (${client}) on ${port}"
      if !anytrue([for rule in var.client_rules : rule.client == client && rule.port == port])
    ]
  ])

  egress_names = [
    for name, target in var.egress : "${name}: connectors use ${target.hostname}, the record is ${target.dns_name}"
    if !(startswith(target.dns_name, "*.") ? endswith(target.hostname, trimprefix(target.dns_name, "*")) : target.hostname == target.dns_name)
  ]
  egress_zones = [
    for name, target in var.egress : "${name} lacks ${join(", ", setsubtract(var.cluster_zone_ids, target.zone_ids))}"
    if length(target.zone_ids) > 0 && length(setsubtract(var.cluster_zone_ids, target.zone_ids)) > 0
  ]
}

check "names_have_records" {
  assert {
    condition     = length(local.unresolved) == 0
    error_message = "No record of the private zone answers for ${join(", ", local.unresolved)}; the records are ${join(", ", keys(var.dns_records))}. Clients would take a public name or none."
  }
}

check "records_lead_to_the_endpoint" {
  assert {
    condition     = length(local.misled) == 0
    error_message = "Records lead elsewhere than to the endpoint: ${join("; ", local.misled)}. The endpoint's names are ${join(", ", var.endpoint_dns_names)}."
  }
}

check "endpoint_is_available" {
  data "aws_vpc_endpoint" "this" {
    id = var.vpc_endpoint_id
  }

  assert {
    condition     = data.aws_vpc_endpoint.this.state == "available"
    error_message = "Endpoint ${var.vpc_endpoint_id} is ${data.aws_vpc_endpoint.this.state}, not available. pendingAcceptance or rejected means that the Confluent network grants no access to this AWS account."
  }
}

check "clients_are_let_in" {
  assert {
    condition     = length(local.shut_out) == 0
    error_message = "The endpoint's security group does not let in ${join("; ", local.shut_out)}."
  }
}

check "zones_of_the_cluster_have_an_endpoint" {
  assert {
    condition     = length(setsubtract(var.cluster_zone_ids, var.ingress_zone_ids)) == 0
    error_message = "The endpoint has no subnet in ${join(", ", setsubtract(var.cluster_zone_ids, var.ingress_zone_ids))}, where the cluster has brokers. Compare AZ ids; AZ names differ between accounts."
  }
}

check "egress_names_match" {
  assert {
    condition     = length(local.egress_names) == 0
    error_message = "Connectors would not enter the egress endpoint: ${join("; ", local.egress_names)}."
  }
}

check "egress_zones_cover_the_cluster" {
  assert {
    condition     = length(local.egress_zones) == 0
    error_message = "Load balancers do not stand in every zone of the Confluent network: ${join("; ", local.egress_zones)}."
  }
}
