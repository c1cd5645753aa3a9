variable "name" {
  description = "Prefix of alarms, topic and dashboard (the label module's output name)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,53}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": allowed are 2 to 55 lower-case letters, digits and hyphens, a letter first and no hyphen last."
  }
}

variable "tags" {
  description = "Tags of every resource (the label module's output tags)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "environment" {
  description = "Value of the dimension Environment of Sluice's metrics, such as dev or prod."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,11}$", var.environment))
    error_message = "environment is \"${var.environment}\": allowed are 2 to 12 lower-case letters and digits, a letter first."
  }
}

variable "subscribers" {
  description = "Who hears alarms, by a name of yours. An email address must be confirmed by a click before it hears anything."
  type = map(object({
    protocol = string
    endpoint = string
  }))
  nullable = false

  validation {
    condition     = length(var.subscribers) > 0
    error_message = "subscribers is empty (${length(var.subscribers)}): an alarm that nobody hears is none; name at least one, with protocol email, https, sqs or lambda."
  }

  validation {
    condition     = alltrue([for s in values(var.subscribers) : contains(["email", "https", "sqs", "lambda"], s.protocol)])
    error_message = "subscribers has the protocol ${join(", ", [for k, s in var.subscribers : "\"${s.protocol}\" (${k})" if !contains(["email", "https", "sqs", "lambda"], s.protocol)])}: allowed are email, https, sqs and lambda."
  }

  validation {
    condition = alltrue([for s in values(var.subscribers) : can(regex(lookup({
      email = "^[^@ ]+@[^@ ]+\\.[^@ ]+$", https = "^https://[^ ]+$", sqs = "^arn:[a-z-]+:sqs:", lambda = "^arn:[a-z-]+:lambda:"
    }, s.protocol, ""), s.endpoint))])
    error_message = "subscribers has an endpoint that does not fit its protocol (${join(", ", [for k, s in var.subscribers : "${k}: ${s.protocol} \"${s.endpoint}\""])}): email takes an address, https a URL that begins with https://, sqs and lambda an ARN."
  }
}

variable "workers" {
  description = "Self-managed workers by a name of yours (outputs of kafka-connect-cluster/self-managed). Their cluster needs Container Insights, and their log must be JSON; both are so there."
  type = map(object({
    cluster_name   = string
    service_name   = string
    log_group_name = string
    desired_count  = optional(number, 1)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for k in keys(var.workers) : can(regex("^[a-z0-9][a-z0-9-]{0,39}$", k))])
    error_message = "workers has the names ${join(", ", [for k in keys(var.workers) : "\"${k}\"" if !can(regex("^[a-z0-9][a-z0-9-]{0,39}$", k))])}: allowed are 1 to 40 lower-case letters, digits and hyphens."
  }

  validation {
    condition     = alltrue([for w in values(var.workers) : w.desired_count >= 1])
    error_message = "workers has desired_count ${join(", ", [for k, w in var.workers : "${w.desired_count} (${k})" if w.desired_count < 1])}: below 1 the alarm on running tasks could not fire; leave out a worker that is switched off."
  }
}

variable "egress" {
  description = "Load balancers on the way to databases, by a name of yours (outputs of egress-private-link)."
  type = map(object({
    load_balancer_arn_suffix = string
    target_group_arn_suffix  = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for e in values(var.egress) : can(regex("^net/", e.load_balancer_arn_suffix)) && can(regex("^targetgroup/", e.target_group_arn_suffix))])
    error_message = "egress has ${join(", ", [for k, e in var.egress : "\"${e.load_balancer_arn_suffix}\" and \"${e.target_group_arn_suffix}\" (${k})" if !(can(regex("^net/", e.load_balancer_arn_suffix)) && can(regex("^targetgroup/", e.target_group_arn_suffix)))])}: CloudWatch names them net/NAME/ID and targetgroup/NAME/ID, the outputs ending in arn_suffix."
  }
}

