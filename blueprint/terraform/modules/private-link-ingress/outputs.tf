output "vpc_endpoint_id" {
  description = "Interface endpoint to the Confluent network."
  value       = aws_vpc_endpoint.this.id
}

output "security_group_id" {
  description = "Security group of the endpoint."
  value       = aws_security_group.this.id
}

output "zone_id" {
  description = "Private hosted zone of the Confluent network's domain, for associations with further VPCs."
  value       = aws_route53_zone.this.zone_id
}

output "endpoint_dns_name" {
  description = "Regional DNS name of the endpoint."
  value       = local.endpoint_dns_name
}

output "zonal_names" {
  description = "DNS name of the endpoint in each zone, by AZ id."
  value       = tomap(local.zonal_names)
}

output "records" {
  description = "DNS records of the zone: name to target. Known only once the records exist, so what uses it waits for the names to resolve."
  value = tomap(merge(
    { for record in aws_route53_record.regional : record.name => one(record.records) },
    { for record in values(aws_route53_record.zonal) : record.name => one(record.records) }
  ))
}

output "client_rules" {
  description = "Who may connect where: one object per rule with client (security group id or CIDR) and port. For network-validation."
  value = tolist(concat(
    [for key, rule in aws_vpc_security_group_ingress_rule.security_group : { client = rule.referenced_security_group_id, port = rule.from_port }],
    [for key, rule in aws_vpc_security_group_ingress_rule.cidr : { client = rule.cidr_ipv4, port = rule.from_port }]
  ))
}
