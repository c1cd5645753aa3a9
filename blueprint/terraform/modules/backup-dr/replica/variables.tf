variable "name" {
  description = "Prefix of the vault's name (the label module's output name)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,41}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": allowed are 2 to 43 lower-case letters, digits and hyphens, a letter first and no hyphen last; AWS Backup takes 50 for a vault."
  }
}

variable "tags" {
  description = "Tags of every resource (the label module's output tags)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "buckets" {
  description = "Names of replica buckets, unique world-wide, by a name of yours."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for b in values(var.buckets) : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", b))])
    error_message = "buckets has ${join(", ", [for b in values(var.buckets) : "\"${b}\"" if !can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", b))])}: allowed are 3 to 63 lower-case letters, digits and hyphens, no hyphen first or last."
  }
}

variable "old_version_days" {
  description = "Days until old versions go."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.old_version_days >= 1 && floor(var.old_version_days) == var.old_version_days
    error_message = "old_version_days is ${var.old_version_days}: allowed are whole numbers from 1."
  }
}

variable "deletion_protection" {
  description = "Whether a vault or bucket that holds something is refused to be deleted."
  type        = bool
  default     = true
  nullable    = false
}
