mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/own" }
  }
}

variables {
  name       = "streams-dev-euc1-orders"
  tags       = { Project = "streams", Environment = "dev" }
  vpc_id     = "vpc-0123456789abcdef0"
  subnet_ids = ["subnet-0a", "subnet-0b"]
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_rds_cluster.this.deletion_protection && aws_rds_cluster.this.storage_encrypted && !aws_rds_cluster.this.skip_final_snapshot
    error_message = "the defaults must protect the data"
  }
  assert {
    condition     = aws_rds_cluster.this.manage_master_user_password && aws_rds_cluster.this.master_password == null
    error_message = "the password must be RDS's own"
  }
  assert {
    condition     = length(aws_rds_cluster_instance.this) == 2 && alltrue([for i in aws_rds_cluster_instance.this : !i.publicly_accessible])
    error_message = "two private instances by default"
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.group) == 0 && length(aws_vpc_security_group_ingress_rule.cidr) == 0
    error_message = "nobody may connect by default"
  }
  assert {
    condition     = tomap({ for p in aws_rds_cluster_parameter_group.this.parameter : p.name => p.value }) == tomap({ "rds.force_ssl" = "1", "rds.logical_replication" = "1", max_replication_slots = "20", max_wal_senders = "20", wal_sender_timeout = "60000" })
    error_message = "parameters are ${jsonencode(aws_rds_cluster_parameter_group.this.parameter)}"
  }
  assert {
    condition     = alltrue([for p in aws_rds_cluster_parameter_group.this.parameter : p.apply_method == "pending-reboot" if p.name == "rds.logical_replication"])
    error_message = "logical replication is a static parameter"
  }
  assert {
    condition     = aws_rds_cluster_parameter_group.this.family == "aurora-postgresql16" && aws_cloudwatch_log_group.this.name == "/aws/rds/cluster/streams-dev-euc1-orders/postgresql"
    error_message = "family ${aws_rds_cluster_parameter_group.this.family}, log group ${aws_cloudwatch_log_group.this.name}"
  }
}

run "full" {
  command = plan
  variables {
    engine_version              = "15.10"
    database_name               = "orders"
    master_username             = "root_of_orders"
    port                        = 6432
    capacity                    = { min = 0, max = 16, auto_pause_seconds = 600 }
    instance_count              = 3
    cdc                         = { enabled = false }
    parameters                  = { log_min_duration_statement = { value = "500", apply_method = "immediate" } }
    create_kms_key              = false
    kms_key_arn                 = "arn:aws:kms:eu-central-1:111122223333:key/0"
    log_kms_key_arn             = "arn:aws:kms:eu-central-1:111122223333:key/1"
    backup_days                 = 35
    deletion_protection         = false
    skip_final_snapshot         = true
    iam_authentication          = true
    performance_insights        = false
    allowed_security_group_ids  = { worker = "sg-1" }
    allowed_cidr_blocks         = { nlb_a = "10.0.1.0/24", nlb_b = "10.0.2.0/24" }
    allow_major_version_upgrade = true
    apply_immediately           = true
  }

  assert {
    condition     = length(aws_kms_key.this) == 0 && aws_rds_cluster.this.kms_key_id == var.kms_key_arn && aws_rds_cluster.this.master_user_secret_kms_key_id == var.kms_key_arn && aws_cloudwatch_log_group.this.kms_key_id == var.log_kms_key_arn
    error_message = "the given keys must be used"
  }
  assert {
    condition     = tomap({ for p in aws_rds_cluster_parameter_group.this.parameter : p.name => p.value }) == tomap({ "rds.force_ssl" = "1", log_min_duration_statement = "500" })
    error_message = "parameters are ${jsonencode(aws_rds_cluster_parameter_group.this.parameter)}"
  }
  assert {
    condition     = toset([for r in concat(values(aws_vpc_security_group_ingress_rule.group), values(aws_vpc_security_group_ingress_rule.cidr)) : r.from_port]) == toset([6432]) && length(aws_vpc_security_group_ingress_rule.cidr) == 2
    error_message = "the rules must open the port and nothing else"
  }
  assert {
    condition     = aws_rds_cluster.this.serverlessv2_scaling_configuration[0].seconds_until_auto_pause == 600 && length(aws_rds_cluster_instance.this) == 3
    error_message = "sizes were not taken"
  }
}

run "tags_everywhere" {
  command = plan
  variables {
    allowed_security_group_ids = { worker = "sg-1" }
    allowed_cidr_blocks        = { nlb = "10.0.1.0/24" }
  }

  assert {
    condition = alltrue([for tags in concat(
      [aws_kms_key.this[0].tags, aws_db_subnet_group.this.tags, aws_security_group.this.tags, aws_rds_cluster_parameter_group.this.tags, aws_cloudwatch_log_group.this.tags, aws_rds_cluster.this.tags],
      [for i in aws_rds_cluster_instance.this : i.tags],
      [for r in aws_vpc_security_group_ingress_rule.group : r.tags],
      [for r in aws_vpc_security_group_ingress_rule.cidr : r.tags],
    ) : tags["Project"] == "streams" && tags["Environment"] == "dev"])
    error_message = "a resource has no tags"
  }
}

