# The network that a company has before it begins, for the examples and roots that are applied on emulators: a VPC with
# a subnet in three zones and one security group of clients. Its outputs are variables of the examples.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

locals {
  zone_ids = ["euc1-az1", "euc1-az2", "euc1-az3"]
}

resource "aws_vpc" "this" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "emulated" }
}

resource "aws_subnet" "this" {
  for_each = { for index, zone_id in local.zone_ids : zone_id => cidrsubnet(aws_vpc.this.cidr_block, 8, index) }

  vpc_id               = aws_vpc.this.id
  availability_zone_id = each.key
  cidr_block           = each.value
  tags                 = { Name = "emulated-${each.key}" }
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "emulated" }
}

resource "aws_route_table_association" "this" {
  for_each = aws_subnet.this

  subnet_id      = each.value.id
  route_table_id = aws_route_table.this.id
}

resource "aws_security_group" "clients" {
  name        = "emulated-clients"
  description = "Clients of Kafka in the VPC"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "emulated-clients" }
}

output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "subnets_by_zone_id" {
  description = "Private subnets by AZ id."
  value       = { for zone_id, subnet in aws_subnet.this : zone_id => subnet.id }
}

output "route_table_ids" {
  description = "Route tables of the subnets."
  value       = [aws_route_table.this.id]
}

output "client_security_group_ids" {
  description = "Security groups of clients, by a name."
  value       = { clients = aws_security_group.clients.id }
}
