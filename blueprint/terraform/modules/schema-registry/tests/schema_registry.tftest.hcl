mock_provider "confluent" {
  mock_resource "confluent_schema" {
    defaults = { version = 7, schema_identifier = 100007 }
  }
}

variables {
  schema_dir = "./tests/schemas"
  subjects = {
    "orders.public.orders-value" = { format = "PROTOBUF", file = "order.proto" }
  }
}

run "defaults" {
  assert {
    condition     = confluent_schema_registry_cluster_config.this[0].compatibility_level == "BACKWARD" && length(confluent_subject_config.this) == 0
    error_message = "the default is BACKWARD, for every subject"
  }
  assert {
    condition = (
      output.schema_ids == tomap({ "orders.public.orders-value" = 100007 })
      && !confluent_schema.this["orders.public.orders-value"].hard_delete
      && !confluent_schema.this["orders.public.orders-value"].recreate_on_update
      && !confluent_schema.this["orders.public.orders-value"].skip_validation_during_plan
    )
    error_message = "the schema is wrong: ${jsonencode(output.schema_ids)}"
  }
}

run "full_and_growth_changes_nothing_else" {
  variables {
    shared_subjects = {
      "example.shared.Address" = { format = "AVRO", file = "address.avsc", compatibility = "FULL" }
    }
    subjects = {
      "orders.public.created-value" = {
        format        = "AVRO"
        file          = "order.avsc"
        compatibility = "FORWARD_TRANSITIVE"
        references = {
          "example.shared.Address" = { subject = "example.shared.Address" }
          "example.shared.Other"   = { subject = "example.shared.Other", version = 3 }
        }
      }
      "orders.public.orders-value" = { format = "PROTOBUF", file = "order.proto" }
    }
    default_compatibility       = null
    skip_validation_during_plan = true
    catalog_tags                = { PII = "Data about persons" }
  }

  assert {
    condition     = output.schema_ids["orders.public.orders-value"] == run.defaults.schema_ids["orders.public.orders-value"] && length(output.versions) == 3
    error_message = "a further subject replaced another"
  }
  assert {
    condition     = toset([for r in confluent_schema.this["orders.public.created-value"].schema_reference : "${r.subject_name}/${r.version}"]) == toset(["example.shared.Address/7", "example.shared.Other/3"])
    error_message = "references are ${jsonencode(confluent_schema.this["orders.public.created-value"].schema_reference)}"
  }
  assert {
    condition     = length(confluent_schema_registry_cluster_config.this) == 0 && confluent_subject_config.this["orders.public.created-value"].compatibility_level == "FORWARD_TRANSITIVE" && confluent_subject_config.this["example.shared.Address"].compatibility_level == "FULL"
    error_message = "compatibility is wrong"
  }
  assert {
    condition     = output.catalog_tags == toset(["PII"])
    error_message = "catalog tags are ${join(", ", output.catalog_tags)}"
  }
}

run "name_lengths" {
  command = plan
  variables {
    subjects = { (join("", [for i in range(51) : "abcde"])) = { format = "PROTOBUF", file = "order.proto" } }
  }

  assert {
    condition     = length(one(keys(confluent_schema.this))) == 255
    error_message = "the longest name has 255 characters"
  }
}

run "rejects_wrong_values" {
  command = plan
  variables {
    subjects              = { "orders value" = { format = "PROTOBUF", file = "order.proto" } }
    default_compatibility = "backward"
    catalog_tags          = { "personal data" = "x" }
  }
  expect_failures = [var.subjects, var.default_compatibility, var.catalog_tags]
}

# References are looked up among the shared subjects, so those have their own runs.
run "rejects_a_shared_name_with_spaces" {
  command = plan
  variables {
    shared_subjects = { "shared address" = { format = "AVRO", file = "address.avsc" } }
  }
  expect_failures = [var.shared_subjects]
}

run "rejects_a_shared_format_that_is_none" {
  command = plan
  variables {
    shared_subjects = { "shared" = { format = "avro", file = "address.avsc" } }
  }
  expect_failures = [var.shared_subjects]
}

run "rejects_a_shared_file_that_is_missing" {
  command = plan
  variables {
    shared_subjects = { "shared" = { format = "AVRO", file = "nothing.avsc" } }
    subjects        = {}
  }
  expect_failures = [var.shared_subjects]
}

run "rejects_a_shared_file_that_is_not_json" {
  command = plan
  variables {
    shared_subjects = { "shared" = { format = "AVRO", file = "broken.avsc" } }
  }
  expect_failures = [var.shared_subjects]
}

run "rejects_a_shared_compatibility_that_is_none" {
  command = plan
  variables {
    shared_subjects = { "shared" = { format = "AVRO", file = "address.avsc", compatibility = "SIDEWAYS" } }
  }
  expect_failures = [var.shared_subjects]
}

run "rejects_a_format_that_is_none" {
  command = plan
  variables {
    subjects = { "orders-value" = { format = "XML", file = "address.avsc" } }
  }
  expect_failures = [var.subjects]
}

run "rejects_a_file_that_is_missing" {
  command = plan
  variables {
    subjects = { "orders-value" = { format = "AVRO", file = "nothing.avsc" } }
  }
  expect_failures = [var.subjects]
}

run "rejects_a_file_that_is_not_json" {
  command = plan
  variables {
    subjects = { "orders-value" = { format = "AVRO", file = "broken.avsc" } }
  }
  expect_failures = [var.subjects]
}

run "rejects_a_reference_to_nothing" {
  command = plan
  variables {
    subjects = { "orders-value" = { format = "AVRO", file = "order.avsc", references = { a = { subject = "elsewhere" } } } }
  }
  expect_failures = [var.subjects]
}

run "rejects_a_compatibility_that_is_none" {
  command = plan
  variables {
    subjects = { "orders-value" = { format = "PROTOBUF", file = "order.proto", compatibility = "SIDEWAYS" } }
  }
  expect_failures = [var.subjects]
}
