locals {
  connectors = var.published ? ["orders"] : []
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "orders"
  dashboard_body = jsonencode({
    widgets = [for name in local.connectors : {
      properties = {
        metrics = [["Sluice", "replication_slot_lag_seconds", "Environment", "dev", "Connector", name]]
      }
    }]
  })
}

variable "published" {
  description = "Whether Sluice publishes its metrics."
  type        = bool
  default     = false
}
