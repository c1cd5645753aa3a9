mock_provider "aws" {}

mock_provider "confluent" {
  mock_resource "confluent_service_account" {
    defaults = { id = "sa-abc123", api_version = "iam/v2", kind = "ServiceAccount" }
  }
  mock_resource "confluent_api_key" {
    defaults = { secret = "CANARY-SECRET" }
  }
}

variables {
  name                = "streams-dev-euc1"
  tags                = { Owner = "platform", Environment = "dev" }
  organization_crn    = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa"
  environment_crn     = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa/environment=env-abc123"
  schema_registry_crn = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa/environment=env-abc123/schema-registry=lsrc-abc123"
  cluster = {
    id             = "lkc-abc123"
    crn            = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa/environment=env-abc123/cloud-cluster=lkc-abc123"
    type           = "dedicated"
    api_version    = "cmk/v2"
    kind           = "Cluster"
    environment_id = "env-abc123"
  }
  teams = {
    orders = {
      description      = "Orders"
      owner            = "orders@acme.example"
      topic_prefixes   = ["orders."]
      subject_prefixes = ["orders."]
      groups           = ["orders-*"]
      connectors       = ["orders-*"]
    }
  }
}

run "defaults" {
  assert {
    condition = toset(keys(output.role_binding_ids)) == toset([
      "orders/DeveloperManage/topic=orders.*", "orders/DeveloperRead/topic=orders.*", "orders/DeveloperWrite/topic=orders.*",
      "orders/DeveloperRead/subject=orders.*", "orders/DeveloperWrite/subject=orders.*",
      "orders/DeveloperRead/group=orders-*", "orders/DeveloperWrite/connector=orders-*", "orders/Assigner/service-account"
    ])
    error_message = "role bindings are ${join(", ", keys(output.role_binding_ids))}"
  }
  assert {
    condition = (
      confluent_role_binding.this["orders/DeveloperRead/topic=orders.*"].crn_pattern == "${var.cluster.crn}/kafka=lkc-abc123/topic=orders.*"
      && confluent_role_binding.this["orders/DeveloperWrite/connector=orders-*"].crn_pattern == "${var.cluster.crn}/connector=orders-*"
      && confluent_role_binding.this["orders/DeveloperRead/subject=orders.*"].crn_pattern == "${var.schema_registry_crn}/subject=orders.*"
      && confluent_role_binding.this["orders/DeveloperRead/group=orders-*"].crn_pattern == "${var.cluster.crn}/kafka=lkc-abc123/group=orders-*"
      && confluent_role_binding.this["orders/Assigner/service-account"].crn_pattern == "${var.organization_crn}/service-account=${output.teams["orders"].id}"
    )
    error_message = "a CRN is wrong: ${jsonencode({ for k, b in confluent_role_binding.this : k => b.crn_pattern })}"
  }
  assert {
    condition     = alltrue([for b in values(confluent_role_binding.this) : b.disable_wait_for_ready && startswith(b.principal, "User:")])
    error_message = "no binding waits, every principal begins with User:"
  }
  assert {
    condition     = length(output.api_key_ids) == 0 && length(output.secret_arns) == 0
    error_message = "no API key was asked for"
  }
}

run "growth_changes_nothing_else" {
  variables {
    teams = {
      billing = {
        description = "Billing"
        owner       = "billing@acme.example"
        groups      = ["billing-*"]
        roles = {
          DeveloperRead = ["topic=orders.public.orders"]
          MetricsViewer = ["cluster"]
          DataDiscovery = ["environment"]
        }
        api_keys = ["2026-01", "2026-07"]
      }
      orders = {
        description      = "Orders"
        owner            = "orders@acme.example"
        topic_prefixes   = ["orders.", "invoices."]
        subject_prefixes = ["orders."]
        groups           = ["orders-*"]
        connectors       = ["orders-*"]
        roles            = { DeveloperRead = ["group=orders-*"] }
      }
    }
  }

  assert {
    condition     = output.teams["orders"] == run.defaults.teams["orders"] && alltrue([for key, id in run.defaults.role_binding_ids : output.role_binding_ids[key] == id])
    error_message = "a further team or topic replaced something"
  }
  assert {
    condition     = confluent_role_binding.this["billing/MetricsViewer/cluster"].crn_pattern == var.cluster.crn && confluent_role_binding.this["billing/DataDiscovery/environment"].crn_pattern == var.environment_crn
    error_message = "cluster and environment scopes are wrong"
  }
  assert {
    condition = (
      toset(keys(output.api_key_ids)) == toset(["billing/2026-01", "billing/2026-07"])
      && alltrue([for key in values(confluent_api_key.this) : key.disable_wait_for_ready])
      && aws_secretsmanager_secret_version.this["billing"].secret_string_wo_version == parseint(substr(sha256(output.api_key_ids["billing/2026-07"]), 0, 7), 16)
    )
    error_message = "the newest key must stand in the secret, and no key waits"
  }
  assert {
    condition     = alltrue([for s in values(aws_secretsmanager_secret.this) : s.tags["Owner"] == "platform" && s.tags["Environment"] == "dev" && s.tags["Team"] == "billing"])
    error_message = "a secret is without its tags"
  }
  assert {
    condition     = !strcontains(jsonencode([output.teams, output.role_binding_ids, output.api_key_ids, output.secret_arns]), "CANARY-SECRET")
    error_message = "an output holds the secret of an API key"
  }
}

