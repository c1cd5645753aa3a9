module "worker" {
  source  = "./worker"
  clients = merge({ office = { port = 443, cidr_ipv4 = "0.0.0.0/0" } }, {})
}
