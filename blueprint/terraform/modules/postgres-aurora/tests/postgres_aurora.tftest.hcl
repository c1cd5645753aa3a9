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

run "rejects_name" {
  command = plan
  variables {
    name = "Orders--DB"
  }
  expect_failures = [var.name]
}

run "rejects_vpc_id" {
  command = plan
  variables {
    vpc_id = "my-vpc"
  }
  expect_failures = [var.vpc_id]
}

run "rejects_one_subnet" {
  command = plan
  variables {
    subnet_ids = ["subnet-0a", "subnet-0a"]
  }
  expect_failures = [var.subnet_ids]
}

run "rejects_engine_version" {
  command = plan
  variables {
    engine_version = "16"
  }
  expect_failures = [var.engine_version]
}

run "rejects_database_name" {
  command = plan
  variables {
    database_name = "my-db"
  }
  expect_failures = [var.database_name]
}

run "rejects_master_username" {
  command = plan
  variables {
    master_username = "rdsadmin"
  }
  expect_failures = [var.master_username]
}

run "rejects_port" {
  command = plan
  variables {
    port = 80
  }
  expect_failures = [var.port]
}

run "rejects_capacity_step" {
  command = plan
  variables {
    capacity = { min = 0.7, max = 8 }
  }
  expect_failures = [var.capacity]
}

run "rejects_capacity_order" {
  command = plan
  variables {
    capacity = { min = 8, max = 4 }
  }
  expect_failures = [var.capacity]
}

run "rejects_pause_with_cdc" {
  command = plan
  variables {
    capacity = { min = 0, max = 8 }
  }
  expect_failures = [var.capacity]
}

run "rejects_auto_pause_seconds" {
  command = plan
  variables {
    capacity = { min = 0, max = 8, auto_pause_seconds = 10 }
    cdc      = { enabled = false }
  }
  expect_failures = [var.capacity]
}

run "rejects_instance_count" {
  command = plan
  variables {
    instance_count = 0
  }
  expect_failures = [var.instance_count]
}

run "rejects_open_cidr" {
  command = plan
  variables {
    allowed_cidr_blocks = { world = "0.0.0.0/0" }
  }
  expect_failures = [var.allowed_cidr_blocks]
}

run "rejects_public_cidr" {
  command = plan
  variables {
    allowed_cidr_blocks = { office = "203.0.113.0/24" }
  }
  expect_failures = [var.allowed_cidr_blocks]
}

run "rejects_slots" {
  command = plan
  variables {
    cdc = { max_replication_slots = 1 }
  }
  expect_failures = [var.cdc]
}

run "rejects_fewer_senders_than_slots" {
  command = plan
  variables {
    cdc = { max_replication_slots = 30 }
  }
  expect_failures = [var.cdc]
}

run "rejects_sender_timeout" {
  command = plan
  variables {
    cdc = { wal_sender_timeout_ms = 5 }
  }
  expect_failures = [var.cdc]
}

run "rejects_apply_method" {
  command = plan
  variables {
    parameters = { work_mem = { value = "1", apply_method = "now" } }
  }
  expect_failures = [var.parameters]
}

run "rejects_own_parameter" {
  command = plan
  variables {
    parameters = { "rds.force_ssl" = { value = "0" } }
  }
  expect_failures = [var.parameters]
}

run "rejects_two_keys" {
  command = plan
  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/0"
  }
  expect_failures = [var.kms_key_arn]
}

run "rejects_log_key_beside_own" {
  command = plan
  variables {
    log_kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/0"
  }
  expect_failures = [var.log_kms_key_arn]
}

run "rejects_log_retention_days" {
  command = plan
  variables {
    log_retention_days = 31
  }
  expect_failures = [var.log_retention_days]
}

run "rejects_backup_days" {
  command = plan
  variables {
    backup_days = 0
  }
  expect_failures = [var.backup_days]
}

run "rejects_backup_window" {
  command = plan
  variables {
    backup_window = "2am"
  }
  expect_failures = [var.backup_window]
}

run "rejects_maintenance_window" {
  command = plan
  variables {
    maintenance_window = "03:30-04:30"
  }
  expect_failures = [var.maintenance_window]
}

run "rejects_final_snapshot_suffix" {
  command = plan
  variables {
    final_snapshot_suffix = "-x"
  }
  expect_failures = [var.final_snapshot_suffix]
}
