locals {
  connectors = var.published ? ["orders"] : []
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "orders"
  dashboard_body = jsonencode({
    widgets = [for name in local.connectors : {
      properties = {
        metrics = [["Sluice", "sink_lag", "Environment", "dev", "Connector", name]]
      }
    }]
  })
}

variable "published" {
  description = "Whether Sluice publishes its metrics."
  type        = bool
  default     = false
}
