variable "name" {
  description = "Name of environment, network, cluster and accounts, from the label module."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,60}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": allowed are 3 to 62 lower-case letters, digits and hyphens, a letter first and no hyphen last."
  }
}

variable "owner" {
  description = "Team that answers for the platform; stands in descriptions, since Confluent objects take no tags."
  type        = string

  validation {
    condition     = trimspace(var.owner) != ""
    error_message = "owner is \"${var.owner}\": a team or an address is needed."
  }
}

variable "tags" {
  description = "Tags of the secrets that hold API keys, from the label module."
  type        = map(string)
  default     = {}
}

variable "region" {
  description = "AWS region of cluster and network."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is \"${var.region}\": allowed is an AWS region such as eu-central-1."
  }
}

variable "stream_governance_package" {
  description = "ESSENTIALS, or ADVANCED, which data contracts (rules on schemas) need."
  type        = string
  default     = "ESSENTIALS"

  validation {
    condition     = contains(["ESSENTIALS", "ADVANCED"], var.stream_governance_package)
    error_message = "stream_governance_package is \"${var.stream_governance_package}\": allowed are ESSENTIALS and ADVANCED."
  }
}

variable "cluster" {
  description = <<-E
    The Kafka cluster. type is basic, standard, enterprise, freight or dedicated; availability SINGLE_ZONE or MULTI_ZONE
    for a dedicated cluster, also LOW or HIGH for the others; cku the size of a dedicated cluster, max_ecku the limit of
    the others. Only basic to standard and another cku change in place; everything else is a new, empty cluster.
  E
  type = object({
    type                = string
    availability        = optional(string, "MULTI_ZONE")
    cku                 = optional(number)
    max_ecku            = optional(number)
    deletion_protection = optional(bool, true)
  })

  validation {
    condition     = contains(["basic", "standard", "enterprise", "freight", "dedicated"], var.cluster.type)
    error_message = "cluster.type is \"${var.cluster.type}\": allowed is exactly one of basic, standard, enterprise, freight, dedicated."
  }

  validation {
    condition     = contains(var.cluster.type == "dedicated" ? ["SINGLE_ZONE", "MULTI_ZONE"] : ["SINGLE_ZONE", "MULTI_ZONE", "LOW", "HIGH"], var.cluster.availability)
    error_message = "cluster.availability is \"${var.cluster.availability}\" for a ${var.cluster.type} cluster: allowed are SINGLE_ZONE and MULTI_ZONE, and for other types than dedicated LOW and HIGH."
  }

  validation {
    condition     = (var.cluster.type == "dedicated") == (var.cluster.cku != null)
    error_message = "cluster.cku is ${var.cluster.cku == null ? "unset" : var.cluster.cku} for a ${var.cluster.type} cluster: a dedicated cluster needs it, no other takes it."
  }

  validation {
    condition     = var.cluster.cku == null || try(var.cluster.cku >= (var.cluster.availability == "MULTI_ZONE" ? 2 : 1) && floor(var.cluster.cku) == var.cluster.cku, false)
    error_message = "cluster.cku is ${var.cluster.cku == null ? "unset" : var.cluster.cku} with availability ${var.cluster.availability}: allowed are whole numbers, from 2 with MULTI_ZONE, from 1 with SINGLE_ZONE."
  }

  validation {
    condition     = var.cluster.max_ecku == null || var.cluster.type != "dedicated"
    error_message = "cluster.max_ecku is ${var.cluster.max_ecku == null ? "unset" : var.cluster.max_ecku} for a dedicated cluster: its size is cku."
  }

  validation {
    condition     = var.cluster.max_ecku == null || try(var.cluster.max_ecku >= (contains(["HIGH", "MULTI_ZONE"], var.cluster.availability) ? 2 : 1) && floor(var.cluster.max_ecku) == var.cluster.max_ecku, false)
    error_message = "cluster.max_ecku is ${var.cluster.max_ecku == null ? "unset" : var.cluster.max_ecku} with availability ${var.cluster.availability}: allowed are whole numbers, from 2 with HIGH and MULTI_ZONE, from 1 otherwise."
  }
}