variable "databases" {
  description = "Aurora clusters by a name of yours. cdc says whether replication slots are read; max_log_gib is how much transaction log they may keep."
  type = map(object({
    cluster_identifier = string
    cdc                = optional(bool, true)
    max_log_gib        = optional(number, 20)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for d in values(var.databases) : d.max_log_gib >= 1])
    error_message = "databases has max_log_gib ${join(", ", [for k, d in var.databases : "${d.max_log_gib} (${k})" if d.max_log_gib < 1])}: allowed is 1 or more."
  }
}

variable "buckets" {
  description = "Buckets by a name of yours. filter_id is that of their request metrics (output request_metrics_filter_id of storage-s3)."
  type = map(object({
    bucket    = string
    filter_id = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for b in values(var.buckets) : try(length(b.filter_id) > 0, false)])
    error_message = "buckets has no filter_id for ${join(", ", [for k, b in var.buckets : "\"${k}\"" if !try(length(b.filter_id) > 0, false)])}: without request metrics S3 reports no errors, and the alarm would wait for ever; set request_metrics = true in storage-s3."
  }
}

variable "tables" {
  description = "Names of DynamoDB tables by a name of yours."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "connectors" {
  description = "Connectors by name, as Kafka Connect knows them. kind is source or sink; max_lag replaces thresholds.sink_lag. Their alarms are made when sluice_metrics_published."
  type = map(object({
    kind    = string
    max_lag = optional(number)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for c in values(var.connectors) : contains(["source", "sink"], c.kind)])
    error_message = "connectors has the kind ${join(", ", [for k, c in var.connectors : "\"${c.kind}\" (${k})" if !contains(["source", "sink"], c.kind)])}: allowed are source and sink."
  }

  validation {
    condition     = alltrue([for k in keys(var.connectors) : can(regex("^[A-Za-z0-9._-]{1,150}$", k))])
    error_message = "connectors has the names ${join(", ", [for k in keys(var.connectors) : "\"${k}\"" if !can(regex("^[A-Za-z0-9._-]{1,150}$", k))])}: allowed are 1 to 150 letters, digits and the signs . _ -, so that the alarm's name stays below 255."
  }

  validation {
    condition     = alltrue([for c in values(var.connectors) : coalesce(c.max_lag, 0) >= 0])
    error_message = "connectors has max_lag ${join(", ", [for k, c in var.connectors : "${coalesce(c.max_lag, 0)} (${k})" if coalesce(c.max_lag, 0) < 0])}: allowed is 0 or more."
  }
}

variable "sluice_metrics_published" {
  description = "Whether somebody publishes the metrics of the namespace Sluice for these connectors: workers of Sluice do with sluice.metrics.emf=true and sluice.metrics.environment. Off, because for managed connectors nobody does: an alarm on them would be without data, or in alarm for ever."
  type        = bool
  default     = false
  nullable    = false
}

variable "thresholds" {
  description = "Above which value an alarm fires: percent of CPU, memory and size, error lines in 5 minutes, failed requests and refused writes in 5 minutes, records of lag."
  type = object({
    worker_cpu_percent        = optional(number, 85)
    worker_memory_percent     = optional(number, 85)
    worker_errors             = optional(number, 0)
    database_cpu_percent      = optional(number, 85)
    database_capacity_percent = optional(number, 90)
    bucket_errors             = optional(number, 10)
    table_throttles           = optional(number, 100)
    sink_lag                  = optional(number, 100000)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for t in [var.thresholds.worker_cpu_percent, var.thresholds.worker_memory_percent, var.thresholds.database_cpu_percent, var.thresholds.database_capacity_percent] : t > 0 && t < 100])
    error_message = "thresholds has the percentages ${var.thresholds.worker_cpu_percent}, ${var.thresholds.worker_memory_percent}, ${var.thresholds.database_cpu_percent} and ${var.thresholds.database_capacity_percent}: allowed is above 0 and below 100; at 100 the alarm could not fire."
  }

  validation {
    condition     = alltrue([for t in [var.thresholds.worker_errors, var.thresholds.bucket_errors, var.thresholds.table_throttles, var.thresholds.sink_lag] : t >= 0])
    error_message = "thresholds has the counts ${var.thresholds.worker_errors}, ${var.thresholds.bucket_errors}, ${var.thresholds.table_throttles} and ${var.thresholds.sink_lag}: allowed is 0 or more."
  }
}

