variable "name" {
  description = "Name of what is created, from the label module, with the target's name behind it when there are several."
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

variable "environment_id" {
  description = "Confluent environment."
  type        = string

  validation {
    condition     = can(regex("^env-[a-z0-9]+$", var.environment_id))
    error_message = "environment_id is \"${var.environment_id}\": a Confluent environment's id is env- and letters and digits."
  }
}

variable "gateway" {
  description = "The gateway that Confluent's side goes out by. Dedicated cluster: id, the network's own gateway (output network_gateway_id of confluent-foundation). Enterprise cluster: region, in which a new egress gateway is made."
  type = object({
    id     = optional(string)
    region = optional(string)
  })

  validation {
    condition     = (var.gateway.id == null) != (var.gateway.region == null)
    error_message = "gateway has id ${coalesce(var.gateway.id, "unset")} and region ${coalesce(var.gateway.region, "unset")}: exactly one of them is allowed, id for a Dedicated cluster, region for an Enterprise cluster."
  }

  validation {
    condition     = var.gateway.id == null || can(regex("^gw-[a-z0-9]+$", var.gateway.id))
    error_message = "gateway.id is \"${coalesce(var.gateway.id, "unset")}\": a gateway's id is gw- and letters and digits."
  }

  validation {
    condition     = var.gateway.region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.gateway.region))
    error_message = "gateway.region is \"${coalesce(var.gateway.region, "unset")}\": allowed is an AWS region such as eu-central-1."
  }
}

variable "target" {
  description = <<-E
    What connectors reach.
    kind rds: a database of yours behind a load balancer and an endpoint service that this module makes. hostname is the
    cluster's writer endpoint (the name that its certificate carries and that connectors use); ips are fixed addresses
    by a name of your choice, only for a target that never moves, with the refresher switched off.
    kind service: an endpoint service that exists already. service_name is its name, for example
    com.amazonaws.eu-central-1.s3; hostname is the name that connectors use, a leading *. is allowed.
    aliases are further names that lead to the same place, by a name of your choice.
  E
  type = object({
    kind         = string
    hostname     = string
    port         = optional(number, 5432)
    service_name = optional(string)
    ips          = optional(map(string), {})
    aliases      = optional(map(string), {})
  })

  validation {
    condition     = contains(["rds", "service"], var.target.kind)
    error_message = "target.kind is \"${var.target.kind}\": allowed are rds (a database of yours) and service (an endpoint service that exists)."
  }

  validation {
    condition     = alltrue([for h in concat([var.target.hostname], values(var.target.aliases)) : can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", h))])
    error_message = "target has the name ${join(", ", [for h in concat([var.target.hostname], values(var.target.aliases)) : "\"${h}\"" if !can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", h))])}: allowed are full DNS names in lower case, without scheme, port and dot at the end."
  }

  validation {
    condition     = !(var.target.kind == "rds" && can(regex("\\.cluster-ro-|^\\*\\.", var.target.hostname)))
    error_message = "target.hostname is \"${var.target.hostname}\": a reader endpoint or a wildcard cannot be the target of kind rds; use the cluster's writer endpoint."
  }

  validation {
    condition     = var.target.port >= 1 && var.target.port <= 65535 && floor(var.target.port) == var.target.port
    error_message = "target.port is ${var.target.port}: allowed are whole numbers from 1 to 65535."
  }

  validation {
    condition     = (var.target.kind == "service") == (var.target.service_name != null)
    error_message = "target.kind is \"${var.target.kind}\" and target.service_name is ${coalesce(var.target.service_name, "unset")}: kind service needs service_name, kind rds makes its own service and takes none."
  }

  validation {
    condition     = var.target.service_name == null || can(regex("^(com|cn\\.com)\\.amazonaws\\.[a-z0-9.-]+$", var.target.service_name))
    error_message = "target.service_name is \"${coalesce(var.target.service_name, "unset")}\": an endpoint service is named com.amazonaws.<region>.<service> or com.amazonaws.vpce.<region>.vpce-svc-<id>."
  }

  validation {
    condition     = !can(regex("\\.rds(-data)?$", coalesce(var.target.service_name, "unset")))
    error_message = "target.service_name is \"${coalesce(var.target.service_name, "unset")}\": that is the management API of RDS, not a database. Use kind rds with the cluster's writer endpoint."
  }

  validation {
    condition     = alltrue([for ip in values(var.target.ips) : can(cidrnetmask("${ip}/32"))])
    error_message = "target.ips has ${join(", ", [for ip in values(var.target.ips) : "\"${ip}\"" if !can(cidrnetmask("${ip}/32"))])}: allowed are IPv4 addresses."
  }
}

