resource "aws_rds_cluster" "this" {
  cluster_identifier  = "orders"
  engine              = "aurora-postgresql"
  deletion_protection = true
  master_username     = "admin"
  manage_master_user_password = true
  serverlessv2_scaling_configuration {
    min_capacity = 0
    max_capacity = 4
  }
}

resource "aws_rds_cluster_parameter_group" "this" {
  family = "aurora-postgresql16"
  parameter {
    name  = "rds.logical_replication"
    value = "1"
  }
}
