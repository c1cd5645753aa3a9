variable "name" {
  description = "Identifier of the cluster and prefix of what belongs to it (the label module's output name)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,54}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name is \"${var.name}\": allowed are 2 to 56 lower-case letters, digits and single hyphens, a letter first and no hyphen last; RDS takes 63 for an instance, and instances and snapshots add to it."
  }
}

variable "tags" {
  description = "Tags of every resource (the label module's output tags)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "vpc_id" {
  description = "VPC of the database."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))
    error_message = "vpc_id is \"${var.vpc_id}\": allowed is the id of a VPC, vpc- and 8 to 17 hexadecimal digits."
  }
}

variable "subnet_ids" {
  description = "Private subnets in at least two availability zones. For egress over Private Link they must cover the zones of the endpoint."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2
    error_message = "subnet_ids has ${length(distinct(var.subnet_ids))} different subnets: Aurora needs at least 2, in different availability zones."
  }
}

variable "engine_version" {
  description = "Version of Aurora PostgreSQL, major and minor."
  type        = string
  default     = "16.6"
  nullable    = false

  validation {
    condition     = can(regex("^1[4-9]\\.[0-9]{1,2}$", var.engine_version))
    error_message = "engine_version is \"${var.engine_version}\": allowed is MAJOR.MINOR with a major version of 14 to 19, such as 16.6."
  }
}

variable "database_name" {
  description = "Database that is made with the cluster."
  type        = string
  default     = "app"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_]{0,62}$", var.database_name))
    error_message = "database_name is \"${var.database_name}\": allowed are 1 to 63 letters, digits and underscores, a letter first."
  }
}

variable "master_username" {
  description = "Administrator. Connectors do not use it: RDS rotates its password every 7 days."
  type        = string
  default     = "dbadmin"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,15}$", var.master_username)) && !contains(["admin", "rdsadmin", "postgres_admin", "rds_superuser", "rds_replication"], var.master_username)
    error_message = "master_username is \"${var.master_username}\": allowed are 1 to 16 lower-case letters, digits and underscores, a letter first, and not a name that RDS keeps for itself (admin, rdsadmin, rds_superuser, rds_replication)."
  }
}

variable "port" {
  description = "Port of the database."
  type        = number
  default     = 5432
  nullable    = false

  validation {
    condition     = var.port >= 1150 && var.port <= 65535 && floor(var.port) == var.port
    error_message = "port is ${var.port}: RDS takes whole numbers from 1150 to 65535."
  }
}

variable "capacity" {
  description = "Smallest and largest size in Aurora capacity units (2 GiB of memory each). min 0 lets the cluster pause after auto_pause_seconds without connections, which a CDC connector never allows."
  type = object({
    min                = number
    max                = number
    auto_pause_seconds = optional(number, 3600)
  })
  default  = { min = 0.5, max = 8 }
  nullable = false

  validation {
    condition     = var.capacity.min >= 0 && var.capacity.max <= 256 && var.capacity.max >= 1 && floor(var.capacity.min * 2) == var.capacity.min * 2 && floor(var.capacity.max * 2) == var.capacity.max * 2
    error_message = "capacity is ${var.capacity.min} to ${var.capacity.max}: allowed are 0 to 256 in steps of 0.5, and max at least 1."
  }

  validation {
    condition     = var.capacity.min <= var.capacity.max
    error_message = "capacity has min ${var.capacity.min} above max ${var.capacity.max}: min must not be larger."
  }

  validation {
    condition     = !(var.cdc.enabled && var.capacity.min < 0.5)
    error_message = "capacity.min is ${var.capacity.min} with cdc.enabled: the connection of a CDC connector keeps the cluster awake, so a pause never comes; allowed is 0.5 or more."
  }

  validation {
    condition     = var.capacity.auto_pause_seconds >= 300 && var.capacity.auto_pause_seconds <= 86400
    error_message = "capacity.auto_pause_seconds is ${var.capacity.auto_pause_seconds}: allowed are 300 to 86400."
  }
}

variable "instance_count" {
  description = "Number of instances: the writer and its readers. Two give a failover without waiting for a new instance."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.instance_count >= 1 && var.instance_count <= 16 && floor(var.instance_count) == var.instance_count
    error_message = "instance_count is ${var.instance_count}: allowed are 1 to 16."
  }
}

variable "allowed_security_group_ids" {
  description = "Security groups that may connect, by a name of yours (the name is the key, so that adding one changes no other)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "allowed_cidr_blocks" {
  description = "Private IPv4 ranges that may connect, by a name of yours: for example the subnets of a network load balancer without a security group."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for c in values(var.allowed_cidr_blocks) : can(cidrnetmask(c)) && try(tonumber(split("/", c)[1]), 0) >= 8 && can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.)", c))])
    error_message = "allowed_cidr_blocks has ${join(", ", [for c in values(var.allowed_cidr_blocks) : "\"${c}\"" if !(can(cidrnetmask(c)) && try(tonumber(split("/", c)[1]), 0) >= 8 && can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.)", c)))])}: allowed are private IPv4 ranges (10/8, 172.16/12, 192.168/16, 100.64/10) of /8 or smaller."
  }
}

