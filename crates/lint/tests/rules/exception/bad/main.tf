# sluice:allow variable-type
variable "a" {
  description = "A."
  type        = string
}
