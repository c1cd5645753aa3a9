resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "orders"
  dashboard_body = jsonencode({
    widgets = [for name in ["orders"] : {
      properties = {
        metrics = [["Sluice", "replication_slot_lag_seconds", "Environment", "dev", "Connector", name]]
      }
    }]
  })
}
