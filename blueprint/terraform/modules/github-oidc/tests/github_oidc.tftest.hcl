mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
  }
}

variables {
  name         = "streams-dev-euc1"
  tags         = { Project = "streams", Environment = "dev" }
  repository   = "acme/streams"
  state        = { bucket_arn = "arn:aws:s3:::acme-state", key_prefix = "streams/dev/" }
  environments = { dev = { policy_arns = { stacks = "arn:aws:iam::111122223333:policy/stacks" } } }
}

run "defaults" {
  command = apply

  assert {
    condition     = jsondecode(aws_iam_role.this["apply-dev"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == ["repo:acme/streams:environment:dev"]
    error_message = "the apply role must be bound to the environment"
  }
  assert {
    condition     = alltrue([for r in aws_iam_role.this : jsondecode(r.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com" && !strcontains(r.assume_role_policy, "StringLike") && !strcontains(r.assume_role_policy, "*")])
    error_message = "a trust must name audience and exact subjects"
  }
  assert {
    condition     = join(",", jsondecode(aws_iam_role.this["plan"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]) == "repo:acme/streams:pull_request,repo:acme/streams:environment:dev-plan"
    error_message = "plans run for pull requests and main"
  }
  assert {
    condition     = contains(jsondecode(aws_iam_role_policy.no_data.policy).Statement[0].Action, "secretsmanager:GetSecretValue") && jsondecode(aws_iam_role_policy.no_data.policy).Statement[0].Resource == ["*"] && jsondecode(aws_iam_role_policy.no_data.policy).Statement[2].NotResource[0] == "arn:aws:s3:::acme-state/streams/dev/*"
    error_message = "a plan must not read secrets, and no objects but state"
  }
  assert {
    condition     = join(",", flatten([for s in jsondecode(aws_iam_role_policy.state["plan"].policy).Statement : s.Action if s.Sid == "State"])) == "s3:GetObject" && contains(flatten([for s in jsondecode(aws_iam_role_policy.state["apply-dev"].policy).Statement : s.Action if s.Sid == "State"]), "s3:PutObject")
    error_message = "a plan reads state, an apply writes it"
  }
  assert {
    condition     = aws_iam_role_policy_attachment.this["plan/read_only"].policy_arn == "arn:aws:iam::aws:policy/ReadOnlyAccess" && aws_iam_role_policy_attachment.this["apply-dev/stacks"].policy_arn == "arn:aws:iam::111122223333:policy/stacks"
    error_message = "policies were not attached"
  }
  assert {
    condition     = output.provider_arn == aws_iam_openid_connect_provider.this[0].arn && output.plan_role_arn == aws_iam_role.this["plan"].arn && output.apply_role_arns["dev"] == aws_iam_role.this["apply-dev"].arn && output.image_role_arn == null
    error_message = "outputs must come from the resources"
  }
}

run "full" {
  command = plan
  variables {
    create_provider      = false
    provider_arn         = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    plan_policy_arns     = { own = "arn:aws:iam::111122223333:policy/plan" }
    plan_subjects        = ["pull_request"]
    session_seconds      = 3600
    permissions_boundary = "arn:aws:iam::111122223333:policy/boundary"
    state                = { bucket_arn = "arn:aws:s3:::acme-state", kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/state" }
    image                = { repository_arns = ["arn:aws:ecr:eu-central-1:111122223333:repository/streams/worker"], refs = ["refs/tags/v1"] }
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.this) == 0 && alltrue([for r in aws_iam_role.this : jsondecode(r.assume_role_policy).Statement[0].Principal.Federated == var.provider_arn && r.permissions_boundary == var.permissions_boundary && r.max_session_duration == 3600])
    error_message = "provider, boundary or session was not taken"
  }
  assert {
    condition     = one(jsondecode(aws_iam_role.this["image"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]) == "repo:acme/streams:ref:refs/tags/v1" && jsondecode(aws_iam_role_policy.image["image"].policy).Statement[1].Resource == ["arn:aws:ecr:eu-central-1:111122223333:repository/streams/worker"]
    error_message = "images are pushed from the given refs to the given repositories"
  }
  assert {
    condition     = keys({ for k, a in aws_iam_role_policy_attachment.this : k => a if startswith(k, "plan/") }) == ["plan/own"] && length([for s in jsondecode(aws_iam_role_policy.state["plan"].policy).Statement : s if s.Sid == "Key"]) == 1
    error_message = "policies or the state's key were not taken"
  }
}

run "tags_everywhere" {
  command = plan

  assert {
    condition     = alltrue([for tags in concat([aws_iam_openid_connect_provider.this[0].tags], [for r in aws_iam_role.this : r.tags]) : tags["Project"] == "streams" && tags["Environment"] == "dev"])
    error_message = "a resource has no tags"
  }
}

run "name_lengths" {
  command = plan
  variables {
    name         = "a23456789-123456789-123456789-123456789-123456789-1234567890"
    environments = { a234567890123456789012345678901a = { policy_arns = { p = "arn:aws:iam::111122223333:policy/p" } }, a234567890123456789012345678901b = { policy_arns = { p = "arn:aws:iam::111122223333:policy/p" } } }
  }

  assert {
    condition     = alltrue([for r in aws_iam_role.this : length(r.name) <= 64]) && length(distinct([for r in aws_iam_role.this : r.name])) == 3
    error_message = "names are ${jsonencode([for r in aws_iam_role.this : r.name])}"
  }
}

run "growth_before" {
  command = apply
}

run "growth_changes_nothing_else" {
  command = apply
  variables {
    environments = { another = { policy_arns = { p = "arn:aws:iam::111122223333:policy/p" } }, dev = { policy_arns = { stacks = "arn:aws:iam::111122223333:policy/stacks" } } }
  }

  assert {
    condition     = output.apply_role_arns["dev"] == run.growth_before.apply_role_arns["dev"] && output.plan_role_arn == run.growth_before.plan_role_arn
    error_message = "another environment replaced a role"
  }
}

# Every validation fails once: each run gives several variables a wrong value and expects exactly these to be refused.

run "rejects_1" {
  command = plan
  variables {
    name             = "Streams"
    repository       = "acme/*"
    environments     = { "Prod!" = { policy_arns = { p = "arn:aws:iam::111122223333:policy/p" } } }
    state            = { bucket_arn = "acme-state" }
    plan_policy_arns = {}
    plan_subjects    = ["ref:refs/heads/*"]
    image            = { repository_arns = ["arn:aws:ecr:eu-central-1:111122223333:repository/*"] }
    provider_arn     = "arn:aws:iam::111122223333:oidc-provider/x"
    session_seconds  = 60
  }
  expect_failures = [
    var.name, var.repository, var.environments, var.state, var.plan_policy_arns, var.plan_subjects, var.image, var.provider_arn, var.session_seconds,
  ]
}

run "rejects_2" {
  command = plan
  variables {
    environments = { dev = { policy_arns = {} } }
    state        = { bucket_arn = "arn:aws:s3:::acme-state", key_prefix = "*/dev" }
    image        = { refs = ["refs/heads/*"] }
  }
  expect_failures = [var.environments, var.state, var.image]
}

run "rejects_3" {
  command = plan
  variables {
    environments = { dev = { policy_arns = { all = "arn:aws:iam::aws:policy/AdministratorAccess" } } }
  }
  expect_failures = [var.environments]
}

run "a_plan_reads_the_secrets_that_are_named" {
  command = plan
  variables {
    plan_secret_arns = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:streams-dev/admin-??????"]
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.no_data.policy).Statement[0].NotResource == ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:streams-dev/admin-??????"] && !can(jsondecode(aws_iam_role_policy.no_data.policy).Statement[0].Resource)
    error_message = "all other secrets must stay denied"
  }
}

run "a_pattern_of_secrets_is_refused" {
  command = plan
  variables {
    plan_secret_arns = ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:*"]
  }
  expect_failures = [var.plan_secret_arns]
}
