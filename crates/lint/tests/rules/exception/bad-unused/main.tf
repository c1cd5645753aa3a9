# sluice:allow variable-type the value is handed on as it comes
variable "a" {
  description = "A."
  type        = string
}
