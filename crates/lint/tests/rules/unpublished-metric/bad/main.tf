resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = "alarm"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = 0
  period              = 300
  statistic           = "Maximum"
  namespace           = "Sluice"
  metric_name         = "poller_heartbeat"
  treat_missing_data  = "breaching"
  dimensions = {
    Environment = "dev"
  }
}