variable "cdc" {
  description = "Logical replication: whether it is on, and how many slots and senders there are. Each CDC connector takes one slot and one sender. wal_sender_timeout_ms must be above the connector's heartbeat interval."
  type = object({
    enabled               = optional(bool, true)
    max_replication_slots = optional(number, 20)
    max_wal_senders       = optional(number, 20)
    wal_sender_timeout_ms = optional(number, 60000)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.cdc.max_replication_slots >= 5 && var.cdc.max_replication_slots <= 1000
    error_message = "cdc.max_replication_slots is ${var.cdc.max_replication_slots}: allowed are 5 to 1000."
  }

  validation {
    condition     = var.cdc.max_wal_senders >= var.cdc.max_replication_slots && var.cdc.max_wal_senders <= 1000
    error_message = "cdc.max_wal_senders is ${var.cdc.max_wal_senders}: allowed are max_replication_slots (${var.cdc.max_replication_slots}) to 1000, since each slot in use needs a sender."
  }

  validation {
    condition     = var.cdc.wal_sender_timeout_ms == 0 || (var.cdc.wal_sender_timeout_ms >= 10000 && var.cdc.wal_sender_timeout_ms <= 3600000)
    error_message = "cdc.wal_sender_timeout_ms is ${var.cdc.wal_sender_timeout_ms}: allowed are 10000 to 3600000, or 0 for no limit."
  }
}

variable "parameters" {
  description = "Further cluster parameters. Those that the module sets cannot be replaced."
  type = map(object({
    value        = string
    apply_method = optional(string, "pending-reboot")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for p in values(var.parameters) : contains(["immediate", "pending-reboot"], p.apply_method)])
    error_message = "parameters has the apply_method ${join(", ", [for k, p in var.parameters : "\"${p.apply_method}\" (${k})" if !contains(["immediate", "pending-reboot"], p.apply_method)])}: allowed are immediate and pending-reboot."
  }

  validation {
    condition     = length(setintersection(keys(var.parameters), ["rds.force_ssl", "rds.logical_replication", "max_replication_slots", "max_wal_senders", "wal_sender_timeout"])) == 0
    error_message = "parameters names ${join(", ", setintersection(keys(var.parameters), ["rds.force_ssl", "rds.logical_replication", "max_replication_slots", "max_wal_senders", "wal_sender_timeout"]))}: TLS is always on, and replication is set by the variable cdc."
  }
}

variable "create_kms_key" {
  description = "Whether the module makes the key of data, logs and master secret. False: kms_key_arn names it."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of data and master secret when create_kms_key is false."
  type        = string
  default     = null

  validation {
    condition     = var.create_kms_key == (var.kms_key_arn == null)
    error_message = "kms_key_arn is ${var.kms_key_arn == null ? "not set" : "\"${var.kms_key_arn}\""} with create_kms_key = ${var.create_kms_key}: give a key exactly when the module does not make one."
  }
}

variable "log_kms_key_arn" {
  description = "Key of the log group when create_kms_key is false; its policy must admit CloudWatch Logs. Null: the service's own encryption."
  type        = string
  default     = null

  validation {
    condition     = !(var.create_kms_key && var.log_kms_key_arn != null)
    error_message = "log_kms_key_arn is \"${var.log_kms_key_arn == null ? "" : var.log_kms_key_arn}\" with create_kms_key = true: the module's own key encrypts the logs then; leave it out."
  }
}

variable "log_retention_days" {
  description = "Days that CloudWatch keeps the database's log."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}: CloudWatch takes 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "backup_days" {
  description = "Days of point-in-time recovery."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35 && floor(var.backup_days) == var.backup_days
    error_message = "backup_days is ${var.backup_days}: allowed are 1 to 35."
  }
}

variable "backup_window" {
  description = "Daily window of backups, UTC."
  type        = string
  default     = "02:00-03:00"
  nullable    = false

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.backup_window))
    error_message = "backup_window is \"${var.backup_window}\": allowed is HH:MM-HH:MM in UTC, such as 02:00-03:00."
  }
}

variable "maintenance_window" {
  description = "Weekly window of maintenance, UTC; outside the backup window."
  type        = string
  default     = "sun:03:30-sun:04:30"
  nullable    = false

  validation {
    condition     = can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$", var.maintenance_window))
    error_message = "maintenance_window is \"${var.maintenance_window}\": allowed is ddd:HH:MM-ddd:HH:MM in UTC, such as sun:03:30-sun:04:30."
  }
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the cluster."
  type        = bool
  default     = true
  nullable    = false
}

variable "skip_final_snapshot" {
  description = "Whether the cluster is deleted without a last snapshot. Only for what can be made anew."
  type        = bool
  default     = false
  nullable    = false
}

variable "final_snapshot_suffix" {
  description = "End of the last snapshot's name. Change it before a second deletion: a snapshot's name is taken until it is deleted."
  type        = string
  default     = "final"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.final_snapshot_suffix)) && !strcontains(var.final_snapshot_suffix, "--")
    error_message = "final_snapshot_suffix is \"${var.final_snapshot_suffix}\": allowed are 1 to 63 lower-case letters, digits and single hyphens, no hyphen first or last."
  }
}

variable "iam_authentication" {
  description = "Whether users may log in with IAM tokens."
  type        = bool
  default     = false
  nullable    = false
}

variable "performance_insights" {
  description = "Whether Performance Insights is on, encrypted with the key."
  type        = bool
  default     = true
  nullable    = false
}

variable "allow_major_version_upgrade" {
  description = "Whether engine_version may go to another major version. Logical slots do not survive it: stop the CDC connectors first."
  type        = bool
  default     = false
  nullable    = false
}

variable "apply_immediately" {
  description = "Whether changes are made at once instead of in the maintenance window."
  type        = bool
  default     = false
  nullable    = false
}