variable "log_groups" {
  description = "Further log groups to make, by the last part of their name (/sluice/NAME/KEY), encrypted with the module's key. Not for managed connectors: they write to none."
  type        = map(object({ retention_days = optional(number, 30) }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for g in values(var.log_groups) : contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], g.retention_days)])
    error_message = "log_groups has retention_days ${join(", ", [for k, g in var.log_groups : "${g.retention_days} (${k})"])}: CloudWatch takes 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }

  validation {
    condition     = alltrue([for k in keys(var.log_groups) : can(regex("^[a-z0-9][a-z0-9-]{0,99}$", k)) && k != "poller"])
    error_message = "log_groups has ${join(", ", [for k in keys(var.log_groups) : "\"${k}\"" if !(can(regex("^[a-z0-9][a-z0-9-]{0,99}$", k)) && k != "poller")])}: allowed are lower-case letters, digits and hyphens, and not poller, which the poller's has."
  }
}

variable "poller" {
  description = <<-EOT
    A scheduled task that puts metrics into the namespace Sluice, for managed connectors. Null: none. Sluice has no such
    program yet: image and command are yours.
    - image: by digest, from ECR: ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY@sha256:DIGEST
    - secrets: environment variable to secret, and the field of its JSON (null: the whole secret)
    - kms_key_arns: keys of these secrets
    It finds the value for the dimension Environment in the variable SLUICE_ENVIRONMENT.
  EOT
  type = object({
    image              = string
    command            = list(string)
    cluster_arn        = string
    subnet_ids         = list(string)
    security_group_ids = list(string)
    schedule           = optional(string, "rate(1 minute)")
    cpu_architecture   = optional(string, "X86_64")
    secrets            = optional(map(object({ arn = string, field = optional(string) })), {})
    kms_key_arns       = optional(list(string), [])
    log_retention_days = optional(number, 14)
  })
  default = null

  validation {
    condition     = var.poller == null || can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}$", var.poller.image))
    error_message = "poller.image is \"${try(var.poller.image, "")}\": allowed is an image of ECR by digest, ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY@sha256:DIGEST."
  }

  validation {
    condition     = var.poller == null || can(regex("^(rate\\((1 (minute|hour)|[2-9] (minutes|hours)|[1-9][0-9]+ (minutes|hours))\\)|cron\\(.+\\))$", var.poller.schedule))
    error_message = "poller.schedule is \"${try(var.poller.schedule, "")}\": allowed is rate(1 minute), rate(N minutes), rate(1 hour), rate(N hours) or cron(...)."
  }

  validation {
    condition     = var.poller == null || contains(["X86_64", "ARM64"], try(var.poller.cpu_architecture, ""))
    error_message = "poller.cpu_architecture is \"${try(var.poller.cpu_architecture, "")}\": allowed are X86_64 and ARM64."
  }

  validation {
    condition     = var.poller == null || try(length(var.poller.command) > 0 && length(var.poller.subnet_ids) > 0 && length(var.poller.security_group_ids) > 0, false)
    error_message = "poller has ${try(length(var.poller.command), 0)} words of command, ${try(length(var.poller.subnet_ids), 0)} subnets and ${try(length(var.poller.security_group_ids), 0)} security groups: it needs at least one of each."
  }
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the poller's roles. Null: none."
  type        = string
  default     = null
}
