variable "org" {
  description = "Short name of the organization."
  type        = string
}

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

variable "region_code" {
  description = "First part of the region's AZ ids."
  type        = string
}

variable "owner" {
  description = "Team that answers for the platform."
  type        = string
}

variable "cost_center" {
  description = "Where the cost is booked."
  type        = string
}

variable "data_classification" {
  description = "Highest class of data that passes through."
  type        = string
}

variable "repository" {
  description = "Repository that holds this configuration."
  type        = string
}

variable "vpc_id" {
  description = "VPC of clients, workers and database."
  type        = string
}

variable "subnets_by_zone_id" {
  description = "Private subnets in three zones, by AZ id."
  type        = map(string)
}

variable "route_table_ids" {
  description = "Route tables of the subnets."
  type        = list(string)
}

variable "client_security_group_ids" {
  description = "Security groups whose members may connect to Kafka and the database, by a name of your choice: the runner's, for example."
  type        = map(string)
}

variable "stream_governance_package" {
  description = "ESSENTIALS or ADVANCED."
  type        = string
  default     = "ESSENTIALS"
}

variable "cluster_size" {
  description = "CKUs of the cluster; two or more, since it stands in three zones."
  type        = number
}

variable "database_capacity" {
  description = "Smallest and largest size of the database in Aurora capacity units."
  type        = object({ min = number, max = number })
}

variable "tables" {
  description = "DynamoDB tables of sinks, as the module storage-dynamodb takes them."
  type = map(object({
    hash_key      = object({ name = string, type = optional(string, "S") })
    range_key     = optional(object({ name = string, type = optional(string, "S") }))
    ttl_attribute = optional(string)
  }))
  default = {}
}

variable "secrets" {
  description = "Secrets of connectors, as the module secrets takes them."
  type = map(object({
    description = string
    version     = optional(number, 1)
    generate    = optional(object({ length = optional(number, 32), fields = optional(map(string), {}) }))
  }))
  default = {}
}

variable "worker_image" {
  description = "Image with sluice, by digest; the target refresher runs it."
  type        = string
}

variable "request_metrics" {
  description = "Whether S3 publishes request metrics, which the alarms on its errors need."
  type        = bool
  default     = true
}

variable "deletion_protection" {
  description = "Whether what holds data refuses to be deleted."
  type        = bool
  default     = true
}

variable "secret_recovery_days" {
  description = "Days in which a deleted secret can be brought back; 0 deletes at once."
  type        = number
  default     = 30
}

variable "adopt" {
  description = "Ids of what is there already and is to be adopted: environment env-1, network env-1/n-1, private_link_access env-1/pla-1, cluster env-1/lkc-1, admin_account sa-1."
  type = object({
    environment         = optional(string)
    network             = optional(string)
    private_link_access = optional(string)
    cluster             = optional(string)
    admin_account       = optional(string)
  })
  default = {}
}

variable "confluent_endpoint" {
  description = "Base URL of the Confluent Cloud API; null is the public one."
  type        = string
  default     = null
}
