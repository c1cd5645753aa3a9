output "a" {
  description = "A."
  value       = 1
}
