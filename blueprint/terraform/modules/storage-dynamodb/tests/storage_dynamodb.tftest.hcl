mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/own" }
  }
}

variables {
  name   = "streams-dev-euc1"
  tags   = { Project = "streams", Environment = "dev" }
  tables = { orders = { hash_key = { name = "id" } } }
}

run "defaults" {
  command = apply

  assert {
    condition     = aws_dynamodb_table.this["orders"].deletion_protection_enabled && one(aws_dynamodb_table.this["orders"].point_in_time_recovery).enabled
    error_message = "items must be protected by default"
  }
  assert {
    condition     = one(aws_dynamodb_table.this["orders"].server_side_encryption).kms_key_arn == aws_kms_key.this[0].arn && aws_kms_key.this[0].enable_key_rotation
    error_message = "the tables' own, rotating key must encrypt them"
  }
  assert {
    condition     = output.names == { orders = "streams-dev-euc1-orders" } && length(output.stream_arns) == 0
    error_message = "names are ${jsonencode(output.names)}"
  }
  assert {
    condition     = output.arns["orders"] == aws_dynamodb_table.this["orders"].arn && output.kms_key_arn == aws_kms_key.this[0].arn
    error_message = "outputs must come from the resources"
  }
}

run "full" {
  command = plan
  variables {
    create_kms_key      = false
    kms_key_arn         = "arn:aws:kms:eu-central-1:111122223333:key/given"
    deletion_protection = false
    recovery_days       = 7
    tables = {
      events = {
        name             = "device.events"
        hash_key         = { name = "device" }
        range_key        = { name = "time", type = "N" }
        ttl_attribute    = "expires"
        stream_view_type = "NEW_IMAGE"
        max_write_units  = 500
        indexes          = { by_site = { hash_key = { name = "site" }, range_key = { name = "time", type = "N" } } }
      }
    }
  }

  assert {
    condition     = aws_dynamodb_table.this["events"].name == "device.events" && aws_dynamodb_table.this["events"].range_key == "time"
    error_message = "name and keys were not taken"
  }
  assert {
    condition     = toset([for a in aws_dynamodb_table.this["events"].attribute : "${a.name}:${a.type}"]) == toset(["device:S", "time:N", "site:S"])
    error_message = "attributes are ${jsonencode(aws_dynamodb_table.this["events"].attribute)}"
  }
  assert {
    condition     = one(aws_dynamodb_table.this["events"].ttl).attribute_name == "expires" && one(aws_dynamodb_table.this["events"].on_demand_throughput).max_write_request_units == 500 && aws_dynamodb_table.this["events"].stream_view_type == "NEW_IMAGE"
    error_message = "expiry, cap or stream was not taken"
  }
  assert {
    condition     = length(aws_kms_key.this) == 0 && one(aws_dynamodb_table.this["events"].server_side_encryption).kms_key_arn == var.kms_key_arn
    error_message = "the given key must be used"
  }
}

run "tags_everywhere" {
  command = plan

  assert {
    condition     = alltrue([for tags in concat([aws_kms_key.this[0].tags], [for t in aws_dynamodb_table.this : t.tags]) : tags["Project"] == "streams" && tags["Environment"] == "dev"])
    error_message = "a resource has no tags"
  }
}

run "name_lengths" {
  command = plan
  variables {
    name = "a23456789-123456789-123456789-123456789-123456789-1234567890"
  }

  assert {
    condition     = length(aws_dynamodb_table.this["orders"].name) <= 255 && length(aws_kms_alias.this[0].name) <= 256
    error_message = "a name is too long"
  }
}

run "growth_before" {
  command = apply
}

run "growth_changes_nothing_else" {
  command = apply
  variables {
    tables = {
      another = { hash_key = { name = "id" } }
      orders  = { hash_key = { name = "id" } }
    }
  }

  assert {
    condition     = output.arns["orders"] == run.growth_before.arns["orders"] && output.kms_key_arn == run.growth_before.kms_key_arn
    error_message = "another table replaced the first"
  }
}

# Every validation fails once: each run gives several variables a wrong value and expects exactly these to be refused.

run "rejects_1" {
  command = plan
  variables {
    tables        = { "orders and more" = { hash_key = { name = "id" } } }
    kms_key_arn   = "arn:aws:kms:eu-central-1:111122223333:key/given"
    recovery_days = 36
  }
  expect_failures = [
    var.tables,
    var.kms_key_arn,
    var.recovery_days,
  ]
}

run "rejects_2" {
  command = plan
  variables {
    tables = {
      a = { name = "orders", hash_key = { name = "id" } }
      b = { name = "orders", hash_key = { name = "id" } }
    }
  }
  expect_failures = [var.tables]
}

run "rejects_3" {
  command = plan
  variables {
    tables = { orders = { hash_key = { name = "id", type = "string" } } }
  }
  expect_failures = [var.tables]
}

run "rejects_4" {
  command = plan
  variables {
    tables = { orders = { hash_key = { name = "id" }, range_key = { name = "id" } } }
  }
  expect_failures = [var.tables]
}

run "rejects_5" {
  command = plan
  variables {
    tables = { orders = { hash_key = { name = "id" }, stream_view_type = "ALL" } }
  }
  expect_failures = [var.tables]
}

run "rejects_6" {
  command = plan
  variables {
    tables = { orders = { hash_key = { name = "id" }, max_write_units = 0 } }
  }
  expect_failures = [var.tables]
}

# The tables' names begin with the name, so the name is wrong alone.

run "rejects_name" {
  command = plan
  variables {
    name = "Streams"
  }
  expect_failures = [var.name]
}