run "name_lengths" {
  command = plan
  variables {
    name = "a2345678901234567890123456789012345678901234567890123456789012"
    teams = {
      a-team-whose-name-is-32-letters1 = { description = "One", owner = "a" }
      a-team-whose-name-is-32-letters2 = { description = "Two", owner = "b" }
    }
  }

  assert {
    condition     = alltrue([for a in values(confluent_service_account.this) : length(a.display_name) <= 64]) && length(distinct(values(confluent_service_account.this)[*].display_name)) == 2
    error_message = "names are ${join(", ", values(confluent_service_account.this)[*].display_name)}"
  }
}

run "rejects_wrong_values" {
  command = plan
  variables {
    name                 = "9streams"
    organization_crn     = "1111aaaa-11aa-11aa-11aa-111111aaaaaa"
    environment_crn      = "env-abc123"
    schema_registry_crn  = "lsrc-abc123"
    secret_recovery_days = 3
    cluster = {
      id = "lkc-abc123", crn = "lkc-abc123", type = "standard", api_version = "cmk/v2", kind = "Cluster", environment_id = "env-abc123"
    }
    teams = { Orders = { description = "Orders", owner = "a" } }
  }
  expect_failures = [
    var.name, var.organization_crn, var.environment_crn, var.schema_registry_crn, var.secret_recovery_days, var.cluster, var.teams
  ]
}

run "rejects_a_basic_cluster_and_a_made_up_role" {
  command = plan
  variables {
    cluster = {
      id             = "lkc-abc123"
      crn            = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa/environment=env-abc123/cloud-cluster=lkc-abc123"
      type           = "basic"
      api_version    = "cmk/v2"
      kind           = "Cluster"
      environment_id = "env-abc123"
    }
    teams = { orders = { description = "Orders", owner = "a", roles = { DeveloperAll = ["topic=orders.*"] } } }
  }
  expect_failures = [var.cluster, var.teams]
}

run "rejects_a_role_over_the_organization" {
  command = plan
  variables {
    teams = { orders = { description = "Orders", owner = "a", roles = { OrganizationAdmin = ["cluster"] } } }
  }
  expect_failures = [var.teams]
}

run "rejects_a_prefix_that_is_too_wide" {
  command = plan
  variables {
    teams = { orders = { description = "Orders", owner = "a", topic_prefixes = ["orders"] } }
  }
  expect_failures = [var.teams]
}

run "rejects_shared_topics" {
  command = plan
  variables {
    teams = {
      orders  = { description = "Orders", owner = "a", topic_prefixes = ["orders."] }
      billing = { description = "Billing", owner = "b", topic_prefixes = ["orders.billing."] }
    }
  }
  expect_failures = [var.teams]
}

run "rejects_a_wildcard_in_the_middle" {
  command = plan
  variables {
    teams = { orders = { description = "Orders", owner = "a", groups = ["*-orders"] } }
  }
  expect_failures = [var.teams]
}

run "rejects_an_expression_that_lost_its_braces" {
  command = plan
  variables {
    teams = { orders = { description = "Orders", owner = "a", roles = { DeveloperRead = ["topic=var.prefix*"] } } }
  }
  expect_failures = [var.teams]
}

run "rejects_an_unknown_resource" {
  command = plan
  variables {
    teams = { orders = { description = "Orders", owner = "a", roles = { DeveloperRead = ["topics=orders.*"] } } }
  }
  expect_failures = [var.teams]
}

run "rejects_a_wrong_key_name" {
  command = plan
  variables {
    teams = { orders = { description = "Orders", owner = "a", api_keys = ["January 2026"] } }
  }
  expect_failures = [var.teams]
}

run "rejects_a_team_without_owner" {
  command = plan
  variables {
    teams = { orders = { description = "Orders", owner = " " } }
  }
  expect_failures = [var.teams]
}
