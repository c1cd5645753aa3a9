provider "confluent" {
  cloud_api_key    = var.cloud_api_key
  cloud_api_secret = "hunter2hunter2"
}

variable "cloud_api_key" {
  description = "Key."
  type        = string
}
