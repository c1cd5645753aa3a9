variable "name" {
  description = "Prefix of the tables' names (the label module's output name)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,58}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": allowed are 2 to 60 lower-case letters, digits and hyphens, a letter first and no hyphen last."
  }
}

variable "tags" {
  description = "Tags of every resource (the label module's output tags)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "tables" {
  description = "Tables by a short name. name replaces <prefix>-<short name>. Key types are S (text), N (number) and B (bytes). max_write_units caps the writes a second, and so the cost; null is no cap. Changing a key or the name makes a new, empty table."
  type = map(object({
    name             = optional(string)
    hash_key         = object({ name = string, type = optional(string, "S") })
    range_key        = optional(object({ name = string, type = optional(string, "S") }))
    ttl_attribute    = optional(string)
    stream_view_type = optional(string)
    max_write_units  = optional(number)
    indexes = optional(map(object({
      hash_key  = object({ name = string, type = optional(string, "S") })
      range_key = optional(object({ name = string, type = optional(string, "S") }))
    })), {})
  }))
  nullable = false

  validation {
    condition     = alltrue([for k, t in var.tables : can(regex("^[A-Za-z0-9_.-]{3,255}$", coalesce(t.name, "${var.name}-${k}")))])
    error_message = "tables has the names ${join(", ", [for k, t in var.tables : "\"${coalesce(t.name, "${var.name}-${k}")}\"" if !can(regex("^[A-Za-z0-9_.-]{3,255}$", coalesce(t.name, "${var.name}-${k}")))])}: allowed are 3 to 255 letters, digits and the signs _ . -."
  }

  validation {
    condition     = length(distinct([for k, t in var.tables : coalesce(t.name, "${var.name}-${k}")])) == length(var.tables)
    error_message = "tables gives one name to two tables (${join(", ", [for k, t in var.tables : coalesce(t.name, "${var.name}-${k}")])}): each needs its own."
  }

  validation {
    condition = alltrue(flatten([for t in values(var.tables) : [for key in concat(
      [t.hash_key], t.range_key == null ? [] : [t.range_key],
      [for i in values(t.indexes) : i.hash_key], [for i in values(t.indexes) : i.range_key if i.range_key != null],
    ) : contains(["S", "N", "B"], key.type)]]))
    error_message = "tables has the key types ${join(", ", distinct(flatten([for t in values(var.tables) : [for key in concat([t.hash_key], t.range_key == null ? [] : [t.range_key], [for i in values(t.indexes) : i.hash_key], [for i in values(t.indexes) : i.range_key if i.range_key != null]) : "\"${key.type}\"" if !contains(["S", "N", "B"], key.type)]])))}: allowed are S, N and B."
  }

  validation {
    condition     = alltrue([for t in values(var.tables) : t.range_key == null || try(t.range_key.name, "") != t.hash_key.name])
    error_message = "tables has ${join(", ", [for k, t in var.tables : "\"${k}\"" if try(t.range_key.name, "") == t.hash_key.name])} with one attribute as hash key and range key: they must differ."
  }

  validation {
    condition     = alltrue([for t in values(var.tables) : contains(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"], coalesce(t.stream_view_type, "KEYS_ONLY"))])
    error_message = "tables has the stream_view_type ${join(", ", [for t in values(var.tables) : "\"${t.stream_view_type}\"" if !contains(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"], coalesce(t.stream_view_type, "KEYS_ONLY"))])}: allowed are KEYS_ONLY, NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, or null for no stream."
  }

  validation {
    condition     = alltrue([for t in values(var.tables) : coalesce(t.max_write_units, 1) >= 1])
    error_message = "tables has the max_write_units ${join(", ", [for k, t in var.tables : "${coalesce(t.max_write_units, 1)} (${k})" if coalesce(t.max_write_units, 1) < 1])}: allowed is 1 or more, or null for no cap."
  }
}

variable "create_kms_key" {
  description = "Whether the module makes the tables' key. False: kms_key_arn names it."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of the items when create_kms_key is false."
  type        = string
  default     = null

  validation {
    condition     = var.create_kms_key == (var.kms_key_arn == null)
    error_message = "kms_key_arn is ${var.kms_key_arn == null ? "not set" : "\"${var.kms_key_arn}\""} with create_kms_key = ${var.create_kms_key}: give a key exactly when the module does not make one."
  }
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the tables."
  type        = bool
  default     = true
  nullable    = false
}

variable "recovery_days" {
  description = "Days of point-in-time recovery."
  type        = number
  default     = 35
  nullable    = false

  validation {
    condition     = var.recovery_days >= 1 && var.recovery_days <= 35 && floor(var.recovery_days) == var.recovery_days
    error_message = "recovery_days is ${var.recovery_days}: allowed are 1 to 35."
  }
}
