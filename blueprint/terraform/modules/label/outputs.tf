output "prefix" {
  description = "<project>-<environment>-<region code>: what every name begins with."
  value       = local.prefix
}

output "name" {
  description = "The prefix and the component, for the input name of the other modules."
  value       = local.name
}

output "tags" {
  description = "Project, Environment, Owner, CostCenter, DataClassification, ManagedBy, Repository and the extra tags. For default_tags of the AWS provider and the input tags of the other modules."
  value       = local.tags
}

output "sa_name" {
  description = "The name, at most 64 characters: service accounts and IAM roles."
  value       = local.sa_name
}

output "lb_name" {
  description = "The name, at most 32 characters: load balancers and target groups."
  value       = local.lb_name
}

output "bucket_name" {
  description = "The organization and the name, at most 63 characters: buckets."
  value       = local.bucket_name
}

output "sa_names" {
  description = "Per suffix: the name with the suffix, at most 64 characters."
  value       = local.sa_names
}

output "lb_names" {
  description = "Per suffix: the name with the suffix, at most 32 characters."
  value       = local.lb_names
}
