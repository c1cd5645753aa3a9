mock_provider "confluent" {}

variables {
  name                = "streams-dev-euc1-orders"
  owner               = "team orders"
  organization_crn    = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa"
  schema_registry_crn = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa/environment=env-abc123/schema-registry=lsrc-abc123"
  cluster = {
    id   = "lkc-abc123"
    crn  = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa/environment=env-abc123/cloud-cluster=lkc-abc123"
    type = "dedicated"
  }
  connector_prefix = "orders-"
}

run "defaults" {
  assert {
    condition     = toset(keys(output.role_binding_ids)) == toset(["Operator/cluster"])
    error_message = "role bindings are ${join(", ", keys(output.role_binding_ids))}"
  }
}

run "sources_only" {
  variables {
    produces = ["orders.public.*"]
  }

  assert {
    condition = toset(keys(output.role_binding_ids)) == toset([
      "Operator/cluster", "DeveloperManage/topic=orders.public.*", "DeveloperWrite/topic=orders.public.*", "DeveloperWrite/subject=orders.public.*"
    ])
    error_message = "role bindings are ${join(", ", keys(output.role_binding_ids))}"
  }
}

run "full_and_growth_changes_nothing_else" {
  variables {
    produces  = ["orders.public.*"]
    consumes  = ["orders.public.orders"]
    deployers = { pipeline = "User:sa-abc123" }
  }

  assert {
    condition     = alltrue([for key, id in run.sources_only.role_binding_ids : output.role_binding_ids[key] == id]) && output.service_account_id == run.sources_only.service_account_id
    error_message = "sinks replaced what sources have"
  }
  assert {
    condition = (
      confluent_role_binding.this["DeveloperRead/group=connect-lcc-*"].crn_pattern == "${var.cluster.crn}/kafka=lkc-abc123/group=connect-lcc-*"
      && confluent_role_binding.this["DeveloperWrite/topic=dlq"].crn_pattern == "${var.cluster.crn}/kafka=lkc-abc123/topic=dlq.orders-*"
      && confluent_role_binding.this["DeveloperRead/subject=orders.public.orders-*"].crn_pattern == "${var.schema_registry_crn}/subject=orders.public.orders-*"
      && confluent_role_binding.this["DeveloperManage/topic=success-lcc*"].crn_pattern == "${var.cluster.crn}/kafka=lkc-abc123/topic=success-lcc*"
      && confluent_role_binding.deployer["pipeline"].crn_pattern == "${var.organization_crn}/service-account=${output.service_account_id}"
    )
    error_message = "a CRN is wrong: ${jsonencode({ for k, b in confluent_role_binding.this : k => b.crn_pattern })}"
  }
  assert {
    condition     = alltrue([for b in concat(values(confluent_role_binding.this), values(confluent_role_binding.deployer)) : b.disable_wait_for_ready && startswith(b.principal, "User:") && b.role_name != "ResourceOwner"])
    error_message = "no binding waits, every principal begins with User:, nobody can hand rights on"
  }
}

run "without_report_topics_and_with_the_longest_name" {
  command = plan
  variables {
    name     = "a2345678901234567890123456789012345678901234567890123456789012"
    consumes = ["orders.public.orders"]
    dlq      = { topic_prefix = "dead-", report_topics = false }
  }

  assert {
    condition     = length(confluent_service_account.this.display_name) <= 64
    error_message = "the account's name is too long: ${confluent_service_account.this.display_name}"
  }
  assert {
    condition     = length([for key in keys(confluent_role_binding.this) : key if strcontains(key, "lcc*")]) == 0 && endswith(confluent_role_binding.this["DeveloperWrite/topic=dlq"].crn_pattern, "/topic=dead-orders-*")
    error_message = "no report topics were asked for"
  }
}

run "rejects_wrong_values" {
  command = plan
  variables {
    name                = "Orders"
    owner               = " "
    organization_crn    = "organization"
    schema_registry_crn = "lsrc-abc123"
    cluster             = { id = "lkc-abc123", crn = "lkc-abc123", type = "dedicated" }
    connector_prefix    = "orders"
    produces            = ["*"]
    consumes            = ["var.topic*"]
    deployers           = { pipeline = "sa-abc123" }
  }
  expect_failures = [
    var.name, var.owner, var.organization_crn, var.schema_registry_crn, var.cluster, var.connector_prefix, var.produces, var.consumes,
    var.deployers
  ]
}

run "rejects_a_basic_cluster_and_reading_dead_letters" {
  command = plan
  variables {
    cluster = {
      id   = "lkc-abc123"
      crn  = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa/environment=env-abc123/cloud-cluster=lkc-abc123"
      type = "basic"
    }
    consumes = ["dlq.orders-lake"]
  }
  expect_failures = [var.cluster, var.consumes]
}

run "rejects_a_prefix_that_includes_dead_letters" {
  command = plan
  variables {
    consumes = ["dl*"]
  }
  expect_failures = [var.consumes]
}

run "rejects_a_wrong_dead_letter_prefix" {
  command = plan
  variables {
    dlq = { topic_prefix = "dlq" }
  }
  expect_failures = [var.dlq]
}
