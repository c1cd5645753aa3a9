output "service_name" {
  description = "Name of the service, the dimension ServiceName of its metrics. Null without an image."
  value       = one([for s in merge(aws_ecs_service.this, aws_ecs_service.scaled) : s.name])
}

output "cluster_name" {
  description = "Name of the ECS cluster, the dimension ClusterName of its metrics."
  value       = aws_ecs_cluster.this.name
}

output "cluster_arn" {
  description = "ECS cluster, for scheduled tasks beside the worker such as the target refresher."
  value       = aws_ecs_cluster.this.arn
}

output "log_group_name" {
  description = "Log group of the workers: one JSON object a line."
  value       = aws_cloudwatch_log_group.this.name
}

output "security_group_id" {
  description = "Security group of the workers, to let them into databases and endpoints."
  value       = aws_security_group.this.id
}

output "task_role_arn" {
  description = "Role of the worker and its connectors."
  value       = aws_iam_role.task.arn
}

output "execution_role_arn" {
  description = "Role with which ECS starts the worker."
  value       = aws_iam_role.execution.arn
}

output "repository_url" {
  description = "Where the image is pushed. Null when create_repository is false."
  value       = one(aws_ecr_repository.this[*].repository_url)
}

output "repository_arn" {
  description = "ARN of the repository, for the role that pushes. Null when create_repository is false."
  value       = one(aws_ecr_repository.this[*].arn)
}

output "rest_url" {
  description = "Where REST is reached inside the VPC. Null when it is not."
  value = one(concat(
    [for d in aws_service_discovery_service.this : "${local.rest_scheme}://${d.name}.${var.name}.internal:${local.rest_port}"],
    [for lb in aws_lb.this : "${local.rest_scheme}://${lb.dns_name}:${local.rest_port}"],
  ))
}

output "kms_key_arn" {
  description = "Key of images and logs."
  value       = local.key_arn
}

output "connectors" {
  description = "Names of the connectors of config_dir."
  value       = keys(local.texts)
}

output "group_id" {
  description = "The group's id: sinks' consumer groups must have another name."
  value       = local.group_id
}

output "internal_topics" {
  description = "Names of the internal topics, by configs, offsets and status."
  value       = merge(local.topic_names, { for k, t in confluent_kafka_topic.internal : k => t.topic_name })
}
