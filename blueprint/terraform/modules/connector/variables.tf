variable "config_dir" {
  description = "Folder of connector files, one NAME.json per connector: {\"name\": NAME, \"config\": {...}} as Kafka Connect takes it. Subfolders are not read."
  type        = string

  validation {
    condition     = length(fileset(var.config_dir, "*.json")) > 0 || var.allow_empty
    error_message = "config_dir is \"${var.config_dir}\", which has no *.json: a mistyped folder would delete every connector. Set allow_empty to true if it is meant to be empty."
  }
}

variable "allow_empty" {
  description = "Whether config_dir may be without files, which deletes all connectors of this module."
  type        = bool
  default     = false
}

variable "environment_id" {
  description = "Confluent environment."
  type        = string

  validation {
    condition     = can(regex("^env-[a-z0-9]+$", var.environment_id))
    error_message = "environment_id is \"${var.environment_id}\": a Confluent environment's id is env- and letters and digits."
  }
}

variable "kafka_cluster_id" {
  description = "Kafka cluster of the connectors."
  type        = string

  validation {
    condition     = can(regex("^lkc-[a-z0-9]+$", var.kafka_cluster_id))
    error_message = "kafka_cluster_id is \"${var.kafka_cluster_id}\": a cluster's id is lkc- and letters and digits."
  }
}

variable "service_account_id" {
  description = "Account that the connectors run as (output service_account_id of kafka-connect-cluster/managed, which also waits for its role bindings). Null: each connector needs an entry in service_account_ids."
  type        = string
  default     = null

  validation {
    condition     = var.service_account_id == null || can(regex("^sa-[a-z0-9]+$", var.service_account_id))
    error_message = "service_account_id is ${jsonencode(var.service_account_id)}: a service account's id is sa- and letters and digits."
  }
}

variable "service_account_ids" {
  description = "Accounts of single connectors that run as another one, by connector. Null is no account of its own."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for id in values(var.service_account_ids) : id == null || can(regex("^sa-[a-z0-9]+$", id))])
    error_message = "service_account_ids has ${join(", ", [for name, id in var.service_account_ids : "${jsonencode(id)} (${name})" if id != null && !can(regex("^sa-[a-z0-9]+$", id))])}: a service account's id is sa- and letters and digits."
  }

  validation {
    condition     = alltrue([for name in keys(var.service_account_ids) : fileexists("${var.config_dir}/${name}.json")])
    error_message = "service_account_ids has ${join(", ", [for name in keys(var.service_account_ids) : name if !fileexists("${var.config_dir}/${name}.json")])}, for which there is no file in ${var.config_dir}."
  }
}

variable "provider_integration_ids" {
  description = "AWS provider integrations, by connector, of connectors with authentication.method \"IAM Roles\" (output of iam-connector-roles)."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for id in values(var.provider_integration_ids) : can(regex("^cspi-[a-z0-9]+$", id))])
    error_message = "provider_integration_ids has ${join(", ", [for id in values(var.provider_integration_ids) : "\"${id}\"" if !can(regex("^cspi-[a-z0-9]+$", id))])}: an integration's id is cspi- and letters and digits."
  }

  validation {
    condition     = alltrue([for name in keys(var.provider_integration_ids) : fileexists("${var.config_dir}/${name}.json")])
    error_message = "provider_integration_ids has ${join(", ", [for name in keys(var.provider_integration_ids) : name if !fileexists("${var.config_dir}/${name}.json")])}, for which there is no file in ${var.config_dir}."
  }
}

variable "secrets" {
  description = "Secrets that the files refer to as $${secretsmanager:NAME:KEY}: name to key to value. They end in the state; see the README."
  type        = map(map(string))
  default     = {}
  sensitive   = true
}

variable "initial_offsets" {
  description = "Offsets that a new connector starts from, by connector, to carry a renamed or migrated one over. Only a creation uses them."
  type        = map(list(object({ partition = map(string), offset = map(string) })))
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.initial_offsets) : fileexists("${var.config_dir}/${name}.json")])
    error_message = "initial_offsets has ${join(", ", [for name in keys(var.initial_offsets) : name if !fileexists("${var.config_dir}/${name}.json")])}, for which there is no file in ${var.config_dir}."
  }
}

variable "require_dlq" {
  description = "Whether every sink must name its own dead letter topic, dlq.<connector>."
  type        = bool
  default     = true
}
