output "endpoint" {
  description = "Name of the writer. It stays the same at a failover, so a DNS record for connectors names it, never an instance."
  value       = aws_rds_cluster.this.endpoint
}

output "reader_endpoint" {
  description = "Name of the readers. Logical replication needs the writer."
  value       = aws_rds_cluster.this.reader_endpoint
}

output "port" {
  description = "Port of the database."
  value       = aws_rds_cluster.this.port
}

output "database_name" {
  description = "Database that was made with the cluster."
  value       = aws_rds_cluster.this.database_name
}

output "cluster_identifier" {
  description = "Identifier of the cluster, the dimension DBClusterIdentifier of its metrics."
  value       = aws_rds_cluster.this.cluster_identifier
}

output "cluster_arn" {
  description = "ARN of the cluster, for backups."
  value       = aws_rds_cluster.this.arn
}

output "instance_azs" {
  description = "Availability zone per instance. Empty values until AWS has placed them."
  value       = { for k, i in aws_rds_cluster_instance.this : k => i.availability_zone }
}

output "security_group_id" {
  description = "Security group of the database."
  value       = aws_security_group.this.id
}

output "master_secret_arn" {
  description = "Secret in which RDS keeps the administrator's password."
  value       = one(aws_rds_cluster.this.master_user_secret[*].secret_arn)
}

output "kms_key_arn" {
  description = "Key of data and master secret."
  value       = local.key_arn
}

output "log_group_name" {
  description = "Log group of the database's log."
  value       = aws_cloudwatch_log_group.this.name
}
