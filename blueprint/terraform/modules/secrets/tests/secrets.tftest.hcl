# What needs no generated value. The rest is in tests/emulated: mock providers refuse ephemeral resources, so here the real
# provider runs without an account, and everything that would ask AWS is overridden.

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true

  endpoints {
    kms            = "http://127.0.0.1:9" # nobody listens there: a call that is not overridden fails
    secretsmanager = "http://127.0.0.1:9"
    sts            = "http://127.0.0.1:9"
  }
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

override_resource {
  target = aws_kms_key.this
  values = { arn = "arn:aws:kms:eu-central-1:111122223333:key/own" }
}

override_resource {
  target = aws_kms_alias.this
}

override_resource {
  target = aws_secretsmanager_secret.this
}

override_resource {
  target = aws_secretsmanager_secret_version.supplied
}

override_resource {
  target = aws_secretsmanager_secret_rotation.this
}

variables {
  name    = "streams-dev-euc1"
  tags    = { Project = "streams", Environment = "dev" }
  secrets = { partner-sftp = { description = "Written by the partner team" } }
  values  = {}
}

run "defaults" {
  command = apply

  assert {
    condition     = aws_secretsmanager_secret.this["partner-sftp"].name == "streams-dev-euc1/partner-sftp" && aws_secretsmanager_secret.this["partner-sftp"].recovery_window_in_days == 30
    error_message = "name or recovery is wrong"
  }
  assert {
    condition     = aws_secretsmanager_secret.this["partner-sftp"].kms_key_id == aws_kms_key.this[0].arn && aws_kms_key.this[0].enable_key_rotation
    error_message = "the secrets' own, rotating key must encrypt them"
  }
  assert {
    condition     = length(aws_secretsmanager_secret_version.generated) == 0 && length(aws_secretsmanager_secret_version.supplied) == 0 && output.empty == ["partner-sftp"]
    error_message = "an operator's secret stays empty"
  }
}

run "supplied" {
  command = apply
  variables {
    secrets = {
      kafka = { description = "Kafka key of the worker", supplied = true, rotation_days = 30, rotation_lambda_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate" }
    }
    values         = { kafka = { key = "K", secret = "canary-value-1" } }
    create_kms_key = false
    kms_key_arn    = "arn:aws:kms:eu-central-1:111122223333:key/given"
    recovery_days  = 7
  }

  assert {
    condition     = aws_secretsmanager_secret_version.supplied["kafka"].secret_string_wo_version == 1 && aws_secretsmanager_secret_version.supplied["kafka"].secret_string_wo == null
    error_message = "the value is write-only"
  }
  assert {
    condition     = !strcontains(jsonencode([output.arns, output.names, output.empty, output.kms_key_arn]), "canary-value-1")
    error_message = "a secret is in an output"
  }
  assert {
    condition     = one(aws_secretsmanager_secret_rotation.this["kafka"].rotation_rules).automatically_after_days == 30 && !aws_secretsmanager_secret_rotation.this["kafka"].rotate_immediately
    error_message = "the rotation was not taken"
  }
  assert {
    condition     = length(aws_kms_key.this) == 0 && output.kms_key_arn == "arn:aws:kms:eu-central-1:111122223333:key/given"
    error_message = "the given key must be used"
  }
}

run "tags_everywhere" {
  command = plan

  assert {
    condition     = alltrue([for tags in concat([aws_kms_key.this[0].tags], [for s in aws_secretsmanager_secret.this : s.tags]) : tags["Project"] == "streams" && tags["Environment"] == "dev"])
    error_message = "a resource has no tags"
  }
}

run "name_lengths" {
  command = plan
  variables {
    name    = "a23456789-123456789-123456789-123456789-123456789-1234567890"
    secrets = { "teams/orders/a23456789-123456789-123456789-123456789-123456789-123456789-123456789-123456789-123456789-123456789" = { description = "long" } }
  }

  assert {
    condition     = alltrue([for s in aws_secretsmanager_secret.this : length(s.name) <= 512]) && length(aws_kms_alias.this[0].name) <= 256
    error_message = "a name is too long"
  }
}

run "growth_before" {
  command = apply
}

run "growth_changes_nothing_else" {
  command = apply
  variables {
    secrets = {
      another      = { description = "Another one" }
      partner-sftp = { description = "Written by the partner team" }
    }
  }

  assert {
    condition     = output.arns["partner-sftp"] == run.growth_before.arns["partner-sftp"]
    error_message = "another secret replaced the first"
  }
}

# Every validation fails once: each run gives several variables a wrong value and expects exactly these to be refused.

run "rejects_1" {
  command = plan
  variables {
    name          = "Streams/dev"
    secrets       = { "orders:db" = { description = "x" } }
    kms_key_arn   = "arn:aws:kms:eu-central-1:111122223333:key/given"
    recovery_days = 3
  }
  expect_failures = [
    var.name,
    var.secrets,
    var.kms_key_arn,
    var.recovery_days,
  ]
}

run "rejects_2" {
  command = plan
  variables {
    secrets = { orders = { description = "" } }
  }
  expect_failures = [var.secrets]
}

run "rejects_3" {
  command = plan
  variables {
    secrets = { orders = { description = "x", version = 0 } }
  }
  expect_failures = [var.secrets]
}

run "rejects_4" {
  command = plan
  variables {
    secrets = { orders = { description = "x", supplied = true, generate = {} } }
    values  = { orders = { a = "b" } }
  }
  expect_failures = [var.secrets]
}

run "rejects_5" {
  command = plan
  variables {
    secrets = { orders = { description = "x", generate = { length = 8 } } }
  }
  expect_failures = [var.secrets]
}

run "rejects_6" {
  command = plan
  variables {
    secrets = { orders = { description = "x", generate = { punctuation = "!\\" } } }
  }
  expect_failures = [var.secrets]
}

run "rejects_7" {
  command = plan
  variables {
    secrets = { orders = { description = "x", generate = { fields = { password = "plain" } } } }
  }
  expect_failures = [var.secrets]
}

run "rejects_8" {
  command = plan
  variables {
    secrets = { orders = { description = "x", rotation_days = 30 } }
  }
  expect_failures = [var.secrets]
}

run "rejects_9" {
  command = plan
  variables {
    secrets = { orders = { description = "x", rotation_days = 0, rotation_lambda_arn = "arn:aws:lambda:eu-central-1:111122223333:function:rotate" } }
  }
  expect_failures = [var.secrets]
}

run "rejects_10" {
  command = plan
  variables {
    secrets = { orders = { description = "x", supplied = true } }
  }
  expect_failures = [var.values]
}
