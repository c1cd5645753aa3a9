variable "org" {
  description = "Short name of the organization."
  type        = string
  default     = "acme"
}

variable "project" {
  description = "Name of the platform, the first part of every name."
  type        = string
  default     = "streams"
}

variable "region" {
  description = "AWS region of the cluster."
  type        = string
  default     = "eu-central-1"
}

variable "region_code" {
  description = "First part of the region's AZ ids."
  type        = string
  default     = "euc1"
}

variable "owner" {
  description = "Team that answers for what is created."
  type        = string
  default     = "platform"
}

variable "cost_center" {
  description = "Where the cost is booked."
  type        = string
  default     = "4711"
}

variable "repository" {
  description = "Repository that holds this configuration."
  type        = string
  default     = "github.com/acme/streams"
}

variable "cluster_size" {
  description = "CKUs of the cluster; two or more, since it stands in three zones."
  type        = number
  default     = 2
}

variable "vpc_id" {
  description = "VPC of the clients."
  type        = string
}

variable "subnets_by_zone_id" {
  description = "Private subnets in three zones, by AZ id."
  type        = map(string)
}

variable "client_security_group_ids" {
  description = "Security groups whose members may connect to Kafka, and to the database to make the connector's user, by a name of your choice."
  type        = map(string)
}

variable "worker_image" {
  description = "Image with sluice, by digest; the target refresher runs it."
  type        = string
  default     = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice@sha256:0000000000000000000000000000000000000000000000000000000000000000"
}

variable "connector_secrets" {
  description = "Secrets that the connector files refer to, name to key to value. They end in the state."
  type        = map(map(string))
  sensitive   = true
}

variable "request_metrics" {
  description = "Whether S3 publishes request metrics, which the alarms on its errors need."
  type        = bool
  default     = true
}

variable "deletion_protection" {
  description = "Whether cluster and topics refuse to be deleted."
  type        = bool
  default     = true
}

variable "secret_recovery_days" {
  description = "Days in which a deleted secret can be brought back; 0 deletes at once."
  type        = number
  default     = 30
}

variable "confluent_endpoint" {
  description = "Base URL of the Confluent Cloud API; null is the public one."
  type        = string
  default     = null
}
