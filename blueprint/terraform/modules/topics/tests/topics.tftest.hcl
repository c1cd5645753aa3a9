mock_provider "confluent" {}

variables {
  protected = false
  topics = {
    "orders.public.orders" = { owner = "team orders", partitions = 12 }
  }
  dlq = { connectors = ["orders-lake"] }
}

run "defaults" {
  assert {
    condition = (
      confluent_kafka_topic.unprotected["orders.public.orders"].partitions_count == 12
      && confluent_kafka_topic.unprotected["orders.public.orders"].config == tomap({
        "cleanup.policy" = "delete", "min.insync.replicas" = "2", "retention.ms" = "604800000"
      })
    )
    error_message = "settings are ${jsonencode(confluent_kafka_topic.unprotected["orders.public.orders"].config)}"
  }
  assert {
    condition = (
      confluent_kafka_topic.unprotected["dlq.orders-lake"].partitions_count == 1
      && confluent_kafka_topic.unprotected["dlq.orders-lake"].config["retention.ms"] == "1209600000"
      && confluent_kafka_topic.unprotected["dlq.orders-lake"].config["min.insync.replicas"] == "2"
      && output.dlq_names["orders-lake"] == "dlq.orders-lake"
    )
    error_message = "the dead letter topic is wrong"
  }
  assert {
    condition     = output.owners["orders.public.orders"].owner == "team orders" && output.owners["dlq.orders-lake"].owner == "platform"
    error_message = "owners are ${jsonencode(output.owners)}"
  }
}

run "growth_changes_nothing_else" {
  variables {
    topics = {
      "billing.public.invoices" = { owner = "team billing", classification = "restricted", config = { "cleanup.policy" = "compact", "max.message.bytes" = "2097164" } }
      "orders.public.orders"    = { owner = "team orders", partitions = 12 }
    }
    dlq = { connectors = ["billing-lake", "orders-lake"], retention_ms = -1, partitions = 1, owner = "team data" }
    acls = {
      producer = { principal = "User:sa-abc123", operation = "WRITE", resource_name = "orders.", pattern_type = "PREFIXED" }
    }
  }

  assert {
    condition = length(setsubtract(run.defaults.names, output.names)) == 0 && output.names == toset([
      "billing.public.invoices", "orders.public.orders", "dlq.billing-lake", "dlq.orders-lake"
    ])
    error_message = "topics are ${join(", ", output.names)}"
  }
  assert {
    condition     = confluent_kafka_topic.unprotected["billing.public.invoices"].config["cleanup.policy"] == "compact" && confluent_kafka_topic.unprotected["dlq.billing-lake"].config["retention.ms"] == "-1"
    error_message = "a topic's own settings must win"
  }
  assert {
    condition     = confluent_kafka_acl.this["producer"].host == "*" && confluent_kafka_acl.this["producer"].permission == "ALLOW" && confluent_kafka_acl.this["producer"].resource_type == "TOPIC"
    error_message = "the access control list is wrong"
  }
}

# Planned only: Terraform would refuse to remove these topics at the end of the test.
run "full_protected" {
  command = plan
  variables {
    protected      = true
    default_config = { "min.insync.replicas" = "2", "retention.ms" = "-1" }
    name_pattern   = "^legacy-|^[a-z]+\\."
    topics = {
      "legacy-orders"   = { owner = "team orders" }
      "scratch.a.tests" = { owner = "team orders", protected = false }
    }
  }

  assert {
    condition     = toset(keys(confluent_kafka_topic.protected)) == toset(["legacy-orders", "dlq.orders-lake"]) && toset(keys(confluent_kafka_topic.unprotected)) == toset(["scratch.a.tests"])
    error_message = "protected are ${join(", ", keys(confluent_kafka_topic.protected))}"
  }
  assert {
    condition     = confluent_kafka_topic.protected["legacy-orders"].config["retention.ms"] == "-1"
    error_message = "the defaults were changed"
  }
}

run "name_lengths" {
  command = plan
  variables {
    topics = { "orders.public.${join("", [for i in range(47) : "abcde"])}" = { owner = "team orders" } }
    dlq    = { connectors = [join("", [for i in range(49) : "abcde"])] }
  }

  assert {
    condition     = alltrue([for name in keys(confluent_kafka_topic.unprotected) : length(name) == 249])
    error_message = "the longest names are 249 characters: ${jsonencode([for name in keys(confluent_kafka_topic.unprotected) : length(name)])}"
  }
}

run "rejects_wrong_values" {
  command = plan
  variables {
    topics         = { "Orders" = { owner = "team orders" } }
    dlq            = { connectors = ["orders lake"] }
    default_config = { "min.insync.replicas" = "1" }
    acls           = { producer = { principal = "sa-abc123", operation = "WRITE", resource_name = "orders" } }
  }
  expect_failures = [var.topics, var.dlq, var.default_config, var.acls]
}

run "rejects_a_name_that_is_too_long_and_short_retention" {
  command = plan
  variables {
    topics = { "orders.public.${join("", [for i in range(48) : "abcde"])}" = { owner = "team orders" } }
    dlq    = { connectors = ["orders-lake"], retention_ms = 86400000 }
    acls   = { producer = { principal = "User:sa-abc123", operation = "PRODUCE", resource_name = "orders" } }

    default_config = { "retention.msec" = "1" }
  }
  expect_failures = [var.topics, var.dlq, var.acls, var.default_config]
}

run "rejects_a_dead_letter_topic_by_hand_and_half_a_partition" {
  command = plan
  variables {
    topics = { "dlq.orders.lake" = { owner = "team orders" } }
    dlq    = { connectors = ["orders-lake"], partitions = 1.5 }
    acls   = { producer = { principal = "User:sa-abc123", operation = "WRITE", resource_name = "orders", pattern_type = "MATCH" } }
  }
  expect_failures = [var.topics, var.dlq, var.acls]
}

run "rejects_a_topic_without_owner" {
  command = plan
  variables {
    topics = { "orders.public.orders" = { owner = "" } }
    acls   = { admin = { principal = "User:sa-abc123", operation = "DESCRIBE", resource_type = "CLUSTER", resource_name = "lkc-abc123" } }
  }
  expect_failures = [var.topics, var.acls]
}

run "rejects_an_unknown_classification" {
  command = plan
  variables {
    topics = { "orders.public.orders" = { owner = "team orders", classification = "secret" } }
  }
  expect_failures = [var.topics]
}

run "rejects_no_partitions" {
  command = plan
  variables {
    topics = { "orders.public.orders" = { owner = "team orders", partitions = 0 } }
  }
  expect_failures = [var.topics]
}

run "rejects_a_misspelt_setting" {
  command = plan
  variables {
    topics = { "orders.public.orders" = { owner = "team orders", config = { "retention.msec" = "1" } } }
  }
  expect_failures = [var.topics]
}

run "rejects_a_made_up_cleanup_policy" {
  command = plan
  variables {
    topics = { "orders.public.orders" = { owner = "team orders", config = { "cleanup.policy" = "archive" } } }
  }
  expect_failures = [var.topics]
}

run "rejects_settings_that_lose_records" {
  command = plan
  variables {
    topics = { "orders.public.orders" = { owner = "team orders", config = { "min.insync.replicas" = "1" } } }
  }
  expect_failures = [var.topics]
}

run "rejects_a_pattern_that_is_none" {
  command = plan
  variables {
    name_pattern = "("
    topics       = {}
  }
  expect_failures = [var.name_pattern]
}
