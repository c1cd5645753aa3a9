mock_provider "confluent" {}

variables {
  config_dir         = "./tests/fixtures/one"
  environment_id     = "env-abc123"
  kafka_cluster_id   = "lkc-abc123"
  service_account_id = "sa-abc123"
  secrets            = { orders-db = { password = "CANARY-SECRET" } }
}

run "defaults" {
  assert {
    condition = confluent_connector.this["datagen"].config_nonsensitive == tomap({
      "name"               = "datagen", "connector.class" = "DatagenSource", "kafka.topic" = "example.orders.created", "quickstart" = "ORDERS",
      "output.data.format" = "JSON", "tasks.max" = "1", "max.interval" = "1000", "errors.log.enable" = "true",
      "kafka.auth.mode"    = "SERVICE_ACCOUNT", "kafka.service.account.id" = "sa-abc123"
    })
    error_message = "config is ${jsonencode(confluent_connector.this["datagen"].config_nonsensitive)}"
  }
  assert {
    condition     = length(confluent_connector.this["datagen"].config_sensitive) == 0 && output.sensitive_keys["datagen"] == toset([])
    error_message = "this connector has no secret"
  }
}

run "full_and_growth_changes_nothing_else" {
  variables {
    config_dir          = "./tests/fixtures/grown"
    service_account_ids = { orders-cdc = "sa-other1" }
    initial_offsets     = { orders-cdc = [{ partition = { server = "orders" }, offset = { lsn = "1" } }] }
  }

  assert {
    condition     = output.connector_ids["datagen"] == run.defaults.connector_ids["datagen"] && length(output.connector_ids) == 3
    error_message = "a further file replaced a connector"
  }
  assert {
    condition = (
      nonsensitive(confluent_connector.this["orders-cdc"].config_sensitive) == tomap({ "database.password" = "CANARY-SECRET" })
      && !contains(keys(confluent_connector.this["orders-cdc"].config_nonsensitive), "database.password")
      && confluent_connector.this["orders-cdc"].config_nonsensitive["kafka.service.account.id"] == "sa-other1"
      && one(confluent_connector.this["orders-cdc"].offsets).offset["lsn"] == "1"
    )
    error_message = "the secret must stand in the sensitive settings only"
  }
  assert {
    condition     = output.sensitive_keys["orders-cdc"] == toset(["database.password"]) && output.classes["orders-cdc"] == "PostgresCdcSourceV2"
    error_message = "outputs are ${jsonencode(output.sensitive_keys)}"
  }
  assert {
    condition     = !strcontains(jsonencode([output.connector_ids, output.classes, output.dlq_names, output.sensitive_keys]), "CANARY-SECRET")
    error_message = "an output holds a secret"
  }
}

run "templates_pass_every_check" {
  command = plan
  variables {
    config_dir               = "./templates"
    secrets                  = { orders-db = { password = "CANARY-SECRET" }, billing-db = { password = "CANARY-SECRET" } }
    provider_integration_ids = { s3-sink = "cspi-abc123", dynamodb-sink = "cspi-abc124" }
  }

  assert {
    condition     = toset(keys(confluent_connector.this)) == toset(["dynamodb-sink", "jdbc-source", "postgres-cdc-source", "postgres-source", "s3-sink"])
    error_message = "templates are ${join(", ", keys(confluent_connector.this))}"
  }
  assert {
    condition     = output.dlq_names == tomap({ "dynamodb-sink" = "dlq.dynamodb-sink", "s3-sink" = "dlq.s3-sink" }) && confluent_connector.this["s3-sink"].config_nonsensitive["provider.integration.id"] == "cspi-abc123"
    error_message = "dead letter topics are ${jsonencode(output.dlq_names)}"
  }
}

run "empty_on_purpose" {
  command = plan
  variables {
    config_dir  = "./tests/fixtures/empty"
    allow_empty = true
  }

  assert {
    condition     = length(confluent_connector.this) == 0
    error_message = "there is no file"
  }
}

run "rejects_wrong_values" {
  command = plan
  variables {
    environment_id           = "dev"
    kafka_cluster_id         = "dev"
    service_account_id       = "User:sa-abc123"
    service_account_ids      = { datagen = "other" }
    provider_integration_ids = { datagen = "arn:aws:iam::123456789012:role/x" }
    initial_offsets          = { orders = [] }
  }
  expect_failures = [
    var.environment_id, var.kafka_cluster_id, var.service_account_id, var.service_account_ids, var.provider_integration_ids, var.initial_offsets
  ]
}

run "rejects_connectors_without_file" {
  command = plan
  variables {
    service_account_ids      = { orders = "sa-abc123" }
    provider_integration_ids = { orders = "cspi-abc123" }
  }
  expect_failures = [var.service_account_ids, var.provider_integration_ids]
}

run "rejects_an_empty_folder" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/empty"
  }
  expect_failures = [var.config_dir]
}

run "rejects_not_json" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/not-json"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_not_an_object" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/not-an-object"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_more_than_config" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/more-than-config"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_renamed" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/renamed"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_duplicate" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/duplicate"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_nested_value" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/nested-value"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_no_class" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/no-class"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_java_class" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/java-class"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_unknown_java_class" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/unknown-java-class"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_end_of_life" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/end-of-life"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_key_of_version_one" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/key-of-version-one"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_self_managed_key" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/self-managed-key"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_own_account" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/own-account"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_own_name" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/own-name"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_reference_inside" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/reference-inside"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_other_provider" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/other-provider"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_missing_secret" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/missing-secret"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_plain_secret" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/plain-secret"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_no_integration" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/no-integration"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_shared_dlq" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/shared-dlq"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_reads_its_dead_letters" {
  command = plan
  variables {
    config_dir = "./tests/fixtures/reads-its-dead-letters"
  }
  expect_failures = [confluent_connector.this]
}

run "rejects_an_integration_that_nothing_uses" {
  command = plan
  variables {
    config_dir               = "./tests/fixtures/no-roles"
    provider_integration_ids = { lake = "cspi-abc123" }
  }
  expect_failures = [confluent_connector.this]
}

run "accepts_a_shared_dead_letter_topic_where_that_is_wanted" {
  command = plan
  variables {
    config_dir  = "./tests/fixtures/shared-dlq"
    require_dlq = false
  }

  assert {
    condition     = output.dlq_names["lake"] == "connect-dlq"
    error_message = "dead letter topics are ${jsonencode(output.dlq_names)}"
  }
}

run "rejects_a_connector_without_account" {
  command = plan
  variables {
    service_account_id  = null
    service_account_ids = { datagen = null }
  }
  expect_failures = [confluent_connector.this["datagen"]]
}

run "takes_the_account_of_each_connector" {
  command = plan
  variables {
    service_account_id  = null
    service_account_ids = { datagen = "sa-other1" }
  }

  assert {
    condition     = confluent_connector.this["datagen"].config_nonsensitive["kafka.service.account.id"] == "sa-other1"
    error_message = "config is ${jsonencode(confluent_connector.this["datagen"].config_nonsensitive)}"
  }
}
