variable "project" {
  description = "Name of the platform, the first part of every name."
  type        = string
}

variable "environment" {
  description = "Environment: dev, staging or prod."
  type        = string
}

variable "region" {
  description = "AWS region of everything."
  type        = string
}

variable "allow_empty" {
  description = "Whether the folder may be without connectors, which deletes all of this environment."
  type        = bool
  default     = false
}

variable "connector_secrets" {
  description = "Secrets that the connector files refer to, name to key to value. They end in this stack's state; see the README of the module connector for the other ways."
  type        = map(map(string))
  default     = {}
  sensitive   = true
}

variable "adopt_connectors" {
  description = "Connectors that are there already and are to be adopted: name to import id."
  type        = map(string)
  default     = {}
}

variable "confluent_endpoint" {
  description = "Base URL of the Confluent Cloud API; null is the public one."
  type        = string
  default     = null
}
