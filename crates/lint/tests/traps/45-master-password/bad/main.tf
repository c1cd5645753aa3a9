resource "aws_rds_cluster" "this" {
  cluster_identifier  = "orders"
  engine              = "aurora-postgresql"
  deletion_protection = true
  master_username     = "admin"
  master_password = var.password
  serverlessv2_scaling_configuration {
    min_capacity = 0.5
    max_capacity = 4
  }
}

variable "password" {
  description = "Password."
  type        = string
  sensitive   = true
}
