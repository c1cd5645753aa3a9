variable "topics" {
  description = <<-E
    Topics by name. owner is the team that answers for it; classification the class of its data.
    partitions: more can be added later, fewer replace the topic and lose its records. config: settings that differ from
    default_config. protected: whether Terraform refuses to delete the topic; null takes the variable protected.
  E
  type = map(object({
    owner          = string
    classification = optional(string, "internal")
    partitions     = optional(number, 6)
    config         = optional(map(string), {})
    protected      = optional(bool)
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.topics) : can(regex("^[A-Za-z0-9._-]{1,249}$", name)) && can(regex(var.name_pattern, name))])
    error_message = "topics has ${join(", ", [for name in keys(var.topics) : "\"${name}\"" if !(can(regex("^[A-Za-z0-9._-]{1,249}$", name)) && can(regex(var.name_pattern, name)))])}: a name has 1 to 249 letters, digits, dots, underscores and hyphens and matches ${var.name_pattern} (name_pattern; by default <domain>.<entity>.<event> in lower case)."
  }

  validation {
    condition     = alltrue([for name in keys(var.topics) : !startswith(name, "dlq.")])
    error_message = "topics has ${join(", ", [for name in keys(var.topics) : "\"${name}\"" if startswith(name, "dlq.")])}: dead letter topics come from dlq.connectors."
  }

  validation {
    condition     = alltrue([for t in values(var.topics) : trimspace(t.owner) != ""])
    error_message = "topics has no owner for ${join(", ", [for name, t in var.topics : name if trimspace(t.owner) == ""])}: every topic has a team that answers for it."
  }

  validation {
    condition     = alltrue([for t in values(var.topics) : contains(["public", "internal", "confidential", "restricted"], t.classification)])
    error_message = "topics has the classification ${join(", ", [for name, t in var.topics : "\"${t.classification}\" (${name})" if !contains(["public", "internal", "confidential", "restricted"], t.classification)])}: allowed are public, internal, confidential, restricted."
  }

  validation {
    condition     = alltrue([for t in values(var.topics) : t.partitions >= 1 && t.partitions <= 4096 && floor(t.partitions) == t.partitions])
    error_message = "topics has ${join(", ", [for name, t in var.topics : "${t.partitions} partitions (${name})" if !(t.partitions >= 1 && t.partitions <= 4096 && floor(t.partitions) == t.partitions)])}: allowed are whole numbers from 1 to 4096."
  }

  validation {
    condition = alltrue([for t in values(var.topics) : length(setsubtract(keys(t.config), [
      "cleanup.policy", "confluent.key.schema.validation", "confluent.key.subject.name.strategy", "confluent.value.schema.validation",
      "confluent.value.subject.name.strategy", "delete.retention.ms", "max.compaction.lag.ms", "max.message.bytes", "message.timestamp.after.max.ms",
      "message.timestamp.before.max.ms", "message.timestamp.difference.max.ms", "message.timestamp.type", "min.compaction.lag.ms",
      "min.insync.replicas", "retention.bytes", "retention.ms", "segment.bytes", "segment.ms"
    ])) == 0])
    error_message = "topics has the setting ${join(", ", distinct(flatten([for t in values(var.topics) : tolist(setsubtract(keys(t.config), ["cleanup.policy", "confluent.key.schema.validation", "confluent.key.subject.name.strategy", "confluent.value.schema.validation", "confluent.value.subject.name.strategy", "delete.retention.ms", "max.compaction.lag.ms", "max.message.bytes", "message.timestamp.after.max.ms", "message.timestamp.before.max.ms", "message.timestamp.difference.max.ms", "message.timestamp.type", "min.compaction.lag.ms", "min.insync.replicas", "retention.bytes", "retention.ms", "segment.bytes", "segment.ms"]))])))}: allowed are cleanup.policy, confluent.{key,value}.schema.validation, confluent.{key,value}.subject.name.strategy, delete.retention.ms, max.compaction.lag.ms, max.message.bytes, message.timestamp.{after.max.ms,before.max.ms,difference.max.ms,type}, min.compaction.lag.ms, min.insync.replicas, retention.bytes, retention.ms, segment.bytes, segment.ms. A misspelt setting would be found at an update only."
  }

  validation {
    condition     = alltrue([for t in values(var.topics) : contains(["delete", "compact", "compact,delete", "delete,compact"], lookup(t.config, "cleanup.policy", "delete"))])
    error_message = "topics has the cleanup.policy ${join(", ", [for name, t in var.topics : "\"${t.config["cleanup.policy"]}\" (${name})" if !contains(["delete", "compact", "compact,delete", "delete,compact"], lookup(t.config, "cleanup.policy", "delete"))])}: allowed are delete, compact and compact,delete."
  }

  validation {
    condition     = alltrue([for t in values(var.topics) : contains(["2", "3"], lookup(t.config, "min.insync.replicas", "2"))])
    error_message = "topics has min.insync.replicas ${join(", ", [for name, t in var.topics : "\"${t.config["min.insync.replicas"]}\" (${name})" if !contains(["2", "3"], lookup(t.config, "min.insync.replicas", "2"))])}: allowed is 2 (or 3, which stops writes when one broker is down); with 1, a record that was acknowledged can be lost."
  }
}

