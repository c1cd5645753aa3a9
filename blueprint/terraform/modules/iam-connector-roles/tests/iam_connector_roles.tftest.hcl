mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::111122223333:policy/mocked" }
  }
}

mock_provider "confluent" {}

variables {
  name           = "streams-dev-euc1"
  tags           = { Project = "streams", Environment = "dev" }
  environment_id = "env-abc123"
  roles          = { lake-sink = { s3 = { bucket_arn = "arn:aws:s3:::acme-lake" } } }
}

run "defaults" {
  command = apply

  assert {
    condition     = one(confluent_provider_integration.this["lake-sink"].aws[*].customer_role_arn) == "arn:aws:iam::111122223333:role/streams-dev-euc1-lake-sink" && aws_iam_role.this["lake-sink"].name == "streams-dev-euc1-lake-sink"
    error_message = "the integration names another role than the one that is made"
  }
  assert {
    condition     = jsondecode(aws_iam_role.this["lake-sink"].assume_role_policy).Statement[0].Condition.StringEquals["sts:ExternalId"] == one(confluent_provider_integration.this["lake-sink"].aws[*].external_id) && one(confluent_provider_integration.this["lake-sink"].aws[*].external_id) != null
    error_message = "the external id must be the integration's own"
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role.this["lake-sink"].assume_role_policy).Statement : s.Action] == ["sts:AssumeRole", "sts:TagSession"] && alltrue([for s in jsondecode(aws_iam_role.this["lake-sink"].assume_role_policy).Statement : s.Principal.AWS == one(confluent_provider_integration.this["lake-sink"].aws[*].iam_role_arn)])
    error_message = "Confluent's role, and nobody else, assumes and tags"
  }
  assert {
    condition     = !strcontains(aws_iam_policy.this["lake-sink"].policy, "s3:Delete") && strcontains(aws_iam_policy.this["lake-sink"].policy, "s3:GetBucketLocation") && strcontains(aws_iam_policy.this["lake-sink"].policy, "s3:AbortMultipartUpload")
    error_message = "the S3 sink's actions are wrong"
  }
  assert {
    condition     = length(jsondecode(aws_iam_policy.this["lake-sink"].policy).Statement) == 2
    error_message = "more rights than asked for"
  }
  assert {
    condition     = output.roles["lake-sink"].integration_id == confluent_provider_integration.this["lake-sink"].id && output.roles["lake-sink"].policy_arn == aws_iam_policy.this["lake-sink"].arn && length(output.task_policy_arns) == 0
    error_message = "outputs must come from the resources"
  }
}

run "full" {
  command = plan
  variables {
    permissions_boundary = "arn:aws:iam::111122223333:policy/boundary"
    roles = {
      all = {
        s3           = { bucket_arn = "arn:aws:s3:::acme-lake", prefix = "topics/orders/" }
        dynamodb     = { table_arns = ["arn:aws:dynamodb:eu-central-1:111122223333:table/orders-*"], create_tables = true }
        kms_key_arns = ["arn:aws:kms:eu-central-1:111122223333:key/lake"]
      }
      worker = { managed = false, dynamodb = { table_arns = ["arn:aws:dynamodb:eu-central-1:111122223333:table/orders"] } }
    }
  }

  assert {
    condition     = [for s in jsondecode(aws_iam_policy.this["all"].policy).Statement : s.Sid] == ["Bucket", "Objects", "Tables", "Keys"] && jsondecode(aws_iam_policy.this["all"].policy).Statement[1].Resource == "arn:aws:s3:::acme-lake/topics/orders/*"
    error_message = "statements are wrong: ${aws_iam_policy.this["all"].policy}"
  }
  assert {
    condition     = join(",", jsondecode(aws_iam_policy.this["all"].policy).Statement[3].Condition.StringEquals["kms:ViaService"]) == "s3.eu-central-1.amazonaws.com,dynamodb.eu-central-1.amazonaws.com"
    error_message = "the key must be used through S3 and DynamoDB only"
  }
  assert {
    condition     = contains(jsondecode(aws_iam_policy.this["all"].policy).Statement[2].Action, "dynamodb:CreateTable") && !strcontains(aws_iam_policy.this["worker"].policy, "CreateTable")
    error_message = "creating tables is a right on request"
  }
  assert {
    condition     = keys(aws_iam_role.this) == ["all"] && keys(confluent_provider_integration.this) == ["all"] && aws_iam_role.this["all"].permissions_boundary == var.permissions_boundary
    error_message = "only a managed role has a role and an integration"
  }
}

