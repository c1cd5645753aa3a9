variable "name" {
  description = "Prefix of roles, policies and integrations (the label module's output name)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,58}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": allowed are 2 to 60 lower-case letters, digits and hyphens, a letter first and no hyphen last."
  }
}

variable "tags" {
  description = "Tags of every AWS resource (the label module's output tags)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "environment_id" {
  description = "Confluent environment of the provider integrations. Null when no role is managed."
  type        = string
  default     = null

  validation {
    condition     = var.environment_id == null || can(regex("^env-[a-z0-9]+$", var.environment_id))
    error_message = "environment_id is \"${var.environment_id == null ? "" : var.environment_id}\": allowed is the id of a Confluent environment, such as env-abc123."
  }

  validation {
    condition     = var.environment_id != null || !anytrue([for r in values(var.roles) : r.managed])
    error_message = "environment_id is not set, but the roles ${join(", ", [for k, r in var.roles : "\"${k}\"" if r.managed])} are managed: give the environment in which their integrations are made, or set managed = false."
  }
}

variable "roles" {
  description = <<-EOT
    Roles by a short name; one for all connectors with the same rights.
    - managed: true makes a role for Confluent's connectors and the provider integration; false makes only the policy, for
      the task role of a self-managed worker.
    - s3: the bucket, and the prefix under which objects may be written and read ("" is all).
    - dynamodb: the tables; create_tables only for a sink that makes its own.
    - kms_key_arns: keys that encrypt bucket or tables.
  EOT
  type = map(object({
    managed      = optional(bool, true)
    s3           = optional(object({ bucket_arn = string, prefix = optional(string, "") }))
    dynamodb     = optional(object({ table_arns = list(string), create_tables = optional(bool, false) }))
    kms_key_arns = optional(list(string), [])
  }))
  nullable = false

  validation {
    condition     = alltrue([for k in keys(var.roles) : can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", k))])
    error_message = "roles has the names ${join(", ", [for k in keys(var.roles) : "\"${k}\"" if !can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", k))])}: allowed are lower-case letters, digits and hyphens, no hyphen first or last."
  }

  validation {
    condition     = alltrue([for r in values(var.roles) : r.s3 != null || r.dynamodb != null])
    error_message = "roles gives no rights to ${join(", ", [for k, r in var.roles : "\"${k}\"" if r.s3 == null && r.dynamodb == null])}: each needs s3, dynamodb or both."
  }

  validation {
    condition     = alltrue([for r in values(var.roles) : (r.s3 == null ? true : can(regex("^arn:[a-z-]+:s3:::[a-z0-9.-]{3,63}$", r.s3.bucket_arn)))])
    error_message = "roles has s3.bucket_arn ${join(", ", [for k, r in var.roles : "\"${r.s3.bucket_arn}\" (${k})" if !(r.s3 == null ? true : can(regex("^arn:[a-z-]+:s3:::[a-z0-9.-]{3,63}$", r.s3.bucket_arn)))])}: allowed is the ARN of one bucket, arn:aws:s3:::NAME, without a wildcard."
  }

  validation {
    condition     = alltrue([for r in values(var.roles) : (r.s3 == null ? true : !can(regex("[*?]|^/", r.s3.prefix)))])
    error_message = "roles has s3.prefix ${join(", ", [for k, r in var.roles : "\"${r.s3.prefix}\" (${k})" if(r.s3 == null ? false : can(regex("[*?]|^/", r.s3.prefix)))])}: allowed is a beginning of object names without * and ? and without a leading slash, such as topics/orders/."
  }

  validation {
    condition     = alltrue(flatten([for r in values(var.roles) : [for arn in try(r.dynamodb.table_arns, []) : can(regex("^arn:[a-z-]+:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]{3,255}$", arn)) || (try(r.dynamodb.create_tables, false) && can(regex("^arn:[a-z-]+:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]{3,}\\*$", arn)))]]))
    error_message = "roles has dynamodb.table_arns ${join(", ", flatten([for k, r in var.roles : [for arn in try(r.dynamodb.table_arns, []) : "\"${arn}\" (${k})" if !can(regex("^arn:[a-z-]+:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]{3,255}$", arn))]]))}: allowed are ARNs of tables; with create_tables also a prefix of at least 3 characters and a last *."
  }

  validation {
    condition     = alltrue(flatten([for r in values(var.roles) : [for arn in r.kms_key_arns : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", arn)) && !strcontains(arn, "*")]]))
    error_message = "roles has kms_key_arns ${join(", ", flatten([for k, r in var.roles : [for arn in r.kms_key_arns : "\"${arn}\" (${k})" if !can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[^*]+$", arn))]]))}: allowed are ARNs of keys, arn:aws:kms:REGION:ACCOUNT:key/ID."
  }
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the roles. Null: none."
  type        = string
  default     = null
}
