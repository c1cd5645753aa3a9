output "endpoint_ids" {
  description = "Gateway endpoint of each service."
  value       = tomap({ for service, endpoint in aws_vpc_endpoint.this : service => endpoint.id })
}

output "prefix_list_ids" {
  description = "Prefix list of each service, for egress rules of security groups."
  value       = tomap({ for service, endpoint in aws_vpc_endpoint.this : service => endpoint.prefix_list_id })
}
