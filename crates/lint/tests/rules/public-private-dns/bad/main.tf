resource "aws_vpc_endpoint" "this" {
  vpc_id              = "vpc-1"
  vpc_endpoint_type   = "Interface"
  service_name        = one(confluent_network.this.aws[*].private_link_endpoint_service)
  private_dns_enabled = true
}
