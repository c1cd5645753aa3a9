variable "db_password" {
  description = "Password."
  type        = string
  default     = "hunter2"
}
