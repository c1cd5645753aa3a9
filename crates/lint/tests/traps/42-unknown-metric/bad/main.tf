resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = "alarm"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = 0
  period              = 300
  statistic           = "Maximum"
  namespace           = "AWS/KafkaConnect"
  metric_name         = "connector-failed-task-count"
  treat_missing_data  = "breaching"
  dimensions = {
    ConnectorName = "orders"
  }
}
