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
  description = "Most eCKUs that the cluster takes."
  type        = number
  default     = 1
}

variable "vpc_id" {
  description = "VPC of the worker."
  type        = string
}

variable "subnets_by_zone_id" {
  description = "Private subnets of the worker, by AZ id."
  type        = map(string)
}

variable "route_table_ids" {
  description = "Route tables of the subnets."
  type        = list(string)
}

variable "worker_image" {
  description = "Image of the worker by digest; null before the first push, when everything is made but task and service."
  type        = string
  default     = null
}

variable "wait_for_steady_state" {
  description = "Whether an apply waits until the worker runs."
  type        = bool
  default     = true
}

variable "request_metrics" {
  description = "Whether S3 publishes request metrics of the bucket."
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
