mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
}

variables {
  name            = "streams-dev-euc1"
  tags            = { Owner = "platform", Environment = "dev" }
  vpc_id          = "vpc-0123456789abcdef0"
  route_table_ids = ["rtb-0123456789abcdef0"]
  bucket_arns     = ["arn:aws:s3:::acme-orders"]
  table_arns      = ["arn:aws:dynamodb:eu-central-1:123456789012:table/orders"]
}

run "one_service" {
  variables {
    services = ["s3"]
  }

  assert {
    condition     = toset(keys(output.endpoint_ids)) == toset(["s3"]) && aws_vpc_endpoint.this["s3"].service_name == "com.amazonaws.eu-central-1.s3"
    error_message = "endpoints are ${jsonencode(output.endpoint_ids)}"
  }
}

run "defaults_and_growth_changes_nothing_else" {
  assert {
    condition     = toset(keys(output.endpoint_ids)) == toset(["dynamodb", "s3"]) && output.endpoint_ids["s3"] == run.one_service.endpoint_ids["s3"]
    error_message = "a further service replaced the first"
  }
  assert {
    condition = (
      toset(jsondecode(aws_vpc_endpoint.this["s3"].policy).Statement[0].Resource) == toset(["arn:aws:s3:::acme-orders", "arn:aws:s3:::acme-orders/*"])
      && jsondecode(aws_vpc_endpoint.this["s3"].policy).Statement[0].Condition.StringEquals["aws:PrincipalAccount"] == "123456789012"
    )
    error_message = "the S3 endpoint must reach the named bucket, for this account"
  }
  assert {
    condition     = jsondecode(aws_vpc_endpoint.this["s3"].policy).Statement[1].Resource == ["arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*"]
    error_message = "image layers must come through"
  }
  assert {
    condition     = contains(jsondecode(aws_vpc_endpoint.this["dynamodb"].policy).Statement[0].Resource, "arn:aws:dynamodb:eu-central-1:123456789012:table/orders")
    error_message = "the DynamoDB endpoint must reach the named table"
  }
}

run "full_with_the_longest_name_and_tags_everywhere" {
  variables {
    name               = "a2345678901234567890123456789012345678901234567890123456789012"
    allow_image_layers = false
    route_table_ids    = ["rtb-0123456789abcdef0", "rtb-0123456789abcdef1"]
  }

  assert {
    condition     = length(jsondecode(aws_vpc_endpoint.this["s3"].policy).Statement) == 1 && length(aws_vpc_endpoint.this["s3"].route_table_ids) == 2
    error_message = "no image layers were asked for, and both route tables were"
  }
  assert {
    condition     = alltrue([for e in values(aws_vpc_endpoint.this) : e.tags["Owner"] == "platform" && e.tags["Environment"] == "dev" && length(e.tags["Name"]) <= 256])
    error_message = "an endpoint is without its tags"
  }
}

run "rejects_wrong_values" {
  command = plan
  variables {
    name            = "-dev"
    vpc_id          = "vpc"
    route_table_ids = ["main"]
    bucket_arns     = ["arn:aws:s3:::*"]
    table_arns      = ["orders"]
  }
  expect_failures = [var.name, var.vpc_id, var.route_table_ids, var.bucket_arns, var.table_arns]
}

run "rejects_endpoints_to_nothing" {
  command = plan
  variables {
    route_table_ids = []
    bucket_arns     = []
    table_arns      = []
  }
  expect_failures = [var.route_table_ids, var.bucket_arns, var.table_arns]
}

# What is wrong with services hides what depends on it, so it has its own run.
run "rejects_a_service_without_gateway_endpoints" {
  command = plan
  variables {
    services = ["s3", "kinesis"]
  }
  expect_failures = [var.services]
}
