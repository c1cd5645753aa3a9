variable "org" {
  description = "Short name of the organization. Stands in front of bucket names, which are unique world-wide."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.org))
    error_message = "org is \"${var.org}\": allowed are 2 to 12 lower-case letters and digits, a letter first."
  }
}

variable "project" {
  description = "Name of the platform or product, the first part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.project))
    error_message = "project is \"${var.project}\": allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "environment" {
  description = "Environment, for example dev, staging or prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "environment is \"${var.environment}\": allowed are 2 to 12 lower-case letters and digits, a letter first."
  }
}

variable "region_code" {
  description = "Short code of the AWS region, for example euc1 for eu-central-1 (the first part of its AZ ids)."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{3,4}[0-9]$", var.region_code))
    error_message = "region_code is \"${var.region_code}\": allowed is the first part of the region's AZ ids, three or four letters and a digit, such as euc1 or use1."
  }
}

variable "component" {
  description = "What the name is for, the last part of it. Empty: the name is the prefix alone."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([a-z][a-z0-9-]{0,22}[a-z0-9])?$", var.component))
    error_message = "component is \"${var.component}\": allowed are up to 24 lower-case letters, digits and hyphens, a letter first and no hyphen last, or nothing."
  }
}

variable "suffixes" {
  description = "Suffixes for which the outputs sa_names and lb_names hold a name that fits its limit."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for s in var.suffixes : can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", s))])
    error_message = "suffixes has ${join(", ", [for s in var.suffixes : "\"${s}\"" if !can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", s))])}: allowed are lower-case letters, digits and hyphens, no hyphen first or last."
  }
}

variable "owner" {
  description = "Team that answers for what is created (tag Owner)."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9 _.:/=+@-]{1,256}$", var.owner))
    error_message = "owner is \"${var.owner}\": a tag value has 1 to 256 letters, digits, spaces and the signs _ . : / = + @ -."
  }
}

variable "cost_center" {
  description = "Where the cost is booked (tag CostCenter)."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9 _.:/=+@-]{1,256}$", var.cost_center))
    error_message = "cost_center is \"${var.cost_center}\": a tag value has 1 to 256 letters, digits, spaces and the signs _ . : / = + @ -."
  }
}

variable "data_classification" {
  description = "Highest class of data that passes through (tag DataClassification)."
  type        = string
  default     = "internal"

  validation {
    condition     = contains(["public", "internal", "confidential", "restricted"], var.data_classification)
    error_message = "data_classification is \"${var.data_classification}\": allowed are public, internal, confidential, restricted."
  }
}

variable "repository" {
  description = "Repository that holds this configuration (tag Repository)."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9 _.:/=+@-]{1,256}$", var.repository))
    error_message = "repository is \"${var.repository}\": a tag value has 1 to 256 letters, digits, spaces and the signs _ . : / = + @ -."
  }
}

variable "extra_tags" {
  description = "Further tags. They cannot replace the standard ones."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for k in keys(var.extra_tags) : !startswith(lower(k), "aws:") && length(k) <= 128])
    error_message = "extra_tags has ${join(", ", [for k in keys(var.extra_tags) : "\"${k}\"" if startswith(lower(k), "aws:") || length(k) > 128])}: a tag key has at most 128 characters and does not begin with aws:."
  }

  validation {
    condition     = alltrue([for k in keys(var.extra_tags) : !contains(["Project", "Environment", "Owner", "CostCenter", "DataClassification", "ManagedBy", "Repository"], k)])
    error_message = "extra_tags names a standard tag (${join(", ", [for k in keys(var.extra_tags) : k if contains(["Project", "Environment", "Owner", "CostCenter", "DataClassification", "ManagedBy", "Repository"], k)])}): Project, Environment, Owner, CostCenter, DataClassification, ManagedBy and Repository come from the other variables."
  }

  validation {
    condition     = length(var.extra_tags) <= 40
    error_message = "extra_tags has ${length(var.extra_tags)} tags: at most 40 are allowed, since AWS takes 50 and modules add their own."
  }
}
