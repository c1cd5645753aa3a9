variable "a" {
  description = "A."
  type        = string
}
