output "access_point_id" {
  description = "Confluent's access point to the target."
  value       = confluent_access_point.this.id
}

output "gateway_id" {
  description = "Gateway that Confluent's side goes out by."
  value       = local.gateway_id
}

output "vpc_endpoint_id" {
  description = "Endpoint in Confluent's account, to look for among the connections of the endpoint service."
  value       = one(confluent_access_point.this.aws_egress_private_link_endpoint[*].vpc_endpoint_id)
}

output "dns_name" {
  description = "Name to put into connectors. Known only once the record exists, so that connectors wait for it."
  value       = confluent_dns_record.this.domain

  # The record's domain is known at plan; the connector must wait for the record itself.
  depends_on = [confluent_dns_record.this, confluent_dns_record.alias]
}

output "endpoint_service_name" {
  description = "Endpoint service that the access point leads to."
  value       = local.service_name
}

output "principal_arn" {
  description = "Confluent's AWS principal, the only one that the endpoint service lets in."
  value       = local.principal_arn
}

output "target_group_arn" {
  description = "Target group in front of the database; null for kind service."
  value       = one(aws_lb_target_group.this[*].arn)
}

output "target_group_arn_suffix" {
  description = "Target group as CloudWatch names it (dimension TargetGroup of UnHealthyHostCount); null for kind service."
  value       = one(aws_lb_target_group.this[*].arn_suffix)
}

output "load_balancer_arn_suffix" {
  description = "Load balancer as CloudWatch names it (dimension LoadBalancer); null for kind service."
  value       = one(aws_lb.this[*].arn_suffix)
}

output "zone_ids" {
  description = "AZ ids in which the load balancer stands. For network-validation."
  value       = toset(keys(var.subnet_ids))
}

output "security_group_id" {
  description = "Security group of the load balancer: let it into the database on its port. Null for kind service."
  value       = one(aws_security_group.load_balancer[*].id)
}

output "refresher_log_group" {
  description = "Log group of the target refresher; null without one."
  value       = one(aws_cloudwatch_log_group.refresher[*].name)
}
