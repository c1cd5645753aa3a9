variable "name" {
  description = "Beginning of every account's name, from the label module."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,60}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": allowed are 3 to 62 lower-case letters, digits and hyphens, a letter first and no hyphen last."
  }
}

variable "tags" {
  description = "Tags of the secrets that hold API keys, from the label module. Confluent objects take none."
  type        = map(string)
  default     = {}
}

variable "organization_crn" {
  description = "Organization's CRN (resource_name of data confluent_organization)."
  type        = string

  validation {
    condition     = can(regex("^crn://[^/]+/organization=[0-9a-f-]{36}$", var.organization_crn))
    error_message = "organization_crn is \"${var.organization_crn}\": allowed is crn://confluent.cloud/organization=<UUID>."
  }
}

variable "environment_crn" {
  description = "Environment's CRN (output environment_crn of confluent-foundation)."
  type        = string

  validation {
    condition     = can(regex("^crn://[^/]+/organization=[0-9a-f-]{36}/environment=env-[a-z0-9]+$", var.environment_crn))
    error_message = "environment_crn is \"${var.environment_crn}\": allowed is crn://confluent.cloud/organization=<UUID>/environment=env-<id>."
  }
}

variable "cluster" {
  description = "The Kafka cluster (output cluster of confluent-foundation)."
  type = object({
    id             = string
    crn            = string
    type           = string
    api_version    = string
    kind           = string
    environment_id = string
  })

  validation {
    condition     = can(regex("^crn://[^/]+/organization=[0-9a-f-]{36}/environment=env-[a-z0-9]+/cloud-cluster=lkc-[a-z0-9]+$", var.cluster.crn))
    error_message = "cluster.crn is \"${var.cluster.crn}\": allowed is crn://confluent.cloud/organization=<UUID>/environment=env-<id>/cloud-cluster=lkc-<id> (rbac_crn of the cluster)."
  }

  validation {
    condition     = contains(["standard", "enterprise", "dedicated", "freight"], var.cluster.type)
    error_message = "cluster.type is \"${var.cluster.type}\": role bindings on topics, groups and connectors need a standard, enterprise, dedicated or freight cluster; a basic cluster knows ACLs only."
  }
}

variable "schema_registry_crn" {
  description = "Schema Registry's CRN (output sr.crn of confluent-foundation)."
  type        = string

  validation {
    condition     = can(regex("^crn://[^/]+/organization=[0-9a-f-]{36}/environment=env-[a-z0-9]+/schema-registry=lsrc-[a-z0-9]+$", var.schema_registry_crn))
    error_message = "schema_registry_crn is \"${var.schema_registry_crn}\": allowed is crn://confluent.cloud/organization=<UUID>/environment=env-<id>/schema-registry=lsrc-<id>."
  }
}

