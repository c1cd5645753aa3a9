# Where the sources' offsets are kept. A task's own disk goes with the task: after every deployment sources would read
# everything again.

locals {
  offsets_on_efs = var.offset_storage == "efs" ? { offsets = var.subnet_ids } : {}
  mount_targets  = var.offset_storage == "efs" ? var.subnet_ids : {}
}

resource "aws_efs_file_system" "this" {
  for_each = local.offsets_on_efs

  creation_token = var.name
  encrypted      = true
  kms_key_id     = local.key_arn
  tags           = merge(local.tags, { Name = "${var.name}-offsets" })
}

resource "aws_efs_access_point" "this" {
  for_each = local.offsets_on_efs

  file_system_id = aws_efs_file_system.this[each.key].id
  tags           = merge(local.tags, { Name = "${var.name}-offsets" })

  posix_user {
    uid = local.user
    gid = local.user
  }

  root_directory {
    path = "/offsets"

    creation_info {
      owner_uid   = local.user
      owner_gid   = local.user
      permissions = "0700"
    }
  }
}

# Who mounts it does so by TLS, through the access point, with the task's role. A policy without a statement for others
# leaves them out.
resource "aws_efs_file_system_policy" "this" {
  for_each = local.offsets_on_efs

  file_system_id = aws_efs_file_system.this[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Worker"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.task.arn }
        Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        Resource  = aws_efs_file_system.this[each.key].arn
        Condition = { StringEquals = { "elasticfilesystem:AccessPointArn" = aws_efs_access_point.this[each.key].arn } }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "*"
        Resource  = aws_efs_file_system.this[each.key].arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_efs_mount_target" "this" {
  for_each = local.mount_targets

  file_system_id  = aws_efs_file_system.this["offsets"].id
  subnet_id       = each.value
  security_groups = [for sg in aws_security_group.storage : sg.id]
}

resource "aws_security_group" "storage" {
  for_each = local.offsets_on_efs

  name_prefix            = "${var.name}-offsets-"
  description            = "${var.name}: the worker reaches its offsets"
  vpc_id                 = var.vpc_id
  revoke_rules_on_delete = true
  tags                   = merge(local.tags, { Name = "${var.name}-offsets" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "storage" {
  for_each = local.offsets_on_efs

  security_group_id            = aws_security_group.storage[each.key].id
  description                  = "NFS from the worker"
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  referenced_security_group_id = aws_security_group.this.id
  tags                         = merge(local.tags, { Name = "${var.name}-offsets" })
}
