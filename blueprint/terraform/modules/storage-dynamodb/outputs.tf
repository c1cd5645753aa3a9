output "names" {
  description = "Names of the tables, by short name."
  value       = { for k, t in aws_dynamodb_table.this : k => t.name }
}

output "arns" {
  description = "ARNs of the tables, by short name."
  value       = { for k, t in aws_dynamodb_table.this : k => t.arn }
}

output "stream_arns" {
  description = "ARNs of the streams, by short name; only tables with a stream."
  value       = { for k, t in aws_dynamodb_table.this : k => t.stream_arn if t.stream_enabled }
}

output "kms_key_arn" {
  description = "Key of the items."
  value       = local.key_arn
}
