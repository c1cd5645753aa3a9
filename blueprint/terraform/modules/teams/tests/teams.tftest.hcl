run "full" {
  command = plan
  variables {
    folder = "./tests/fixtures/good"
  }

  assert {
    condition = output.topics["orders.public.orders"] == {
      owner = "orders@acme.example", partitions = 12, classification = "confidential", config = { "retention.ms" = 1000000000 }
    }
    error_message = "topics are ${jsonencode(output.topics)}"
  }
  assert {
    condition     = output.topics["billing.invoices.created"].partitions == 6 && length(output.topics) == 3
    error_message = "topics are ${jsonencode(output.topics)}"
  }
  assert {
    condition     = output.topic_owners["orders.public.refunds"] == "orders" && output.topic_owners["billing.invoices.created"] == "billing"
    error_message = "owners are ${jsonencode(output.topic_owners)}"
  }
  assert {
    condition     = output.accounts["orders"].connectors == toset(["orders-*"]) && length(output.accounts["billing"].connectors) == 0
    error_message = "accounts are ${jsonencode(output.accounts)}"
  }
  assert {
    condition     = output.accounts["orders"].roles["DeveloperRead"] == toset(["topic=billing.invoices.created"]) && length(output.accounts["billing"].roles) == 0
    error_message = "accounts are ${jsonencode(output.accounts)}"
  }
  assert {
    condition     = keys(output.connectors) == ["orders"] && output.connectors["orders"].consumes == toset(["orders.public.orders"])
    error_message = "connectors are ${jsonencode(output.connectors)}"
  }
  assert {
    condition     = output.alarm_subscribers == { orders-oncall = "oncall@acme.example" }
    error_message = "subscribers are ${jsonencode(output.alarm_subscribers)}"
  }
}

run "names_that_begin_alike_are_fine_where_one_has_no_connectors" {
  command = plan
  variables {
    folder = "./tests/fixtures/one-has-connectors"
  }

  assert {
    condition     = length(output.accounts) == 2
    error_message = "accounts are ${jsonencode(output.accounts)}"
  }
}

run "rejects_an_empty_folder" {
  command = plan
  variables {
    folder = "./tests/fixtures/empty"
  }
  expect_failures = [var.folder]
}

run "rejects_a_topic_of_two_teams" {
  command = plan
  variables {
    folder = "./tests/fixtures/two-declare"
  }
  expect_failures = [output.accounts]
}

run "rejects_a_topic_of_another_team" {
  command = plan
  variables {
    folder = "./tests/fixtures/foreign"
  }
  expect_failures = [output.accounts]
}

run "rejects_a_topic_without_prefix" {
  command = plan
  variables {
    folder = "./tests/fixtures/no-prefix"
  }
  expect_failures = [output.accounts]
}

run "rejects_a_team_whose_connectors_are_anothers_too" {
  command = plan
  variables {
    folder = "./tests/fixtures/shared-connectors"
  }
  expect_failures = [output.accounts]
}

run "rejects_a_team_without_owner" {
  command = plan
  variables {
    folder = "./tests/fixtures/no-owner"
  }
  expect_failures = [output.accounts]
}

run "rejects_a_misspelt_key" {
  command = plan
  variables {
    folder = "./tests/fixtures/misspelt"
  }
  expect_failures = [output.accounts]
}

run "rejects_a_misspelt_key_of_a_topic" {
  command = plan
  variables {
    folder = "./tests/fixtures/misspelt-topic"
  }
  expect_failures = [output.accounts]
}

run "rejects_a_list_of_topics" {
  command = plan
  variables {
    folder = "./tests/fixtures/list-of-topics"
  }
  expect_failures = [output.accounts]
}

run "rejects_a_text_for_a_list" {
  command = plan
  variables {
    folder = "./tests/fixtures/prefix-is-text"
  }
  expect_failures = [output.accounts]
}

run "rejects_a_file_that_is_no_mapping" {
  command = plan
  variables {
    folder = "./tests/fixtures/not-a-mapping"
  }
  expect_failures = [output.accounts]
}
