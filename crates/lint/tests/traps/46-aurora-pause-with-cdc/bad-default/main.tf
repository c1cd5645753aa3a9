locals {
  parameters = { "rds.logical_replication" = "1" }
}

variable "capacity" {
  description = "Capacity."
  type        = object({ min = number, max = number })
  default     = { min = 0, max = 4 }
}

resource "aws_rds_cluster" "this" {
  cluster_identifier          = "orders"
  engine                      = "aurora-postgresql"
  deletion_protection         = true
  manage_master_user_password = true
  serverlessv2_scaling_configuration {
    min_capacity = var.capacity.min
    max_capacity = var.capacity.max
  }
}
