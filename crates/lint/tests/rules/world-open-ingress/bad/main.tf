resource "aws_vpc_security_group_ingress_rule" "kafka" {
  security_group_id = "sg-1"
  ip_protocol       = "tcp"
  from_port         = 9092
  to_port           = 9092
  cidr_ipv4         = "0.0.0.0/0"
}
