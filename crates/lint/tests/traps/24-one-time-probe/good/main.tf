check "resolves" {
  assert {
    condition     = var.host != ""
    error_message = "No host."
  }
}

variable "host" {
  description = "Host."
  type        = string
}