run "name_lengths" {
  command = plan
  variables {
    name                  = "a23456789-123456789-123456789-123456789-123456789-123456"
    instance_count        = 16
    final_snapshot_suffix = "before-the-move"
  }

  assert {
    condition     = alltrue([for i in aws_rds_cluster_instance.this : length(i.identifier) <= 63]) && length(aws_rds_cluster.this.cluster_identifier) <= 63 && length(aws_kms_alias.this[0].name) <= 256
    error_message = "an identifier is longer than 63"
  }
}

run "growth_before" {
  command = apply
  variables {
    allowed_security_group_ids = { worker = "sg-1" }
    instance_count             = 1
  }

  assert {
    condition     = output.endpoint == aws_rds_cluster.this.endpoint && output.security_group_id == aws_security_group.this.id
    error_message = "outputs must come from the resources"
  }
  assert {
    condition     = output.master_secret_arn == one(aws_rds_cluster.this.master_user_secret[*].secret_arn)
    error_message = "the secret is named by its ARN only"
  }
}

run "growth_changes_nothing_else" {
  command = apply
  variables {
    allowed_security_group_ids = { another = "sg-0", worker = "sg-1" }
    instance_count             = 2
  }

  assert {
    condition     = output.endpoint == run.growth_before.endpoint && output.security_group_id == run.growth_before.security_group_id && output.kms_key_arn == run.growth_before.kms_key_arn
    error_message = "another client or instance replaced something"
  }
  assert {
    condition     = output.instance_azs["1"] == run.growth_before.instance_azs["1"]
    error_message = "another instance replaced the first"
  }
}

# Every validation fails once: each run gives several variables a wrong value and expects exactly these to be refused.

run "rejects_1" {
  command = plan
  variables {
    name                  = "Orders--DB"
    vpc_id                = "my-vpc"
    subnet_ids            = ["subnet-0a", "subnet-0a"]
    engine_version        = "16"
    database_name         = "my-db"
    master_username       = "rdsadmin"
    port                  = 80
    capacity              = { min = 0.7, max = 8 }
    instance_count        = 0
    allowed_cidr_blocks   = { world = "0.0.0.0/0" }
    parameters            = { work_mem = { value = "1", apply_method = "now" } }
    kms_key_arn           = "arn:aws:kms:eu-central-1:111122223333:key/0"
    log_kms_key_arn       = "arn:aws:kms:eu-central-1:111122223333:key/0"
    log_retention_days    = 31
    backup_days           = 0
    backup_window         = "2am"
    maintenance_window    = "03:30-04:30"
    final_snapshot_suffix = "-x"
  }
  expect_failures = [
    var.name,
    var.vpc_id,
    var.subnet_ids,
    var.engine_version,
    var.database_name,
    var.master_username,
    var.port,
    var.capacity,
    var.instance_count,
    var.allowed_cidr_blocks,
    var.parameters,
    var.kms_key_arn,
    var.log_kms_key_arn,
    var.log_retention_days,
    var.backup_days,
    var.backup_window,
    var.maintenance_window,
    var.final_snapshot_suffix,
  ]
}

run "rejects_2" {
  command = plan
  variables {
    capacity            = { min = 8, max = 4 }
    allowed_cidr_blocks = { office = "203.0.113.0/24" }
    parameters          = { "rds.force_ssl" = { value = "0" } }
  }
  expect_failures = [
    var.capacity,
    var.allowed_cidr_blocks,
    var.parameters,
  ]
}

run "rejects_3" {
  command = plan
  variables {
    capacity = { min = 0, max = 8 }
  }
  expect_failures = [var.capacity]
}

run "rejects_4" {
  command = plan
  variables {
    capacity = { min = 0, max = 8, auto_pause_seconds = 10 }
    cdc      = { enabled = false }
  }
  expect_failures = [var.capacity]
}

# Capacity looks at cdc, so cdc is wrong alone.

run "rejects_5" {
  command = plan
  variables {
    cdc = { max_replication_slots = 1 }
  }
  expect_failures = [var.cdc]
}

run "rejects_6" {
  command = plan
  variables {
    cdc = { max_replication_slots = 30 }
  }
  expect_failures = [var.cdc]
}

run "rejects_7" {
  command = plan
  variables {
    cdc = { wal_sender_timeout_ms = 5 }
  }
  expect_failures = [var.cdc]
}
