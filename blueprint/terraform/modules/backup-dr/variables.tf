variable "name" {
  description = "Prefix of plan, vault and roles (the label module's output name)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,41}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": allowed are 2 to 43 lower-case letters, digits and hyphens, a letter first and no hyphen last; AWS Backup takes 50 for a plan and a vault."
  }
}

variable "tags" {
  description = "Tags of every resource (the label module's output tags)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "resources" {
  description = "ARNs of what is backed up, by a name of yours: Aurora clusters, DynamoDB tables, buckets, file systems."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.resources) > 0
    error_message = "resources is empty (${length(var.resources)}): a plan without resources backs up nothing."
  }

  validation {
    condition     = alltrue([for k in keys(var.resources) : can(regex("^[A-Za-z0-9_.-]{1,50}$", k))])
    error_message = "resources has the names ${join(", ", [for k in keys(var.resources) : "\"${k}\"" if !can(regex("^[A-Za-z0-9_.-]{1,50}$", k))])}: AWS Backup takes 1 to 50 letters, digits and the signs _ . -."
  }

  validation {
    condition     = alltrue([for arn in values(var.resources) : can(regex("^arn:[a-z-]+:(rds:.+:cluster:.+|dynamodb:.+:table/.+|s3:::.+|elasticfilesystem:.+:file-system/.+)$", arn)) && !strcontains(arn, "*")])
    error_message = "resources has ${join(", ", [for k, arn in var.resources : "\"${arn}\" (${k})" if !(can(regex("^arn:[a-z-]+:(rds:.+:cluster:.+|dynamodb:.+:table/.+|s3:::.+|elasticfilesystem:.+:file-system/.+)$", arn)) && !strcontains(arn, "*"))])}: allowed are ARNs of Aurora clusters, DynamoDB tables, buckets and file systems, without a wildcard."
  }
}

variable "rules" {
  description = <<-EOT
    Rules by name.
    - schedule: cron(...) in UTC; the job starts within an hour, and must end within completion_minutes
    - retention_days; cold_after_days moves it to cold storage before that (null: never)
    - copy_retention_days: how long the copy in copy_vault_arn stays (null: no copy)
    - continuous: recovery to any second, for Aurora and S3; retention_days is at most 35 then, and such backups cannot be
      copied
  EOT
  type = map(object({
    schedule            = string
    retention_days      = number
    cold_after_days     = optional(number)
    copy_retention_days = optional(number)
    continuous          = optional(bool, false)
    completion_minutes  = optional(number, 480)
  }))
  default  = { daily = { schedule = "cron(0 3 * * ? *)", retention_days = 35 } }
  nullable = false

  validation {
    condition     = length(var.rules) > 0 && alltrue([for k in keys(var.rules) : can(regex("^[A-Za-z0-9_.-]{1,50}$", k))])
    error_message = "rules has the names ${join(", ", [for k in keys(var.rules) : "\"${k}\""])}: allowed is at least one name of 1 to 50 letters, digits and the signs _ . -."
  }

  validation {
    condition     = alltrue([for r in values(var.rules) : can(regex("^cron\\(.+\\)$", r.schedule))])
    error_message = "rules has the schedule ${join(", ", [for k, r in var.rules : "\"${r.schedule}\" (${k})" if !can(regex("^cron\\(.+\\)$", r.schedule))])}: allowed is cron(...) in UTC, such as cron(0 3 * * ? *)."
  }

  validation {
    condition     = alltrue([for r in values(var.rules) : r.retention_days >= 1 && coalesce(r.copy_retention_days, 1) >= 1])
    error_message = "rules keeps backups for ${join(", ", [for k, r in var.rules : "${r.retention_days} days, copies ${coalesce(r.copy_retention_days, 1)} (${k})" if r.retention_days < 1 || coalesce(r.copy_retention_days, 1) < 1])}: allowed is 1 day or more."
  }

  validation {
    condition     = alltrue([for r in values(var.rules) : r.cold_after_days == null || try(r.cold_after_days >= 1 && r.retention_days >= r.cold_after_days + 90, false)])
    error_message = "rules has cold_after_days ${join(", ", [for k, r in var.rules : "${coalesce(r.cold_after_days, 0)} of ${r.retention_days} (${k})" if r.cold_after_days != null])}: what is in cold storage stays there for 90 days, so retention_days must be at least cold_after_days + 90."
  }

  validation {
    condition     = alltrue([for r in values(var.rules) : !r.continuous || (r.retention_days <= 35 && r.cold_after_days == null && r.copy_retention_days == null)])
    error_message = "rules has continuous with retention_days, cold_after_days or copy_retention_days that it does not take: ${join(", ", [for k, r in var.rules : "${r.retention_days} days (${k})" if r.continuous])}; allowed are at most 35 days, no cold storage and no copy."
  }

  validation {
    condition     = alltrue([for r in values(var.rules) : r.completion_minutes >= 120])
    error_message = "rules has completion_minutes ${join(", ", [for k, r in var.rules : "${r.completion_minutes} (${k})" if r.completion_minutes < 120])}: allowed is 120 or more, an hour after the latest start."
  }
}

