variable "a" {
  description = "A."
}

variable "b" {
  description = "B."
  type        = any
}
