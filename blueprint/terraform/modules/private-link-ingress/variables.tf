variable "name" {
  description = "Name of what is created, from the label module."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,60}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": allowed are 3 to 62 lower-case letters, digits and hyphens, a letter first and no hyphen last."
  }
}

variable "tags" {
  description = "Tags of every AWS resource, from the label module."
  type        = map(string)
  default     = {}
}

variable "vpc_id" {
  description = "VPC whose clients reach Confluent Cloud."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))
    error_message = "vpc_id is \"${var.vpc_id}\": a VPC id is vpc- and 8 to 17 hexadecimal digits."
  }
}

variable "subnets_by_zone_id" {
  description = "Subnet of the endpoint in each availability zone, by AZ id (euc1-az1, not eu-central-1a). Use the zones of the Confluent network."
  type        = map(string)

  validation {
    condition     = length(var.subnets_by_zone_id) > 0
    error_message = "subnets_by_zone_id is empty: it needs at least one subnet, keyed by its AZ id, for example { \"euc1-az1\" = \"subnet-0123456789abcdef0\" }."
  }

  validation {
    condition     = alltrue([for zone in keys(var.subnets_by_zone_id) : can(regex("^[a-z]{3,4}[0-9]-az[0-9]$", zone))])
    error_message = "subnets_by_zone_id has ${join(", ", [for zone in keys(var.subnets_by_zone_id) : "\"${zone}\"" if !can(regex("^[a-z]{3,4}[0-9]-az[0-9]$", zone))])}: keys are AZ ids such as euc1-az1; an AZ name such as eu-central-1a means another zone in every account."
  }

  validation {
    condition     = alltrue([for subnet in values(var.subnets_by_zone_id) : can(regex("^subnet-[0-9a-f]{8,17}$", subnet))])
    error_message = "subnets_by_zone_id has ${join(", ", [for subnet in values(var.subnets_by_zone_id) : "\"${subnet}\"" if !can(regex("^subnet-[0-9a-f]{8,17}$", subnet))])}: a subnet id is subnet- and 8 to 17 hexadecimal digits."
  }

  validation {
    condition     = length(distinct(values(var.subnets_by_zone_id))) == length(var.subnets_by_zone_id)
    error_message = "subnets_by_zone_id names one subnet for two zones (${join(", ", values(var.subnets_by_zone_id))}): each zone has its own subnet."
  }
}

variable "service_name" {
  description = "Endpoint service of the Confluent network (output private_link_service_name of confluent-foundation)."
  type        = string

  validation {
    condition     = can(regex("^com\\.amazonaws\\.vpce\\.[a-z0-9-]+\\.vpce-svc-[0-9a-z]+$", var.service_name))
    error_message = "service_name is \"${var.service_name}\": an endpoint service is named com.amazonaws.vpce.<region>.vpce-svc-<id>."
  }
}

variable "dns_domain" {
  description = "DNS domain of the Confluent network (output dns_domain of confluent-foundation). Becomes a private hosted zone."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.dns_domain))
    error_message = "dns_domain is \"${var.dns_domain}\": allowed is a domain in lower case without a dot at the end, such as abc123.eu-central-1.aws.confluent.cloud."
  }
}

variable "client_security_group_ids" {
  description = "Security groups whose members may connect, by a name of your choice (the name keeps the rule's address stable)."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for id in values(var.client_security_group_ids) : can(regex("^sg-[0-9a-f]{8,17}$", id))])
    error_message = "client_security_group_ids has ${join(", ", [for id in values(var.client_security_group_ids) : "\"${id}\"" if !can(regex("^sg-[0-9a-f]{8,17}$", id))])}: a security group id is sg- and 8 to 17 hexadecimal digits."
  }
}

variable "client_cidrs" {
  description = "IPv4 ranges that may connect, by a name of your choice, for example on-premises networks behind a transit gateway."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for cidr in values(var.client_cidrs) : can(cidrnetmask(cidr))])
    error_message = "client_cidrs has ${join(", ", [for cidr in values(var.client_cidrs) : "\"${cidr}\"" if !can(cidrnetmask(cidr))])}: allowed are IPv4 ranges such as 10.20.0.0/16."
  }

  validation {
    condition     = alltrue([for cidr in values(var.client_cidrs) : try(tonumber(split("/", cidr)[1]), 32) >= 8])
    error_message = "client_cidrs has ${join(", ", [for cidr in values(var.client_cidrs) : "\"${cidr}\"" if try(tonumber(split("/", cidr)[1]), 32) < 8])}: a range is /8 or smaller; 0.0.0.0/0 would open the endpoint to everything that is routed here."
  }
}

variable "allow_http_redirect" {
  description = "Also open port 80, which only answers with a redirect to 443."
  type        = bool
  default     = false
}