variable "copy_vault_arn" {
  description = "Vault in another region that takes copies (output vault_arn of backup-dr/replica). Needed when a rule has copy_retention_days."
  type        = string
  default     = null

  validation {
    condition     = var.copy_vault_arn != null || alltrue([for r in values(var.rules) : r.copy_retention_days == null])
    error_message = "copy_vault_arn is not set, but the rules ${join(", ", [for k, r in var.rules : "\"${k}\"" if r.copy_retention_days != null])} copy: give the vault in the other region."
  }

  validation {
    condition     = var.copy_vault_arn == null || can(regex("^arn:[a-z-]+:backup:[a-z0-9-]+:[0-9]{12}:backup-vault:.+$", var.copy_vault_arn))
    error_message = "copy_vault_arn is \"${var.copy_vault_arn == null ? "" : var.copy_vault_arn}\": allowed is the ARN of a backup vault, arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME."
  }
}

variable "vault_lock" {
  description = "Keeps backups from being deleted before min_days, by anybody. After changeable_for_days the lock itself can never be taken away; null keeps it changeable. Null: no lock."
  type = object({
    min_days            = number
    max_days            = optional(number)
    changeable_for_days = optional(number)
  })
  default = null

  validation {
    condition     = var.vault_lock == null || try(var.vault_lock.min_days >= 1 && coalesce(var.vault_lock.max_days, 36500) >= var.vault_lock.min_days && coalesce(var.vault_lock.changeable_for_days, 3) >= 3, false)
    error_message = "vault_lock has min_days ${try(var.vault_lock.min_days, 0)}, max_days ${try(coalesce(var.vault_lock.max_days, 36500), 0)} and changeable_for_days ${try(coalesce(var.vault_lock.changeable_for_days, 3), 0)}: allowed are min_days of 1 or more, max_days not below it, and changeable_for_days of 3 or more."
  }

  validation {
    condition     = var.vault_lock == null || alltrue([for r in values(var.rules) : try(r.retention_days >= var.vault_lock.min_days && r.retention_days <= coalesce(var.vault_lock.max_days, 36500), false)])
    error_message = "vault_lock allows ${try(var.vault_lock.min_days, 0)} to ${try(coalesce(var.vault_lock.max_days, 36500), 0)} days, but rules keep ${join(", ", [for k, r in var.rules : "${r.retention_days} (${k})"])}: every job would fail; retention_days must lie within the lock."
  }
}

variable "alarm_topic_arns" {
  description = "Topics that hear of failed and missing backups (output topic_arn of monitoring). Empty: no alarms."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether a vault that holds backups is refused to be deleted."
  type        = bool
  default     = true
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the roles. Null: none."
  type        = string
  default     = null
}