variable "dlq" {
  description = "Dead letter topics, one per sink: dlq.<connector>. retention_ms must outlast the longest time in which nobody looks; partitions one is enough for what should be empty."
  type = object({
    connectors   = optional(set(string), [])
    retention_ms = optional(number, 1209600000)
    partitions   = optional(number, 1)
    owner        = optional(string, "platform")
  })
  default = {}

  validation {
    condition     = alltrue([for connector in var.dlq.connectors : can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{0,244}$", connector))])
    error_message = "dlq.connectors has ${join(", ", [for connector in var.dlq.connectors : "\"${connector}\"" if !can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{0,244}$", connector))])}: a connector's name has up to 245 letters, digits, dots, underscores and hyphens, since dlq.<name> may have 249."
  }

  validation {
    condition     = var.dlq.retention_ms == -1 || var.dlq.retention_ms >= 604800000
    error_message = "dlq.retention_ms is ${var.dlq.retention_ms}: allowed are 604800000 (seven days) and more, or -1 for ever; dead letters must be there when somebody looks."
  }

  validation {
    condition     = var.dlq.partitions >= 1 && var.dlq.partitions <= 4096 && floor(var.dlq.partitions) == var.dlq.partitions
    error_message = "dlq.partitions is ${var.dlq.partitions}: allowed are whole numbers from 1 to 4096."
  }
}

variable "default_config" {
  description = "Settings of every topic that does not say otherwise. The defaults lose no acknowledged record while one broker is down, and keep records for seven days."
  type        = map(string)
  default = {
    "cleanup.policy"      = "delete"
    "min.insync.replicas" = "2"
    "retention.ms"        = "604800000"
  }

  validation {
    condition     = contains(["2", "3"], lookup(var.default_config, "min.insync.replicas", "2"))
    error_message = "default_config has min.insync.replicas \"${lookup(var.default_config, "min.insync.replicas", "2")}\": allowed are 2 and 3; with 1, a record that was acknowledged can be lost."
  }

  validation {
    condition = length(setsubtract(keys(var.default_config), [
      "cleanup.policy", "confluent.key.schema.validation", "confluent.key.subject.name.strategy", "confluent.value.schema.validation",
      "confluent.value.subject.name.strategy", "delete.retention.ms", "max.compaction.lag.ms", "max.message.bytes", "message.timestamp.after.max.ms",
      "message.timestamp.before.max.ms", "message.timestamp.difference.max.ms", "message.timestamp.type", "min.compaction.lag.ms",
      "min.insync.replicas", "retention.bytes", "retention.ms", "segment.bytes", "segment.ms"
    ])) == 0
    error_message = "default_config has ${join(", ", keys(var.default_config))}: allowed are the settings that topics.config allows."
  }
}

variable "acls" {
  description = <<-E
    Access control lists by a name of your choice, for Basic clusters, which know no role bindings on topics.
    Elsewhere use role bindings (module service-accounts). principal is User:sa-<id> or User:*.
  E
  type = map(object({
    principal     = string
    operation     = string
    resource_type = optional(string, "TOPIC")
    resource_name = string
    pattern_type  = optional(string, "LITERAL")
    permission    = optional(string, "ALLOW")
    host          = optional(string, "*")
  }))
  default = {}

  validation {
    condition     = alltrue([for acl in values(var.acls) : can(regex("^User:(sa-[A-Za-z0-9]+|u-[A-Za-z0-9]+|pool-[A-Za-z0-9]+|\\*)$", acl.principal))])
    error_message = "acls has the principal ${join(", ", [for name, acl in var.acls : "\"${acl.principal}\" (${name})" if !can(regex("^User:(sa-[A-Za-z0-9]+|u-[A-Za-z0-9]+|pool-[A-Za-z0-9]+|\\*)$", acl.principal))])}: a principal is User:sa-<id>, User:u-<id>, User:pool-<id> or User:*; without User: the service keeps it and it matches nobody."
  }

  validation {
    condition     = alltrue([for acl in values(var.acls) : contains(["ALL", "ALTER", "ALTER_CONFIGS", "CLUSTER_ACTION", "CREATE", "DELETE", "DESCRIBE", "DESCRIBE_CONFIGS", "IDEMPOTENT_WRITE", "READ", "WRITE"], acl.operation)])
    error_message = "acls has the operation ${join(", ", [for name, acl in var.acls : "\"${acl.operation}\" (${name})" if !contains(["ALL", "ALTER", "ALTER_CONFIGS", "CLUSTER_ACTION", "CREATE", "DELETE", "DESCRIBE", "DESCRIBE_CONFIGS", "IDEMPOTENT_WRITE", "READ", "WRITE"], acl.operation)])}: allowed are ALL, ALTER, ALTER_CONFIGS, CLUSTER_ACTION, CREATE, DELETE, DESCRIBE, DESCRIBE_CONFIGS, IDEMPOTENT_WRITE, READ, WRITE."
  }

  validation {
    condition     = alltrue([for acl in values(var.acls) : contains(["CLUSTER", "DELEGATION_TOKEN", "GROUP", "TOPIC", "TRANSACTIONAL_ID"], acl.resource_type) && contains(["LITERAL", "PREFIXED"], acl.pattern_type) && contains(["ALLOW", "DENY"], acl.permission)])
    error_message = "acls has ${join(", ", [for name, acl in var.acls : "${acl.permission} on ${acl.pattern_type} ${acl.resource_type} (${name})" if !(contains(["CLUSTER", "DELEGATION_TOKEN", "GROUP", "TOPIC", "TRANSACTIONAL_ID"], acl.resource_type) && contains(["LITERAL", "PREFIXED"], acl.pattern_type) && contains(["ALLOW", "DENY"], acl.permission))])}: allowed are permission ALLOW, DENY; pattern_type LITERAL, PREFIXED; resource_type CLUSTER, DELEGATION_TOKEN, GROUP, TOPIC, TRANSACTIONAL_ID."
  }

  validation {
    condition     = alltrue([for acl in values(var.acls) : acl.resource_type != "CLUSTER" || (acl.resource_name == "kafka-cluster" && acl.pattern_type == "LITERAL")])
    error_message = "acls names the cluster as ${join(", ", [for name, acl in var.acls : "\"${acl.resource_name}\" (${name})" if acl.resource_type == "CLUSTER" && !(acl.resource_name == "kafka-cluster" && acl.pattern_type == "LITERAL")])}: for resource_type CLUSTER, resource_name is kafka-cluster and pattern_type LITERAL."
  }
}

variable "name_pattern" {
  description = "Regular expression that every topic's name matches. Widen it to adopt topics that were named before the rule."
  type        = string
  default     = "^[a-z0-9-]+\\.[a-z0-9_-]+\\.[a-z0-9_.-]+$"

  validation {
    condition     = can(regex(var.name_pattern, "")) || can(regexall(var.name_pattern, "a"))
    error_message = "name_pattern is \"${var.name_pattern}\": allowed is a regular expression (RE2)."
  }
}

variable "protected" {
  description = "Whether Terraform refuses to delete topics. Turn it off only where their records may be lost; see the README before changing it."
  type        = bool
  default     = true
}
