resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "orders"
  dashboard_body = jsonencode({
    widgets = [{
      type = "metric"
      properties = {
        metrics = [
          for name in ["CPUUtilization", "CpuLoad"] : ["AWS/RDS", name, "DBClusterIdentifier", "orders"]
        ]
      }
    }]
  })
}
