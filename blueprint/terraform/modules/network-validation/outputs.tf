output "probes" {
  description = "What to try from inside the VPC: name, host, port, whether it speaks TLS, and the names to which the host must resolve. The input of live probes; nothing runs them here."
  value = tolist([
    for name, endpoint in local.endpoints : {
      name         = name
      host         = endpoint.host
      port         = endpoint.port
      tls          = true
      resolves_to  = var.endpoint_dns_names
      reached_from = "vpc"
    }
  ])
}

output "egress_targets" {
  description = "What Confluent-hosted connectors must reach: name, host and port. Only a connector can try these."
  value = tolist([
    for name, target in var.egress : { name = name, host = target.hostname, port = target.port }
  ])
}