variable "vpc_id" {
  description = "VPC of the target. Only kind rds uses it."
  type        = string
  default     = null

  validation {
    condition     = var.vpc_id == null || can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))
    error_message = "vpc_id is \"${coalesce(var.vpc_id, "unset")}\": a VPC id is vpc- and 8 to 17 hexadecimal digits."
  }

  validation {
    condition     = var.target.kind != "rds" || var.vpc_id != null
    error_message = "vpc_id is unset: a target of kind rds needs the VPC in which the load balancer stands."
  }
}

variable "subnet_ids" {
  description = "Subnets of the load balancer and of the refresher, by AZ id. Cover every zone that Confluent's endpoint uses (the zones of the Confluent network). Only kind rds uses them."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for zone in keys(var.subnet_ids) : can(regex("^[a-z]{3,4}[0-9]-az[0-9]$", zone))])
    error_message = "subnet_ids has ${join(", ", [for zone in keys(var.subnet_ids) : "\"${zone}\"" if !can(regex("^[a-z]{3,4}[0-9]-az[0-9]$", zone))])}: keys are AZ ids such as euc1-az1."
  }

  validation {
    condition     = alltrue([for id in values(var.subnet_ids) : can(regex("^subnet-[0-9a-f]{8,17}$", id))])
    error_message = "subnet_ids has ${join(", ", [for id in values(var.subnet_ids) : "\"${id}\"" if !can(regex("^subnet-[0-9a-f]{8,17}$", id))])}: a subnet id is subnet- and 8 to 17 hexadecimal digits."
  }

  validation {
    condition     = var.target.kind != "rds" || length(var.subnet_ids) >= (var.high_availability ? 2 : 1)
    error_message = "subnet_ids has ${length(var.subnet_ids)} zones: a target of kind rds needs one, and two or more with high_availability."
  }
}

variable "target_security_group_ids" {
  description = "Security groups of the target, by a name of your choice: the load balancer may connect to their members on the target's port."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for id in values(var.target_security_group_ids) : can(regex("^sg-[0-9a-f]{8,17}$", id))])
    error_message = "target_security_group_ids has ${join(", ", [for id in values(var.target_security_group_ids) : "\"${id}\"" if !can(regex("^sg-[0-9a-f]{8,17}$", id))])}: a security group id is sg- and 8 to 17 hexadecimal digits."
  }

  validation {
    condition     = var.target.kind != "rds" || length(var.target_security_group_ids) + length(var.target.ips) > 0
    error_message = "target_security_group_ids is empty: a target of kind rds needs its security group here (or fixed ips), or the load balancer can reach nothing."
  }
}

variable "high_availability" {
  description = "Whether Confluent's endpoint stands in two or more zones. Changing it replaces the access point."
  type        = bool
  default     = true
}

variable "acceptance_required" {
  description = "Whether a connection to the endpoint service waits for acceptance. The module then accepts Confluent's endpoint, and no other."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Whether the load balancer refuses to be deleted."
  type        = bool
  default     = false
}

