variable "name" {
  description = "Prefix of every secret's name, <name>/<key> (the label module's output name)."
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

variable "secrets" {
  description = <<-EOT
    Secrets by key. Each holds one JSON object of text fields, and its value comes from one of three places:
    - generate: the field named key gets a random password of length characters, beside the given fields (which are no
      secrets, such as a user name). punctuation lists the signs that may occur; none by default.
    - supplied = true: the object comes from the variable values.
    - neither: the module makes the empty container, and an operator writes the value.
    The value is written when version changes. rotation_days and rotation_lambda_arn let AWS rotate it afterwards.
  EOT
  type = map(object({
    description = string
    version     = optional(number, 1)
    supplied    = optional(bool, false)
    generate = optional(object({
      length      = optional(number, 32)
      key         = optional(string, "password")
      punctuation = optional(string, "")
      fields      = optional(map(string), {})
    }))
    rotation_days       = optional(number)
    rotation_lambda_arn = optional(string)
  }))
  nullable = false

  validation {
    condition     = alltrue([for k in keys(var.secrets) : can(regex("^[A-Za-z0-9][A-Za-z0-9/_.-]{0,199}$", k))])
    error_message = "secrets has the keys ${join(", ", [for k in keys(var.secrets) : "\"${k}\"" if !can(regex("^[A-Za-z0-9][A-Za-z0-9/_.-]{0,199}$", k))])}: allowed are 1 to 200 letters, digits and the signs / _ . -, a letter or digit first; a colon would end a reference."
  }

  validation {
    condition     = alltrue([for s in values(var.secrets) : length(s.description) >= 1 && length(s.description) <= 2048])
    error_message = "secrets has no description, or one of more than 2048 characters, for ${join(", ", [for k, s in var.secrets : "\"${k}\"" if length(s.description) < 1 || length(s.description) > 2048])}: say in 1 to 2048 characters who uses it and for what."
  }

  validation {
    condition     = alltrue([for s in values(var.secrets) : s.version >= 1 && floor(s.version) == s.version])
    error_message = "secrets has the version ${join(", ", [for k, s in var.secrets : "${s.version} (${k})" if s.version < 1 || floor(s.version) != s.version])}: allowed are whole numbers from 1; a higher one writes a new value."
  }

  validation {
    condition     = alltrue([for s in values(var.secrets) : !(s.supplied && s.generate != null)])
    error_message = "secrets has both generate and supplied for ${join(", ", [for k, s in var.secrets : "\"${k}\"" if s.supplied && s.generate != null])}: a value comes from one place."
  }

  validation {
    condition     = alltrue([for s in values(var.secrets) : try(s.generate.length >= 16 && s.generate.length <= 128, true)])
    error_message = "secrets has generate.length ${join(", ", [for k, s in var.secrets : "${s.generate.length} (${k})" if try(s.generate.length < 16 || s.generate.length > 128, false)])}: allowed are 16 to 128."
  }

  validation {
    condition     = alltrue([for s in values(var.secrets) : !can(regex("[^!#$%&()*+,./;<=>?@\\[\\]^_{|}~-]", try(s.generate.punctuation, "")))])
    error_message = "secrets has generate.punctuation ${join(", ", [for k, s in var.secrets : "'${s.generate.punctuation}' (${k})" if can(regex("[^!#$%&()*+,./;<=>?@\\[\\]^_{|}~-]", try(s.generate.punctuation, "")))])}: allowed are the signs ! # $ % & ( ) * + , - . / ; < = > ? @ [ ] ^ _ { | } ~. Quotes, colons and backslashes break connection strings and managed connectors."
  }

  validation {
    condition     = alltrue([for s in values(var.secrets) : !contains(keys(try(s.generate.fields, {})), try(s.generate.key, ""))])
    error_message = "secrets has a field that generate would replace, for ${join(", ", [for k, s in var.secrets : "\"${k}\"" if contains(keys(try(s.generate.fields, {})), try(s.generate.key, ""))])}: leave the generated key out of fields."
  }

  validation {
    condition     = alltrue([for s in values(var.secrets) : (s.rotation_days == null) == (s.rotation_lambda_arn == null)])
    error_message = "secrets has only one of rotation_days and rotation_lambda_arn for ${join(", ", [for k, s in var.secrets : "\"${k}\"" if(s.rotation_days == null) != (s.rotation_lambda_arn == null)])}: a rotation needs both."
  }

  validation {
    condition     = alltrue([for s in values(var.secrets) : coalesce(s.rotation_days, 30) >= 1 && coalesce(s.rotation_days, 30) <= 1000])
    error_message = "secrets has rotation_days ${join(", ", [for k, s in var.secrets : "${coalesce(s.rotation_days, 30)} (${k})" if coalesce(s.rotation_days, 30) < 1 || coalesce(s.rotation_days, 30) > 1000])}: allowed are 1 to 1000."
  }
}

variable "values" {
  description = "Values of the secrets with supplied = true: a map of text fields for each. Ephemeral: they are in no plan and no state."
  type        = map(map(string))
  default     = {}
  nullable    = false
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = alltrue([for k, s in var.secrets : can(var.values[k]) if s.supplied])
    error_message = "values lacks one of the secrets that are supplied (${join(", ", [for k, s in var.secrets : k if s.supplied])}): give an object of text fields for each of them."
  }
}

variable "create_kms_key" {
  description = "Whether the module makes the secrets' key. False: kms_key_arn names it."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of the secrets when create_kms_key is false."
  type        = string
  default     = null

  validation {
    condition     = var.create_kms_key == (var.kms_key_arn == null)
    error_message = "kms_key_arn is ${var.kms_key_arn == null ? "not set" : "\"${var.kms_key_arn}\""} with create_kms_key = ${var.create_kms_key}: give a key exactly when the module does not make one."
  }
}

variable "recovery_days" {
  description = "Days in which a deleted secret can be restored; its name is taken meanwhile. 0 deletes at once."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "recovery_days is ${var.recovery_days}: allowed are 0 and 7 to 30."
  }
}