variable "teams" {
  description = <<-E
    Teams, by their short name. Each gets one service account.
    topic_prefixes and subject_prefixes: what the team reads, writes and manages, each ending with . - or _.
    groups: consumer groups, a trailing * is allowed. connectors: connector names, a trailing * is allowed; the team
    may deploy them and attach its own account to them.
    roles: further role bindings, role name to resources. A resource is cluster, environment, or one of topic=, group=,
    transactional-id=, connector=, subject=, kek= with a name or a prefix and a trailing *.
    api_keys: names of the Kafka API keys to make, none by default; the one that sorts last stands in the team's
    secret, so a rotation adds a name, applies, and later removes the old name.
  E
  type = map(object({
    description      = string
    owner            = string
    topic_prefixes   = optional(set(string), [])
    subject_prefixes = optional(set(string), [])
    groups           = optional(set(string), [])
    connectors       = optional(set(string), [])
    roles            = optional(map(set(string)), {})
    api_keys         = optional(set(string), [])
  }))

  validation {
    condition     = alltrue([for team in keys(var.teams) : can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", team))])
    error_message = "teams has ${join(", ", [for team in keys(var.teams) : "\"${team}\"" if !can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", team))])}: a team's name has 2 to 32 lower-case letters, digits and hyphens, a letter first and no hyphen last."
  }

  validation {
    condition     = alltrue([for prefix in flatten([for t in values(var.teams) : concat(tolist(t.topic_prefixes), tolist(t.subject_prefixes))]) : can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*[._-]$", prefix))])
    error_message = "teams has the prefix ${join(", ", [for prefix in flatten([for t in values(var.teams) : concat(tolist(t.topic_prefixes), tolist(t.subject_prefixes))]) : "\"${prefix}\"" if !can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*[._-]$", prefix))])}: a prefix has letters, digits, dots, underscores and hyphens and ends with . - or _, so that orders. does not also mean orders2; no * (it is added)."
  }

  validation {
    condition = alltrue(flatten([for a, ta in var.teams : [for b, tb in var.teams : [
      for pa in ta.topic_prefixes : [for pb in tb.topic_prefixes : !startswith(pa, pb)]
    ] if a != b]]))
    error_message = "teams share topics: ${join("; ", flatten([for a, ta in var.teams : [for b, tb in var.teams : [for pa in ta.topic_prefixes : [for pb in tb.topic_prefixes : "${pa} of ${a} lies in ${pb} of ${b}" if startswith(pa, pb)]] if a != b]]))}. A topic prefix belongs to one team; grant single topics to others by roles."
  }

  validation {
    condition     = alltrue([for name in flatten([for t in values(var.teams) : concat(tolist(t.groups), tolist(t.connectors))]) : can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*\\*?$", name))])
    error_message = "teams has the group or connector ${join(", ", [for name in flatten([for t in values(var.teams) : concat(tolist(t.groups), tolist(t.connectors))]) : "\"${name}\"" if !can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*\\*?$", name))])}: allowed are letters, digits, dots, underscores and hyphens, and a * at the end only."
  }

  validation {
    condition = alltrue([for role in distinct(flatten([for t in values(var.teams) : keys(t.roles)])) : contains([
      "Assigner", "CloudClusterAdmin", "ConnectManager", "DataDiscovery", "DataSteward", "DeveloperManage", "DeveloperRead", "DeveloperWrite",
      "EnvironmentAdmin", "FlinkAdmin", "FlinkDeveloper", "KsqlAdmin", "MetricsViewer", "Operator", "ResourceKeyAdmin", "ResourceOwner"
    ], role)])
    error_message = "teams has the role ${join(", ", [for role in distinct(flatten([for t in values(var.teams) : keys(t.roles)])) : "\"${role}\"" if !contains(["Assigner", "CloudClusterAdmin", "ConnectManager", "DataDiscovery", "DataSteward", "DeveloperManage", "DeveloperRead", "DeveloperWrite", "EnvironmentAdmin", "FlinkAdmin", "FlinkDeveloper", "KsqlAdmin", "MetricsViewer", "Operator", "ResourceKeyAdmin", "ResourceOwner"], role)])}: allowed are Assigner, CloudClusterAdmin, ConnectManager, DataDiscovery, DataSteward, DeveloperManage, DeveloperRead, DeveloperWrite, EnvironmentAdmin, FlinkAdmin, FlinkDeveloper, KsqlAdmin, MetricsViewer, Operator, ResourceKeyAdmin, ResourceOwner. Roles over the whole organization are not for teams."
  }

  validation {
    condition = alltrue([for resource in flatten([for t in values(var.teams) : [for set in values(t.roles) : tolist(set)]]) :
    can(regex("^(cluster|environment|(topic|group|transactional-id|connector|subject|kek)=([A-Za-z0-9][A-Za-z0-9._-]*\\*?|\\*))$", resource)) && !can(regex("=(var|local|each|module|data|count|path)\\.", resource))])
    error_message = "teams has the resource ${join(", ", [for resource in flatten([for t in values(var.teams) : [for set in values(t.roles) : tolist(set)]]) : "\"${resource}\"" if !can(regex("^(cluster|environment|(topic|group|transactional-id|connector|subject|kek)=([A-Za-z0-9][A-Za-z0-9._-]*\\*?|\\*))$", resource)) || can(regex("=(var|local|each|module|data|count|path)\\.", resource))])}: allowed are cluster, environment and topic=, group=, transactional-id=, connector=, subject=, kek= with a name, or a prefix with a * at the end. A name that begins with var. is an expression that lost its $${}."
  }

  validation {
    condition     = alltrue([for key in flatten([for t in values(var.teams) : tolist(t.api_keys)]) : can(regex("^[a-z0-9-]{1,16}$", key))])
    error_message = "teams has the API key ${join(", ", [for key in flatten([for t in values(var.teams) : tolist(t.api_keys)]) : "\"${key}\"" if !can(regex("^[a-z0-9-]{1,16}$", key))])}: an API key's name has up to 16 lower-case letters, digits and hyphens, for example 2026-01."
  }

  validation {
    condition     = alltrue([for t in values(var.teams) : trimspace(t.owner) != "" && trimspace(t.description) != ""])
    error_message = "teams has no owner or no description for ${join(", ", [for team, t in var.teams : team if trimspace(t.owner) == "" || trimspace(t.description) == ""])}: both are needed, since Confluent objects carry no tags."
  }
}

variable "kms_key_id" {
  description = "KMS key of the secrets that hold API keys; null is the account's own key for Secrets Manager."
  type        = string
  default     = null
}

variable "secret_recovery_days" {
  description = "Days in which a deleted secret can be brought back: 7 to 30, or 0 to delete at once (its name is then free for a new one)."
  type        = number
  default     = 30

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "secret_recovery_days is ${var.secret_recovery_days}: allowed are 0 and 7 to 30."
  }
}