variable "idle_timeout_seconds" {
  description = "Seconds after which the load balancer forgets a silent connection. Keep it above the heartbeat of change capture connectors."
  type        = number
  default     = 900

  validation {
    condition     = var.idle_timeout_seconds >= 60 && var.idle_timeout_seconds <= 6000
    error_message = "idle_timeout_seconds is ${var.idle_timeout_seconds}: allowed are 60 to 6000."
  }
}

variable "refresher" {
  description = <<-E
    The scheduled task that keeps the load balancer's targets at the writer's current address. It runs
    `sluice aws refresh-targets` on ECS Fargate, on the schedule and after RDS events.
    cluster_arn is the ECS cluster, image the worker image by digest, rds_identifier the beginning of the database
    cluster's and its instances' names, to leave out events of other databases. security_group_ids replaces the
    module's own security group for the task, which lets it out to AWS APIs on 443 and to nothing else.
  E
  type = object({
    enabled              = optional(bool, true)
    cluster_arn          = optional(string)
    image                = optional(string)
    schedule             = optional(string, "rate(5 minutes)")
    rds_identifier       = optional(string)
    security_group_ids   = optional(list(string))
    log_retention_days   = optional(number, 30)
    log_kms_key_arn      = optional(string)
    cpu_architecture     = optional(string, "X86_64")
    permissions_boundary = optional(string)
  })
  default = {}

  validation {
    condition     = var.target.kind != "rds" || !var.refresher.enabled || (var.refresher.cluster_arn != null && var.refresher.image != null)
    error_message = "refresher.enabled is true without cluster_arn or image: both are needed, the ECS cluster to run on and the image by digest."
  }

  validation {
    condition     = var.target.kind != "rds" || var.refresher.enabled == (length(var.target.ips) == 0)
    error_message = "refresher.enabled is ${var.refresher.enabled} and target.ips has ${length(var.target.ips)} addresses: with the refresher on it owns the addresses and ips stays empty; with it off, ips names the addresses, or the load balancer would have no target."
  }

  validation {
    condition     = var.refresher.cluster_arn == null || can(regex("^arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster/[A-Za-z0-9_-]+$", var.refresher.cluster_arn))
    error_message = "refresher.cluster_arn is \"${coalesce(var.refresher.cluster_arn, "unset")}\": an ECS cluster's ARN is arn:aws:ecs:<region>:<12 digits>:cluster/<name>."
  }

  validation {
    condition     = var.refresher.image == null || can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[a-z0-9/._-]+@sha256:[0-9a-f]{64}$", var.refresher.image))
    error_message = "refresher.image is \"${coalesce(var.refresher.image, "unset")}\": allowed is an ECR image by digest, <12 digits>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hexadecimal digits>; a tag can change behind the plan."
  }

  validation {
    condition     = can(regex("^(rate\\([1-9][0-9]* (minute|minutes|hour|hours)\\)|cron\\([^)]+\\))$", var.refresher.schedule))
    error_message = "refresher.schedule is \"${var.refresher.schedule}\": allowed are rate(<number> minutes), rate(<number> hours) and cron(...)."
  }

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.refresher.log_retention_days)
    error_message = "refresher.log_retention_days is ${var.refresher.log_retention_days}: CloudWatch allows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 and the multiples above them."
  }

  validation {
    condition     = alltrue([for id in coalesce(var.refresher.security_group_ids, []) : can(regex("^sg-[0-9a-f]{8,17}$", id))])
    error_message = "refresher.security_group_ids has ${join(", ", [for id in coalesce(var.refresher.security_group_ids, []) : "\"${id}\"" if !can(regex("^sg-[0-9a-f]{8,17}$", id))])}: a security group id is sg- and 8 to 17 hexadecimal digits."
  }

  validation {
    condition     = contains(["X86_64", "ARM64"], var.refresher.cpu_architecture)
    error_message = "refresher.cpu_architecture is \"${var.refresher.cpu_architecture}\": allowed are X86_64 and ARM64."
  }
}
