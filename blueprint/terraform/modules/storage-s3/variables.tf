variable "bucket_name" {
  description = "Name of the bucket, unique world-wide (the label module's output bucket_name, with the purpose at its end)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name)) && !startswith(var.bucket_name, "xn--") && !startswith(var.bucket_name, "sthree-") && !endswith(var.bucket_name, "-s3alias") && !endswith(var.bucket_name, "--ol-s3")
    error_message = "bucket_name is \"${var.bucket_name}\" (${length(var.bucket_name)} characters): allowed are 3 to 63 lower-case letters, digits and hyphens, no hyphen first or last, not the beginnings xn-- and sthree- nor the ends -s3alias and --ol-s3. Dots are legal for S3 but break TLS names."
  }
}

variable "tags" {
  description = "Tags of every resource (the label module's output tags)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "create_kms_key" {
  description = "Whether the module makes the bucket's key. False: kms_key_arn names it."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of the objects when create_kms_key is false."
  type        = string
  default     = null

  validation {
    condition     = var.create_kms_key == (var.kms_key_arn == null)
    error_message = "kms_key_arn is ${var.kms_key_arn == null ? "not set" : "\"${var.kms_key_arn}\""} with create_kms_key = ${var.create_kms_key}: give a key exactly when the module does not make one."
  }

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn is \"${var.kms_key_arn == null ? "" : var.kms_key_arn}\": allowed is the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID; the bucket's policy compares it, and an alias would never be equal."
  }
}

variable "deletion_protection" {
  description = "Whether a bucket that holds objects is refused to be deleted."
  type        = bool
  default     = true
  nullable    = false
}

variable "lifecycle_days" {
  description = "Days until: unfinished uploads are aborted, old versions go, objects move to infrequent access (null: never), objects go (null: never)."
  type = object({
    abort_uploads     = optional(number, 7)
    old_versions      = optional(number, 30)
    infrequent_access = optional(number)
    expire            = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for d in [var.lifecycle_days.abort_uploads, var.lifecycle_days.old_versions] : d >= 1 && floor(d) == d])
    error_message = "lifecycle_days has abort_uploads ${var.lifecycle_days.abort_uploads} and old_versions ${var.lifecycle_days.old_versions}: allowed are whole numbers from 1."
  }

  validation {
    condition     = var.lifecycle_days.infrequent_access == null || try(var.lifecycle_days.infrequent_access >= 30, false)
    error_message = "lifecycle_days.infrequent_access is ${coalesce(var.lifecycle_days.infrequent_access, 0)}: S3 takes 30 or more."
  }

  validation {
    condition     = var.lifecycle_days.expire == null || try(var.lifecycle_days.expire > coalesce(var.lifecycle_days.infrequent_access, 0), false)
    error_message = "lifecycle_days.expire is ${coalesce(var.lifecycle_days.expire, 0)}: it must be at least 1 and later than infrequent_access (${coalesce(var.lifecycle_days.infrequent_access, 0)})."
  }
}

variable "replication" {
  description = "Copies every new object to a versioned bucket in another region (see backup-dr). Null: none."
  type = object({
    destination_bucket_arn = string
    kms_key_arn            = string
    storage_class          = optional(string, "STANDARD_IA")
  })
  default = null

  validation {
    condition     = var.replication == null || can(regex("^arn:[a-z-]+:s3:::[a-z0-9.-]{3,63}$", var.replication.destination_bucket_arn))
    error_message = "replication.destination_bucket_arn is \"${try(var.replication.destination_bucket_arn, "")}\": allowed is the ARN of a bucket, arn:aws:s3:::NAME."
  }

  validation {
    condition     = var.replication == null || contains(["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"], try(var.replication.storage_class, ""))
    error_message = "replication.storage_class is \"${try(var.replication.storage_class, "")}\": allowed are STANDARD, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, GLACIER_IR."
  }
}

variable "request_metrics" {
  description = "Whether S3 publishes request metrics for the bucket, which the alarms on its errors need. They cost about 3 dollars a month."
  type        = bool
  default     = true
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the replication role. Null: none."
  type        = string
  default     = null
}
