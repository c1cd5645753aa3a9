mock_provider "aws" {}

mock_provider "confluent" {
  mock_resource "confluent_environment" {
    defaults = { id = "env-abc123", resource_name = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa/environment=env-abc123" }
  }
  mock_resource "confluent_kafka_cluster" {
    defaults = {
      id                 = "lkc-abc123"
      api_version        = "cmk/v2"
      kind               = "Cluster"
      bootstrap_endpoint = "SASL_SSL://lkc-abc123.abc123.eu-central-1.aws.confluent.cloud:9092"
      rest_endpoint      = "https://lkc-abc123.abc123.eu-central-1.aws.confluent.cloud:443"
      rbac_crn           = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa/environment=env-abc123/cloud-cluster=lkc-abc123"
    }
  }
  # The block aws of a network is computed, and a mock leaves such blocks empty: the endpoint service's name is seen in
  # emulated applies only.
  mock_resource "confluent_network" {
    defaults = {
      id         = "n-abc123"
      dns_domain = "abc123.eu-central-1.aws.confluent.cloud"
      gateway    = [{ id = "gw-abc123" }]
    }
  }
  mock_resource "confluent_service_account" {
    defaults = { id = "sa-abc123", api_version = "iam/v2", kind = "ServiceAccount" }
  }
  mock_resource "confluent_api_key" {
    defaults = { secret = "CANARY-SECRET" }
  }
  mock_data "confluent_schema_registry_cluster" {
    defaults = {
      id                              = "lsrc-abc123"
      api_version                     = "srcm/v3"
      kind                            = "Cluster"
      resource_name                   = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa/environment=env-abc123/schema-registry=lsrc-abc123"
      rest_endpoint                   = "https://psrc-abc123.eu-central-1.aws.confluent.cloud"
      private_regional_rest_endpoints = { "eu-central-1" = "https://lsrc-abc123.eu-central-1.aws.private.confluent.cloud" }
    }
  }
}

variables {
  name    = "streams-dev-euc1"
  owner   = "platform"
  tags    = { Owner = "platform", Environment = "dev" }
  region  = "eu-central-1"
  cluster = { type = "standard" }
}

run "defaults" {
  assert {
    condition     = length(confluent_kafka_cluster.this.standard) == 1 && length(confluent_kafka_cluster.this.dedicated) == 0 && confluent_kafka_cluster.this.deletion_protection
    error_message = "exactly one cluster type, protected from deletion"
  }
  assert {
    condition     = length(confluent_network.this) == 0 && output.network_id == null && output.private_link_service_name == null && output.network_gateway_id == null
    error_message = "a public cluster has no network"
  }
  assert {
    condition     = output.bootstrap == "lkc-abc123.abc123.eu-central-1.aws.confluent.cloud:9092"
    error_message = "bootstrap is ${output.bootstrap}"
  }
  assert {
    condition     = strcontains(output.client_properties["admin"], "schema.registry.url=https://psrc-abc123.eu-central-1.aws.confluent.cloud\n")
    error_message = "a public cluster's clients use the public registry: ${output.client_properties["admin"]}"
  }
  assert {
    condition     = toset(keys(output.identities)) == toset(["admin"]) && toset(keys(confluent_role_binding.admin)) == toset(["cluster", "environment", "subjects"])
    error_message = "there is one identity, the administrator"
  }
  assert {
    condition     = alltrue([for key in concat(values(confluent_api_key.kafka), values(confluent_api_key.schema_registry)) : key.disable_wait_for_ready])
    error_message = "no API key may wait for a private endpoint"
  }
}

run "growth_changes_nothing_else" {
  variables {
    clients = {
      consumer = { description = "Example consumer", consumes = ["example.orders.created"], groups = ["example-*"], schema_registry = false }
      producer = { description = "Example producer", produces = ["example.orders.created"] }
    }
  }

  assert {
    condition     = output.identities["admin"] == run.defaults.identities["admin"] && output.environment_id == run.defaults.environment_id && output.client_properties["admin"] == run.defaults.client_properties["admin"]
    error_message = "a further client replaced something of the administrator"
  }
  assert {
    condition = toset(keys(confluent_role_binding.client)) == toset([
      "consumer/DeveloperRead/topic=example.orders.created", "consumer/DeveloperRead/group=example-*",
      "producer/DeveloperWrite/topic=example.orders.created", "producer/DeveloperWrite/subject=example.orders.created-*"
    ])
    error_message = "role bindings are ${join(", ", keys(confluent_role_binding.client))}"
  }
  assert {
    condition = (
      confluent_role_binding.client["consumer/DeveloperRead/group=example-*"].crn_pattern == "${output.cluster_crn}/kafka=lkc-abc123/group=example-*"
      && confluent_role_binding.client["producer/DeveloperWrite/subject=example.orders.created-*"].crn_pattern == "${output.sr.crn}/subject=example.orders.created-*"
      && alltrue([for b in concat(values(confluent_role_binding.client), values(confluent_role_binding.admin)) : b.disable_wait_for_ready && startswith(b.principal, "User:")])
    )
    error_message = "a role binding is wrong"
  }
  assert {
    condition = (
      strcontains(output.client_properties["consumer"], "username=\"$${secretsmanager:streams-dev-euc1/identity/consumer:kafka_api_key}\" password=\"$${secretsmanager:streams-dev-euc1/identity/consumer:kafka_api_secret}\";")
      && !strcontains(output.client_properties["consumer"], "schema.registry")
    )
    error_message = "client.properties is ${output.client_properties["consumer"]}"
  }
  assert {
    condition     = !strcontains(jsonencode([output.client_properties, output.identities, output.cluster, output.sr, output.admin_key_secret_arn]), "CANARY-SECRET")
    error_message = "an output holds a secret"
  }
  assert {
    condition     = alltrue([for s in values(aws_secretsmanager_secret.this) : s.tags["Owner"] == "platform" && s.tags["Environment"] == "dev" && s.tags["Name"] == s.name])
    error_message = "a secret is without its tags"
  }
}

run "full" {
  variables {
    name                      = "streams-prod-euc1"
    stream_governance_package = "ADVANCED"
    cluster                   = { type = "dedicated", cku = 2, deletion_protection = false }
    network                   = { zone_ids = ["euc1-az1", "euc1-az2", "euc1-az3"], aws_account_id = "123456789012" }
    kms_key_id                = "arn:aws:kms:eu-central-1:123456789012:key/1"
    secret_recovery_days      = 7
    clients                   = { producer = { description = "Example producer", produces = ["example.*"] } }
  }

  assert {
    condition = (
      output.network_gateway_id == "gw-abc123"
      && output.dns_domain == "abc123.eu-central-1.aws.confluent.cloud"
      && output.zone_ids == toset(["euc1-az1", "euc1-az2", "euc1-az3"])
      && confluent_private_link_access.this[0].aws[0].account == "123456789012"
      && confluent_network.this[0].dns_config[0].resolution == "PRIVATE"
    )
    error_message = "the network is wrong"
  }
  assert {
    condition     = confluent_kafka_cluster.this.network[0].id == output.network_id && confluent_kafka_cluster.this.dedicated[0].cku == 2
    error_message = "the cluster must stand in the network"
  }
  assert {
    condition     = strcontains(output.client_properties["producer"], "schema.registry.url=https://lsrc-abc123.eu-central-1.aws.private.confluent.cloud\n")
    error_message = "clients of a private cluster use the private registry"
  }
}

# A change of the cluster must not put the registry's look-up off: its id would be unknown here, and its keys would be
# planned anew.
run "a_resize_changes_the_cluster_only" {
  command = plan
  variables {
    name                      = "streams-prod-euc1"
    stream_governance_package = "ADVANCED"
    cluster                   = { type = "dedicated", cku = 3, deletion_protection = false }
    network                   = { zone_ids = ["euc1-az1", "euc1-az2", "euc1-az3"], aws_account_id = "123456789012" }
    kms_key_id                = "arn:aws:kms:eu-central-1:123456789012:key/1"
    secret_recovery_days      = 7
    clients                   = { producer = { description = "Example producer", produces = ["example.*"] } }
  }

  assert {
    condition     = output.sr == run.full.sr && output.identities == run.full.identities && confluent_kafka_cluster.this.dedicated[0].cku == 3
    error_message = "a resize changed more than the cluster"
  }
  assert {
    condition     = confluent_api_key.schema_registry["admin"].id != "" && confluent_role_binding.admin["subjects"].id != ""
    error_message = "a resize replaced the registry's key"
  }
}

run "name_lengths" {
  command = plan
  variables {
    name    = "a2345678901234567890123456789012345678901234567890123456789012"
    clients = { a-client-whose-name-has-32-char1 = { description = "One" }, a-client-whose-name-has-32-char2 = { description = "Two" } }
  }

  assert {
    condition     = alltrue([for a in values(confluent_service_account.this) : length(a.display_name) <= 64]) && length(distinct(values(confluent_service_account.this)[*].display_name)) == 3
    error_message = "names are ${join(", ", values(confluent_service_account.this)[*].display_name)}"
  }
}

run "other_cluster_types" {
  command = plan
  variables {
    cluster = { type = "enterprise", availability = "HIGH", max_ecku = 2 }
  }

  assert {
    condition     = confluent_kafka_cluster.this.enterprise[0].max_ecku == 2 && length(confluent_kafka_cluster.this.standard) == 0
    error_message = "the cluster must be an enterprise cluster"
  }
}

# The network's and the clients' checks look at the cluster and the region; when those are wrong they are not evaluated.
run "rejects_wrong_values" {
  command = plan
  variables {
    name                      = "Streams"
    owner                     = ""
    region                    = "Frankfurt"
    stream_governance_package = "FREE"
    secret_recovery_days      = 1
    cluster                   = { type = "premium" }
  }
  expect_failures = [var.name, var.owner, var.region, var.stream_governance_package, var.secret_recovery_days, var.cluster]
}

run "rejects_multi_zone_with_one_cku" {
  command = plan
  variables {
    cluster = { type = "dedicated", availability = "MULTI_ZONE", cku = 1 }
  }
  expect_failures = [var.cluster]
}

run "rejects_a_dedicated_cluster_without_size" {
  command = plan
  variables {
    cluster = { type = "dedicated" }
  }
  expect_failures = [var.cluster]
}

run "rejects_a_dedicated_cluster_with_a_limit" {
  command = plan
  variables {
    cluster = { type = "dedicated", cku = 2, max_ecku = 4 }
  }
  expect_failures = [var.cluster]
}

run "rejects_the_wrong_availability" {
  command = plan
  variables {
    cluster = { type = "dedicated", cku = 2, availability = "HIGH" }
  }
  expect_failures = [var.cluster]
}

run "rejects_high_availability_of_one_unit" {
  command = plan
  variables {
    cluster = { type = "enterprise", availability = "HIGH", max_ecku = 1 }
  }
  expect_failures = [var.cluster]
}

run "rejects_a_network_for_a_shared_cluster_and_a_wrong_client" {
  command = plan
  variables {
    network = { zone_ids = ["euc1-az1", "euc1-az2", "euc1-az3"], aws_account_id = "123456789012" }
    clients = { admin = { description = "Another administrator" } }
  }
  expect_failures = [var.network, var.clients]
}

run "rejects_a_zone_that_is_none_and_a_lost_expression" {
  command = plan
  variables {
    cluster = { type = "dedicated", cku = 2 }
    network = { zone_ids = ["euc1-azx", "euc1-az2", "euc1-az3"], aws_account_id = "123456789012" }
    clients = { producer = { description = "Producer", produces = ["var.topic*"] } }
  }
  expect_failures = [var.network, var.clients]
}

run "rejects_zones_of_another_region" {
  command = plan
  variables {
    cluster = { type = "dedicated", cku = 2 }
    network = { zone_ids = ["use1-az1", "use1-az2", "use1-az3"], aws_account_id = "123456789012" }
  }
  expect_failures = [var.network]
}

run "rejects_two_zones" {
  command = plan
  variables {
    cluster = { type = "dedicated", cku = 1, availability = "SINGLE_ZONE" }
    network = { zone_ids = ["euc1-az1", "euc1-az2"], aws_account_id = "123456789012" }
  }
  expect_failures = [var.network]
}

run "rejects_one_zone_for_multi_zone" {
  command = plan
  variables {
    cluster = { type = "dedicated", cku = 2 }
    network = { zone_ids = ["euc1-az1"], aws_account_id = "123456789012" }
  }
  expect_failures = [var.network]
}

run "rejects_a_wrong_account" {
  command = plan
  variables {
    cluster = { type = "dedicated", cku = 2 }
    network = { zone_ids = ["euc1-az1", "euc1-az2", "euc1-az3"], aws_account_id = "12345678901" }
  }
  expect_failures = [var.network]
}

run "rejects_a_wrong_resolution" {
  command = plan
  variables {
    cluster = { type = "dedicated", cku = 2 }
    network = { zone_ids = ["euc1-az1", "euc1-az2", "euc1-az3"], aws_account_id = "123456789012", dns_resolution = "PUBLIC" }
  }
  expect_failures = [var.network]
}

run "rejects_clients_of_a_basic_cluster" {
  command = plan
  variables {
    cluster = { type = "basic" }
    clients = { producer = { description = "Producer", produces = ["example.orders.created"] } }
  }
  expect_failures = [var.clients]
}
