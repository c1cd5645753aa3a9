module "worker" {
  source = "./worker"
  egress = {
    https = { port = 443, cidr_ipv4 = "0.0.0.0/0" }
  }
}
