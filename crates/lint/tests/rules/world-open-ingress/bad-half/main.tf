resource "aws_vpc_security_group_ingress_rule" "kafka" {
  security_group_id = aws_security_group.kafka.id
  description       = "Kafka"
  ip_protocol       = "tcp"
  from_port         = 9092
  to_port           = 9092
  cidr_ipv4         = "128.0.0.0/1"
}
