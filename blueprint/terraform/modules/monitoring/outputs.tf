output "topic_arn" {
  description = "Topic that alarms go to."
  value       = aws_sns_topic.this.arn
}

output "alarm_arns" {
  description = "Alarms by kind and what they watch, such as worker_tasks/main."
  value       = local.alarms
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "log_group_names" {
  description = "Log groups that the module made, by name; the poller's is poller."
  value       = merge({ for k, g in aws_cloudwatch_log_group.this : k => g.name }, { for k, g in aws_cloudwatch_log_group.poller : k => g.name })
}

output "kms_key_arn" {
  description = "Key of alarm messages and of the module's log groups."
  value       = aws_kms_key.this.arn
}
