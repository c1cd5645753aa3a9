variable "schema_dir" {
  description = "Folder of the schema files."
  type        = string
}

variable "subjects" {
  description = <<-E
    Subjects by name. format is AVRO, JSON or PROTOBUF, file the schema's file in schema_dir. references: by the name
    that the schema uses, the subject and optionally the version it means; without a version, a subject of
    shared_subjects at its current one. compatibility: null keeps the default.
  E
  type = map(object({
    format        = string
    file          = string
    references    = optional(map(object({ subject = string, version = optional(number) })), {})
    compatibility = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.subjects) : can(regex("^[^\\s/]{1,255}$", name))])
    error_message = "subjects has ${join(", ", [for name in keys(var.subjects) : "\"${name}\"" if !can(regex("^[^\\s/]{1,255}$", name))])}: a subject's name has 1 to 255 characters without spaces and slashes, by default <topic>-key or <topic>-value."
  }

  validation {
    condition     = alltrue([for s in values(var.subjects) : contains(["AVRO", "JSON", "PROTOBUF"], s.format)])
    error_message = "subjects has the format ${join(", ", [for name, s in var.subjects : "\"${s.format}\" (${name})" if !contains(["AVRO", "JSON", "PROTOBUF"], s.format)])}: allowed are AVRO, JSON, PROTOBUF."
  }

  validation {
    condition     = alltrue([for s in values(var.subjects) : fileexists("${var.schema_dir}/${s.file}")])
    error_message = "subjects names files that are not in ${var.schema_dir}: ${join(", ", [for name, s in var.subjects : "${s.file} (${name})" if !fileexists("${var.schema_dir}/${s.file}")])}."
  }

  validation {
    condition     = alltrue([for s in values(var.subjects) : s.format == "PROTOBUF" || !fileexists("${var.schema_dir}/${s.file}") || can(jsondecode(file("${var.schema_dir}/${s.file}")))])
    error_message = "subjects has files that are not JSON: ${join(", ", [for name, s in var.subjects : "${s.file} (${name})" if s.format != "PROTOBUF" && fileexists("${var.schema_dir}/${s.file}") && !can(jsondecode(file("${var.schema_dir}/${s.file}")))])}; AVRO and JSON schemas are JSON documents."
  }

  validation {
    condition     = alltrue(flatten([for s in values(var.subjects) : [for r in values(s.references) : r.version != null || contains(keys(var.shared_subjects), r.subject)]]))
    error_message = "subjects has references without a version to ${join(", ", flatten([for name, s in var.subjects : [for r in values(s.references) : "${r.subject} (${name})" if r.version == null && !contains(keys(var.shared_subjects), r.subject)]]))}: only subjects of shared_subjects (${join(", ", keys(var.shared_subjects))}) may be named without one."
  }

  validation {
    condition     = alltrue([for s in values(var.subjects) : s.compatibility == null || contains(["BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", "NONE"], coalesce(s.compatibility, "NONE"))])
    error_message = "subjects has the compatibility ${join(", ", [for name, s in var.subjects : "\"${coalesce(s.compatibility, "unset")}\" (${name})" if !(s.compatibility == null || contains(["BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", "NONE"], coalesce(s.compatibility, "NONE")))])}: allowed are BACKWARD, FORWARD and FULL, each also with _TRANSITIVE, and NONE."
  }
}

variable "shared_subjects" {
  description = "Subjects that other subjects refer to, registered first. They refer to nothing themselves."
  type = map(object({
    format        = string
    file          = string
    compatibility = optional(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.shared_subjects) : can(regex("^[^\\s/]{1,255}$", name))])
    error_message = "shared_subjects has ${join(", ", [for name in keys(var.shared_subjects) : "\"${name}\"" if !can(regex("^[^\\s/]{1,255}$", name))])}: a subject's name has 1 to 255 characters without spaces and slashes."
  }

  validation {
    condition     = alltrue([for s in values(var.shared_subjects) : contains(["AVRO", "JSON", "PROTOBUF"], s.format)])
    error_message = "shared_subjects has the format ${join(", ", [for name, s in var.shared_subjects : "\"${s.format}\" (${name})" if !contains(["AVRO", "JSON", "PROTOBUF"], s.format)])}: allowed are AVRO, JSON, PROTOBUF."
  }

  validation {
    condition     = alltrue([for s in values(var.shared_subjects) : fileexists("${var.schema_dir}/${s.file}")])
    error_message = "shared_subjects names files that are not in ${var.schema_dir}: ${join(", ", [for name, s in var.shared_subjects : "${s.file} (${name})" if !fileexists("${var.schema_dir}/${s.file}")])}."
  }

  validation {
    condition     = alltrue([for s in values(var.shared_subjects) : s.format == "PROTOBUF" || !fileexists("${var.schema_dir}/${s.file}") || can(jsondecode(file("${var.schema_dir}/${s.file}")))])
    error_message = "shared_subjects has files that are not JSON: ${join(", ", [for name, s in var.shared_subjects : "${s.file} (${name})" if s.format != "PROTOBUF" && fileexists("${var.schema_dir}/${s.file}") && !can(jsondecode(file("${var.schema_dir}/${s.file}")))])}; AVRO and JSON schemas are JSON documents."
  }

  validation {
    condition     = alltrue([for s in values(var.shared_subjects) : s.compatibility == null || contains(["BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", "NONE"], coalesce(s.compatibility, "NONE"))])
    error_message = "shared_subjects has the compatibility ${join(", ", [for name, s in var.shared_subjects : "\"${coalesce(s.compatibility, "unset")}\" (${name})" if !(s.compatibility == null || contains(["BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", "NONE"], coalesce(s.compatibility, "NONE")))])}: allowed are BACKWARD, FORWARD and FULL, each also with _TRANSITIVE, and NONE."
  }
}

variable "default_compatibility" {
  description = "Compatibility of subjects that do not say otherwise, for the whole registry. null leaves the registry's setting alone."
  type        = string
  default     = "BACKWARD"

  validation {
    condition     = var.default_compatibility == null || contains(["BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", "NONE"], coalesce(var.default_compatibility, "NONE"))
    error_message = "default_compatibility is \"${coalesce(var.default_compatibility, "unset")}\": allowed are BACKWARD, FORWARD and FULL, each also with _TRANSITIVE, and NONE."
  }
}

variable "catalog_tags" {
  description = "Catalog tags that topics and schemas may carry, name to description, for example PII."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.catalog_tags) : can(regex("^[A-Za-z][A-Za-z0-9_]{0,255}$", name))])
    error_message = "catalog_tags has ${join(", ", [for name in keys(var.catalog_tags) : "\"${name}\"" if !can(regex("^[A-Za-z][A-Za-z0-9_]{0,255}$", name))])}: a tag's name has letters, digits and underscores, a letter first."
  }
}

variable "skip_validation_during_plan" {
  description = "Whether a plan leaves the registry alone. Turn it on only where a plan runs outside the network that reaches a private registry; an incompatible schema then fails at apply."
  type        = bool
  default     = false
}
