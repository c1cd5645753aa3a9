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

variable "alarm_email" {
  description = "Address of the platform team that hears all alarms."
  type        = string
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

variable "adopt_topics" {
  description = "Topics that are there already and are to be adopted: name to import id."
  type        = map(string)
  default     = {}
}

variable "confluent_endpoint" {
  description = "Base URL of the Confluent Cloud API; null is the public one."
  type        = string
  default     = null
}
