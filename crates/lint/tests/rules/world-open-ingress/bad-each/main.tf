locals {
  clients = { office = "10.0.0.0/8", everybody = "0.0.0.0/0" }
}

resource "aws_vpc_security_group_ingress_rule" "kafka" {
  for_each = local.clients

  security_group_id = aws_security_group.kafka.id
  description       = "Kafka for ${each.key}"
  ip_protocol       = "tcp"
  from_port         = 9092
  to_port           = 9092
  cidr_ipv4         = each.value
}
