variable "hosts" {
  description = "Endpoints that clients in the VPC use: bootstrap as host:port, rest and schema_registry as URLs. Leave schema_registry out when it is reached publicly."
  type = object({
    bootstrap       = string
    rest            = string
    schema_registry = optional(string)
  })

  validation {
    condition     = can(regex("^[a-z0-9.-]+:[0-9]+$", var.hosts.bootstrap))
    error_message = "hosts.bootstrap is \"${var.hosts.bootstrap}\": allowed is host:port without a scheme, such as lkc-abc123.domain:9092."
  }

  validation {
    condition     = alltrue([for url in compact([var.hosts.rest, var.hosts.schema_registry]) : can(regex("^https?://[a-z0-9.-]+(:[0-9]+)?/?$", url))])
    error_message = "hosts has ${join(", ", [for url in compact([var.hosts.rest, var.hosts.schema_registry]) : "\"${url}\"" if !can(regex("^https?://[a-z0-9.-]+(:[0-9]+)?/?$", url))])}: rest and schema_registry are URLs such as https://lkc-abc123.domain:443."
  }
}

variable "dns_records" {
  description = "Records of the private hosted zone, name to target (output records of private-link-ingress)."
  type        = map(string)

  validation {
    condition     = length(var.dns_records) > 0
    error_message = "dns_records is empty: pass the output records of private-link-ingress."
  }
}

variable "endpoint_dns_names" {
  description = "DNS names of the interface endpoint, regional and zonal (outputs endpoint_dns_name and zonal_names of private-link-ingress)."
  type        = list(string)

  validation {
    condition     = length(var.endpoint_dns_names) > 0
    error_message = "endpoint_dns_names is empty: pass endpoint_dns_name and the values of zonal_names of private-link-ingress."
  }
}

variable "vpc_endpoint_id" {
  description = "Interface endpoint whose state is looked up at every plan (output vpc_endpoint_id of private-link-ingress)."
  type        = string

  validation {
    condition     = can(regex("^vpce-[0-9a-z]+$", var.vpc_endpoint_id))
    error_message = "vpc_endpoint_id is \"${var.vpc_endpoint_id}\": an endpoint's id is vpce- and letters and digits."
  }
}

variable "client_rules" {
  description = "Who may connect to the endpoint where (output client_rules of private-link-ingress)."
  type        = list(object({ client = string, port = number }))
  default     = []
}

variable "required_clients" {
  description = "Security groups or CIDRs that must be let in on 443 and 9092, by a name of your choice: the worker's, the runner's."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for client in values(var.required_clients) : can(regex("^sg-[0-9a-f]{8,17}$", client)) || can(cidrnetmask(client))])
    error_message = "required_clients has ${join(", ", [for client in values(var.required_clients) : "\"${client}\"" if !can(regex("^sg-[0-9a-f]{8,17}$", client)) && !can(cidrnetmask(client))])}: allowed are security group ids and IPv4 ranges."
  }
}

variable "cluster_zone_ids" {
  description = "AZ ids of the Confluent network."
  type        = set(string)

  validation {
    condition     = alltrue([for zone in var.cluster_zone_ids : can(regex("^[a-z]{3,4}[0-9]-az[0-9]$", zone))])
    error_message = "cluster_zone_ids has ${join(", ", [for zone in var.cluster_zone_ids : "\"${zone}\"" if !can(regex("^[a-z]{3,4}[0-9]-az[0-9]$", zone))])}: allowed are AZ ids such as euc1-az1."
  }
}

variable "ingress_zone_ids" {
  description = "AZ ids in which the interface endpoint has a subnet."
  type        = set(string)

  validation {
    condition     = alltrue([for zone in var.ingress_zone_ids : can(regex("^[a-z]{3,4}[0-9]-az[0-9]$", zone))])
    error_message = "ingress_zone_ids has ${join(", ", [for zone in var.ingress_zone_ids : "\"${zone}\"" if !can(regex("^[a-z]{3,4}[0-9]-az[0-9]$", zone))])}: allowed are AZ ids such as euc1-az1."
  }
}

variable "egress" {
  description = "Targets of Confluent-hosted connectors, by a name of your choice: hostname and port as connectors have them, dns_name the record that leads there (output dns_name of egress-private-link), zone_ids the zones of its load balancer (output zone_ids; empty for a service of AWS)."
  type = map(object({
    hostname = string
    port     = optional(number, 5432)
    dns_name = string
    zone_ids = optional(set(string), [])
  }))
  default = {}

  validation {
    condition     = alltrue([for target in values(var.egress) : target.port >= 1 && target.port <= 65535])
    error_message = "egress has the port ${join(", ", [for target in values(var.egress) : target.port if target.port < 1 || target.port > 65535])}: allowed are 1 to 65535."
  }
}
