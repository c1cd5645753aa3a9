# Against an AWS emulator on loopback: values are written, and are nowhere else.
# terraform init -test-directory=tests/emulated
# AWS_ENDPOINT_URL=http://127.0.0.1:PORT terraform test -test-directory=tests/emulated

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "test" # real AWS refuses it, if the endpoint is not set
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

variables {
  name          = "streams-test-euc1"
  tags          = { Project = "streams", Environment = "test" }
  recovery_days = 0
  secrets = {
    orders-db = { description = "User of the orders connectors", generate = { fields = { username = "connect" } } }
    punctual  = { description = "With signs", generate = { length = 64, key = "token", punctuation = "!#" } }
    kafka     = { description = "Kafka key of the worker", supplied = true }
    operator  = { description = "Written by an operator" }
  }
  values = { kafka = { key = "K", secret = "canary-value-1" } }
}

run "values_are_written" {
  assert {
    condition     = aws_secretsmanager_secret_version.generated["orders-db"].has_secret_string_wo && aws_secretsmanager_secret_version.supplied["kafka"].has_secret_string_wo
    error_message = "nothing was written"
  }
  assert {
    condition     = alltrue([for v in concat(values(aws_secretsmanager_secret_version.generated), values(aws_secretsmanager_secret_version.supplied)) : v.secret_string_wo == null && nonsensitive(v.secret_string) == ""])
    error_message = "a value is in state"
  }
  assert {
    condition     = output.empty == ["operator"] && length(output.arns) == 4
    error_message = "the operator's secret must stay empty"
  }
}

run "they_can_be_read_and_have_the_form" {
  module {
    source = "./tests/emulated/reader"
  }
  variables {
    secret_ids = { for k, arn in run.values_are_written.arns : k => arn if k != "operator" }
  }

  assert {
    condition     = output.fields["orders-db"] == ["password", "username"] && output.lengths["orders-db"]["password"] == 32
    error_message = "orders-db has ${jsonencode(output.fields["orders-db"])}"
  }
  assert {
    condition     = output.lengths["punctual"]["token"] == 64 && output.only["punctual"]
    error_message = "the password has signs that were not allowed"
  }
  assert {
    condition     = output.fields["kafka"] == ["key", "secret"] && output.lengths["kafka"]["secret"] == length("canary-value-1")
    error_message = "the supplied value was not written as it was given"
  }
}

run "a_second_apply_writes_nothing" {
  assert {
    condition     = aws_secretsmanager_secret_version.generated["orders-db"].version_id == run.values_are_written.version_ids["orders-db"]
    error_message = "an apply without a new version number wrote a new value"
  }
}

run "a_new_version_number_writes_a_new_value" {
  variables {
    secrets = {
      orders-db = { description = "User of the orders connectors", version = 2, generate = { fields = { username = "connect" } } }
      punctual  = { description = "With signs", generate = { length = 64, key = "token", punctuation = "!#" } }
      kafka     = { description = "Kafka key of the worker", supplied = true }
      operator  = { description = "Written by an operator" }
    }
  }
  assert {
    condition     = output.version_ids["orders-db"] != run.values_are_written.version_ids["orders-db"] && output.version_ids["punctual"] == run.values_are_written.version_ids["punctual"]
    error_message = "exactly the secret with the new version number must change"
  }
}
