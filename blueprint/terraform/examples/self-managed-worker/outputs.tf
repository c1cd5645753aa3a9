output "repository_url" {
  description = "Where the image is pushed."
  value       = module.worker.repository_url
}

output "log_group_name" {
  description = "Log group of the worker."
  value       = module.worker.log_group_name
}

output "lake" {
  description = "Bucket that the sink writes to."
  value       = module.lake.bucket
}
