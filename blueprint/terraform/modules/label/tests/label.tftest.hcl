variables {
  org         = "acme"
  project     = "streams"
  environment = "dev"
  region_code = "euc1"
  owner       = "platform"
  cost_center = "4711"
  repository  = "github.com/acme/streams"
}

run "defaults" {
  command = plan

  assert {
    condition     = output.prefix == "streams-dev-euc1" && output.name == "streams-dev-euc1"
    error_message = "prefix is ${output.prefix}, name is ${output.name}"
  }
  assert {
    condition     = output.bucket_name == "acme-streams-dev-euc1"
    error_message = "bucket name is ${output.bucket_name}"
  }
  assert {
    condition     = length(output.sa_names) == 0 && length(output.lb_names) == 0
    error_message = "no suffixes, no names"
  }
}

run "tags_everywhere" {
  command = plan
  variables {
    extra_tags = { Team = "orders" }
  }

  assert {
    condition = output.tags == tomap({
      Project            = "streams", Environment = "dev", Owner = "platform", CostCenter = "4711", Team = "orders",
      DataClassification = "internal", ManagedBy = "terraform", Repository = "github.com/acme/streams"
    })
    error_message = "tags are ${jsonencode(output.tags)}"
  }
}

run "full" {
  command = plan
  variables {
    component           = "orders"
    suffixes            = ["egress"]
    data_classification = "restricted"
  }

  assert {
    condition     = output.name == "streams-dev-euc1-orders" && output.sa_name == output.name && output.lb_name == output.name
    error_message = "name is ${output.name}"
  }
  assert {
    condition     = output.sa_names["egress"] == "streams-dev-euc1-orders-egress" && output.lb_names["egress"] == "streams-dev-euc1-orders-egress"
    error_message = "short names stay as they are"
  }
}

run "name_lengths" {
  command = plan
  variables {
    org         = "organization"
    project     = "sixteencharacter"
    environment = "integration1"
    region_code = "apse2"
    component   = "component-of-24-letters1"
    suffixes    = ["cluster-administrator-of-the-platform", "cluster-administrator-of-the-platforn"]
  }

  assert {
    condition     = length(output.lb_name) <= 32 && length(output.sa_name) <= 64 && length(output.bucket_name) <= 63
    error_message = "too long: ${output.lb_name} ${output.sa_name} ${output.bucket_name}"
  }
  assert {
    condition     = alltrue([for n in values(output.sa_names) : length(n) <= 64]) && alltrue([for n in values(output.lb_names) : length(n) <= 32])
    error_message = "too long: ${jsonencode(output.sa_names)} ${jsonencode(output.lb_names)}"
  }
  assert {
    condition     = length(distinct(values(output.sa_names))) == 2 && length(distinct(values(output.lb_names))) == 2
    error_message = "two long names that differ in one letter became one"
  }
}

run "growth_before" {
  command = plan
  variables {
    suffixes = ["egress"]
  }
}

run "growth_changes_nothing_else" {
  command = plan
  variables {
    suffixes = ["connect", "egress", "worker"]
  }

  assert {
    condition     = output.sa_names["egress"] == run.growth_before.sa_names["egress"] && output.lb_names["egress"] == run.growth_before.lb_names["egress"]
    error_message = "a further suffix changed a name"
  }
}

run "rejects_org" {
  command = plan
  variables {
    org = "Acme Inc"
  }
  expect_failures = [var.org]
}

run "rejects_project" {
  command = plan
  variables {
    project = "a-name-that-is-too-long"
  }
  expect_failures = [var.project]
}

run "rejects_environment" {
  command = plan
  variables {
    environment = "Prod"
  }
  expect_failures = [var.environment]
}

run "rejects_region_code" {
  command = plan
  variables {
    region_code = "eu-central-1"
  }
  expect_failures = [var.region_code]
}

run "rejects_component" {
  command = plan
  variables {
    component = "orders-"
  }
  expect_failures = [var.component]
}

run "rejects_suffixes" {
  command = plan
  variables {
    suffixes = ["Egress"]
  }
  expect_failures = [var.suffixes]
}

run "rejects_owner" {
  command = plan
  variables {
    owner = ""
  }
  expect_failures = [var.owner]
}

run "rejects_cost_center" {
  command = plan
  variables {
    cost_center = "a,b"
  }
  expect_failures = [var.cost_center]
}

run "rejects_data_classification" {
  command = plan
  variables {
    data_classification = "secret"
  }
  expect_failures = [var.data_classification]
}

run "rejects_repository" {
  command = plan
  variables {
    repository = "a|b"
  }
  expect_failures = [var.repository]
}

run "rejects_extra_tags_reserved" {
  command = plan
  variables {
    extra_tags = { "aws:owner" = "x" }
  }
  expect_failures = [var.extra_tags]
}

run "rejects_extra_tags_standard" {
  command = plan
  variables {
    extra_tags = { Owner = "x" }
  }
  expect_failures = [var.extra_tags]
}

run "rejects_extra_tags_count" {
  command = plan
  variables {
    extra_tags = { for i in range(41) : "Tag${i}" => "x" }
  }
  expect_failures = [var.extra_tags]
}