run "tags_everywhere" {
  command = plan

  assert {
    condition     = alltrue([for tags in concat([for r in aws_iam_role.this : r.tags], [for p in aws_iam_policy.this : p.tags]) : tags["Project"] == "streams" && tags["Environment"] == "dev"])
    error_message = "a resource has no tags"
  }
}

run "name_lengths" {
  command = plan
  variables {
    name = "a23456789-123456789-123456789-123456789-123456789-1234567890"
    roles = {
      lake-sink-one = { s3 = { bucket_arn = "arn:aws:s3:::acme-lake" } }
      lake-sink-two = { s3 = { bucket_arn = "arn:aws:s3:::acme-lake" } }
    }
  }

  assert {
    condition     = alltrue([for r in aws_iam_role.this : length(r.name) <= 64]) && length(distinct([for r in aws_iam_role.this : r.name])) == 2
    error_message = "names are ${jsonencode([for r in aws_iam_role.this : r.name])}"
  }
  assert {
    condition     = alltrue([for k, r in aws_iam_role.this : endswith(one(confluent_provider_integration.this[k].aws[*].customer_role_arn), ":role/${r.name}")])
    error_message = "the integration names another role than the one that is made"
  }
}

run "growth_before" {
  command = apply
}

run "growth_changes_nothing_else" {
  command = apply
  variables {
    roles = {
      another   = { s3 = { bucket_arn = "arn:aws:s3:::acme-other" } }
      lake-sink = { s3 = { bucket_arn = "arn:aws:s3:::acme-lake" } }
    }
  }

  assert {
    condition     = output.roles["lake-sink"] == run.growth_before.roles["lake-sink"]
    error_message = "another role replaced the first"
  }
}

# Every validation fails once: each run gives several variables a wrong value and expects exactly these to be refused.

run "rejects_1" {
  command = plan
  variables {
    name  = "Streams"
    roles = { "Lake Sink" = { managed = false, s3 = { bucket_arn = "arn:aws:s3:::acme-lake" } } }
  }
  expect_failures = [var.name, var.roles]
}

run "rejects_environment_id" {
  command = plan
  variables {
    environment_id = "lkc-abc123"
  }
  expect_failures = [var.environment_id]
}

run "rejects_managed_without_environment" {
  command = plan
  variables {
    environment_id = null
  }
  expect_failures = [var.environment_id]
}

run "rejects_role_without_rights" {
  command = plan
  variables {
    roles = { idle = {} }
  }
  expect_failures = [var.roles]
}

run "rejects_all_buckets" {
  command = plan
  variables {
    roles = { lake = { s3 = { bucket_arn = "arn:aws:s3:::*" } } }
  }
  expect_failures = [var.roles]
}

run "rejects_prefix_with_wildcard" {
  command = plan
  variables {
    roles = { lake = { s3 = { bucket_arn = "arn:aws:s3:::acme-lake", prefix = "*/orders" } } }
  }
  expect_failures = [var.roles]
}

run "rejects_all_tables" {
  command = plan
  variables {
    roles = { lake = { dynamodb = { table_arns = ["arn:aws:dynamodb:eu-central-1:111122223333:table/*"], create_tables = true } } }
  }
  expect_failures = [var.roles]
}

run "rejects_prefix_of_tables_without_creation" {
  command = plan
  variables {
    roles = { lake = { dynamodb = { table_arns = ["arn:aws:dynamodb:eu-central-1:111122223333:table/orders-*"] } } }
  }
  expect_failures = [var.roles]
}

run "rejects_key_alias" {
  command = plan
  variables {
    roles = { lake = { s3 = { bucket_arn = "arn:aws:s3:::acme-lake" }, kms_key_arns = ["alias/lake"] } }
  }
  expect_failures = [var.roles]
}
