variable "name" {
  description = "Name of the service account, from the label module."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,60}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": allowed are 3 to 62 lower-case letters, digits and hyphens, a letter first and no hyphen last."
  }
}

variable "owner" {
  description = "Team that answers for the connectors; stands in the account's description, since Confluent objects take no tags."
  type        = string

  validation {
    condition     = trimspace(var.owner) != ""
    error_message = "owner is \"${var.owner}\": a team or an address is needed."
  }
}

variable "organization_crn" {
  description = "Organization's CRN (resource_name of data confluent_organization)."
  type        = string

  validation {
    condition     = can(regex("^crn://[^/]+/organization=[0-9a-f-]{36}$", var.organization_crn))
    error_message = "organization_crn is \"${var.organization_crn}\": allowed is crn://confluent.cloud/organization=<UUID>."
  }
}

variable "cluster" {
  description = "The Kafka cluster (output cluster of confluent-foundation)."
  type = object({
    id   = string
    crn  = string
    type = string
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

variable "connector_prefix" {
  description = "What the connectors' names begin with, for example orders-. The account writes to the dead letter topics dlq.<prefix>*."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,40}-$", var.connector_prefix))
    error_message = "connector_prefix is \"${var.connector_prefix}\": allowed are up to 42 lower-case letters, digits and hyphens, a letter first and a hyphen last, so that orders- does not also mean orders2."
  }
}

variable "produces" {
  description = "Topics that source connectors write, and may create: names, or prefixes with a * at the end."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for topic in var.produces : can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*\\*?$", topic)) && !can(regex("^(var|local|each|module|data)\\.", topic))])
    error_message = "produces has ${join(", ", [for topic in var.produces : "\"${topic}\"" if !can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*\\*?$", topic)) || can(regex("^(var|local|each|module|data)\\.", topic))])}: allowed are topic names, or prefixes with a * at the end; * alone and expressions without $${} are refused."
  }
}

variable "consumes" {
  description = "Topics that sink connectors read: names, or prefixes with a * at the end."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for topic in var.consumes : can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*\\*?$", topic)) && !can(regex("^(var|local|each|module|data)\\.", topic))])
    error_message = "consumes has ${join(", ", [for topic in var.consumes : "\"${topic}\"" if !can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*\\*?$", topic)) || can(regex("^(var|local|each|module|data)\\.", topic))])}: allowed are topic names, or prefixes with a * at the end; * alone and expressions without $${} are refused."
  }

  validation {
    condition     = alltrue([for topic in var.consumes : !startswith(topic, var.dlq.topic_prefix) && !(endswith(topic, "*") && startswith(var.dlq.topic_prefix, trimsuffix(topic, "*")))])
    error_message = "consumes has ${join(", ", [for topic in var.consumes : "\"${topic}\"" if startswith(topic, var.dlq.topic_prefix) || (endswith(topic, "*") && startswith(var.dlq.topic_prefix, trimsuffix(topic, "*")))])}, which is or includes the dead letter topics ${var.dlq.topic_prefix}*: a sink must not read what it writes there."
  }
}

variable "dlq" {
  description = "Dead letters of sinks. topic_prefix: what the topics module puts in front of a connector's name. report_topics: also the topics success-lcc*, error-lcc* and dlq-lcc*, which some sinks (S3, DynamoDB, HTTP) create by themselves."
  type = object({
    topic_prefix  = optional(string, "dlq.")
    report_topics = optional(bool, true)
  })
  default = {}

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*[._-]$", var.dlq.topic_prefix))
    error_message = "dlq.topic_prefix is \"${var.dlq.topic_prefix}\": allowed are letters, digits, dots, underscores and hyphens, one of . - _ last."
  }
}

variable "deployers" {
  description = "Principals that may attach this account to a connector, by a name of your choice: the pipeline's account or identity pool."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for principal in values(var.deployers) : can(regex("^User:(sa|u|pool)-[A-Za-z0-9]+$", principal))])
    error_message = "deployers has ${join(", ", [for principal in values(var.deployers) : "\"${principal}\"" if !can(regex("^User:(sa|u|pool)-[A-Za-z0-9]+$", principal))])}: a principal is User:sa-<id>, User:u-<id> or User:pool-<id>."
  }
}