variable "network" {
  description = <<-E
    Private Link network of a dedicated cluster; null leaves the cluster public. zone_ids are AZ ids, aws_account_id the
    account whose endpoints may connect. Changing zones or dns_resolution replaces the network, the cluster and
    everything in it.
  E
  type = object({
    zone_ids       = list(string)
    aws_account_id = string
    dns_resolution = optional(string, "PRIVATE")
  })
  default = null

  validation {
    condition     = var.network == null || alltrue([for zone in try(var.network.zone_ids, []) : can(regex("^[a-z]{3,4}[0-9]-az[0-9]$", zone))])
    error_message = "network.zone_ids has ${join(", ", [for zone in try(var.network.zone_ids, []) : "\"${zone}\"" if !can(regex("^[a-z]{3,4}[0-9]-az[0-9]$", zone))])}: allowed are AZ ids such as euc1-az1; an AZ name such as eu-central-1a means another zone in every account."
  }

  validation {
    condition = alltrue([for zone in try(var.network.zone_ids, []) : startswith(zone, join("", concat(
      [split("-", var.region)[0]],
      [for part in slice(split("-", var.region), 1, length(split("-", var.region)) - 1) : lookup({ northeast = "ne", northwest = "nw", southeast = "se", southwest = "sw" }, part, substr(part, 0, 1))],
      ["${reverse(split("-", var.region))[0]}-az"]
    )))])
    error_message = "network.zone_ids has ${join(", ", try(var.network.zone_ids, []))}, which are not zones of ${var.region}."
  }

  validation {
    condition     = var.network == null || (length(distinct(try(var.network.zone_ids, []))) == length(try(var.network.zone_ids, [])) && contains([1, 3], length(try(var.network.zone_ids, []))))
    error_message = "network.zone_ids has ${length(try(var.network.zone_ids, []))} zones (${join(", ", try(var.network.zone_ids, []))}): allowed are three different zones, or one."
  }

  validation {
    condition     = var.network == null || can(regex("^[0-9]{12}$", var.network.aws_account_id))
    error_message = "network.aws_account_id is \"${try(var.network.aws_account_id, "unset")}\": an AWS account's id has 12 digits."
  }

  validation {
    condition     = var.network == null || contains(["PRIVATE", "CHASED_PRIVATE"], try(var.network.dns_resolution, "PRIVATE"))
    error_message = "network.dns_resolution is \"${try(var.network.dns_resolution, "unset")}\": allowed are PRIVATE and CHASED_PRIVATE."
  }

  validation {
    condition     = var.network == null || var.cluster.type == "dedicated"
    error_message = "network is set for a ${var.cluster.type} cluster: only a dedicated cluster stands in a network of its own."
  }

  validation {
    condition     = var.network == null || var.cluster.availability != "MULTI_ZONE" || length(try(var.network.zone_ids, [])) == 3
    error_message = "network.zone_ids has ${length(try(var.network.zone_ids, []))} zones for a cluster with availability MULTI_ZONE: it needs three."
  }
}

variable "clients" {
  description = <<-E
    Identities beside the administrator, by name: an account, an API key and its secret, and a client.properties text.
    produces and consumes are topics, groups consumer groups; a * at the end makes a prefix. schema_registry: whether the
    identity also gets a key for Schema Registry, to read the subjects of what it consumes and write those of what it
    produces.
  E
  type = map(object({
    description     = string
    produces        = optional(set(string), [])
    consumes        = optional(set(string), [])
    groups          = optional(set(string), [])
    schema_registry = optional(bool, true)
  }))
  default = {}

  validation {
    condition     = alltrue([for name in keys(var.clients) : can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", name)) && name != "admin"])
    error_message = "clients has ${join(", ", [for name in keys(var.clients) : "\"${name}\"" if !(can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", name)) && name != "admin")])}: a name has 2 to 32 lower-case letters, digits and hyphens, a letter first and no hyphen last, and is not admin."
  }

  validation {
    condition     = alltrue([for pattern in flatten([for c in values(var.clients) : concat(tolist(c.produces), tolist(c.consumes), tolist(c.groups))]) : can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*\\*?$", pattern)) && !can(regex("^(var|local|each|module|data)\\.", pattern))])
    error_message = "clients has the topic or group ${join(", ", [for pattern in flatten([for c in values(var.clients) : concat(tolist(c.produces), tolist(c.consumes), tolist(c.groups))]) : "\"${pattern}\"" if !can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*\\*?$", pattern)) || can(regex("^(var|local|each|module|data)\\.", pattern))])}: allowed are names, or prefixes with a * at the end; expressions without $${} are refused."
  }

  validation {
    condition     = length(var.clients) == 0 || var.cluster.type != "basic"
    error_message = "clients has ${join(", ", keys(var.clients))} on a basic cluster, which knows no role bindings on topics: use another cluster type, or access control lists (module topics)."
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
