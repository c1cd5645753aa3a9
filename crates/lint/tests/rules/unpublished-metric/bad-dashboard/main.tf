resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "orders"
  dashboard_body = jsonencode({
    widgets = [for name in ["orders"] : {
      properties = {
        metrics = [["Sluice", "sink_lag", "Environment", "dev", "Connector", name]]
      }
    }]
  })
}
