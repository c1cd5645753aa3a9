variable "name" {
  description = "Name of cluster, service and repository and prefix of the rest (the label module's output name)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,53}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name is \"${var.name}\": allowed are 2 to 55 lower-case letters, digits and single hyphens, a letter first and no hyphen last; REST's name under service discovery takes 63."
  }
}

variable "tags" {
  description = "Tags of every AWS resource (the label module's output tags)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "image" {
  description = "Image of the worker by digest: ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY@sha256:DIGEST. Null before the first push: then everything is made but task and service."
  type        = string
  default     = null

  validation {
    condition     = var.image == null || can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[a-z0-9._/-]+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image is \"${var.image == null ? "" : var.image}\": allowed is an image of ECR by digest, ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY@sha256:DIGEST; a tag can be moved to another image."
  }
}

variable "cpu" {
  description = "CPU of each task in units: 1024 are one. Fargate takes certain pairs of CPU and memory."
  type        = number
  default     = 512
  nullable    = false

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "cpu is ${var.cpu}: Fargate takes 256, 512, 1024, 2048, 4096, 8192 or 16384."
  }
}

variable "memory" {
  description = "Memory of each task in MiB."
  type        = number
  default     = 1024
  nullable    = false

  validation {
    condition = contains(lookup({
      "256"   = [512, 1024, 2048]
      "512"   = [for i in range(1, 5) : i * 1024]
      "1024"  = [for i in range(2, 9) : i * 1024]
      "2048"  = [for i in range(4, 17) : i * 1024]
      "4096"  = [for i in range(8, 31) : i * 1024]
      "8192"  = [for i in range(4, 16) : i * 4096]
      "16384" = [for i in range(4, 16) : i * 8192]
    }, tostring(var.cpu), []), var.memory)
    error_message = "memory is ${var.memory} with cpu ${var.cpu}: Fargate takes for 256 512, 1024 or 2048; for 512 1024 to 4096; for 1024 2048 to 8192; for 2048 4096 to 16384; for 4096 8192 to 30720, all in steps of 1024; for 8192 16384 to 61440 in steps of 4096; for 16384 32768 to 122880 in steps of 8192."
  }
}

variable "cpu_architecture" {
  description = "Architecture that the image is built for: X86_64 or ARM64."
  type        = string
  default     = "X86_64"
  nullable    = false

  validation {
    condition     = contains(["X86_64", "ARM64"], var.cpu_architecture)
    error_message = "cpu_architecture is \"${var.cpu_architecture}\": allowed are X86_64 and ARM64."
  }
}

variable "temporary_storage_gib" {
  description = "Disk of each task in GiB, for files that sinks have not uploaded yet."
  type        = number
  default     = 21
  nullable    = false

  validation {
    condition     = var.temporary_storage_gib >= 21 && var.temporary_storage_gib <= 200 && floor(var.temporary_storage_gib) == var.temporary_storage_gib
    error_message = "temporary_storage_gib is ${var.temporary_storage_gib}: Fargate takes 21 to 200."
  }
}

variable "desired_count" {
  description = "Number of workers. Two share connectors and tasks out, and one goes on when the other's zone is lost. With autoscaling it counts at the creation only."
  type        = number
  default     = 2
  nullable    = false

  validation {
    condition     = var.desired_count >= 1 && var.desired_count <= 100 && floor(var.desired_count) == var.desired_count
    error_message = "desired_count is ${var.desired_count}: allowed are whole numbers from 1 to 100."
  }
}

variable "autoscaling" {
  description = <<-E
    Autoscaling between min and max workers: by CPU, the percentage that is aimed at, and by lag, records that each of these
    sinks may be behind (connector = records) before a worker is added. Lag needs metrics_environment.
  E
  type = object({
    enabled     = optional(bool, false)
    min         = optional(number, 2)
    max         = optional(number, 6)
    cpu_percent = optional(number, 60)
    lag         = optional(map(number), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.autoscaling.min >= 1 && var.autoscaling.max <= 100 && var.autoscaling.min <= var.autoscaling.max && floor(var.autoscaling.min) == var.autoscaling.min && floor(var.autoscaling.max) == var.autoscaling.max
    error_message = "autoscaling is ${var.autoscaling.min} to ${var.autoscaling.max} workers: allowed are whole numbers from 1 to 100, min not above max."
  }

  validation {
    condition     = var.autoscaling.cpu_percent >= 10 && var.autoscaling.cpu_percent <= 90
    error_message = "autoscaling.cpu_percent is ${var.autoscaling.cpu_percent}: allowed are 10 to 90."
  }

  validation {
    condition     = alltrue([for records in values(var.autoscaling.lag) : records >= 1]) && (length(var.autoscaling.lag) == 0 || var.metrics_environment != null)
    error_message = "autoscaling.lag is ${jsonencode(var.autoscaling.lag)} with metrics_environment ${var.metrics_environment == null ? "not set" : "set"}: allowed are 1 record or more for a connector, and metrics_environment must be set, or nobody publishes the lag."
  }
}

variable "metrics_environment" {
  description = "Value of the dimension Environment, such as prod, under which the workers publish their metrics in CloudWatch's namespace Sluice, by lines of their log. Null: they do not."
  type        = string
  default     = null

  validation {
    condition     = var.metrics_environment == null || can(regex("^[A-Za-z0-9._-]{1,64}$", var.metrics_environment))
    error_message = "metrics_environment is \"${var.metrics_environment == null ? "" : var.metrics_environment}\": allowed are 1 to 64 letters, digits and the signs . _ -."
  }
}

variable "vpc_id" {
  description = "VPC of the workers."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))
    error_message = "vpc_id is \"${var.vpc_id}\": allowed is the id of a VPC, vpc- and 8 to 17 hexadecimal digits."
  }
}

variable "subnet_ids" {
  description = "Private subnets of the workers by AZ id, one for each zone. They need a way to ECR, CloudWatch Logs and Secrets Manager: NAT or VPC endpoints."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) > 0 && alltrue([for zone in keys(var.subnet_ids) : can(regex("^[a-z]{3,4}[0-9]-az[0-9]$", zone))])
    error_message = "subnet_ids has the keys ${jsonencode(keys(var.subnet_ids))}: allowed are AZ ids such as euc1-az1, at least one."
  }
}

variable "assign_public_ip" {
  description = "Whether the task has a public address, for subnets without NAT. Nothing comes in by it."
  type        = bool
  default     = false
  nullable    = false
}

variable "egress" {
  description = "What the worker may reach, by a name of yours; each with exactly one of cidr_ipv4, prefix_list_id, security_group_id. It needs 443 (AWS, S3, Schema Registry), 9092 (Kafka) and its databases."
  type = map(object({
    description       = string
    port              = number
    cidr_ipv4         = optional(string)
    prefix_list_id    = optional(string)
    security_group_id = optional(string)
  }))
  nullable = false

  validation {
    condition     = alltrue([for e in values(var.egress) : length([for t in [e.cidr_ipv4, e.prefix_list_id, e.security_group_id] : t if t != null]) == 1])
    error_message = "egress needs exactly one of cidr_ipv4, prefix_list_id and security_group_id in each entry; ${join(", ", [for k, e in var.egress : "\"${k}\" has ${length([for t in [e.cidr_ipv4, e.prefix_list_id, e.security_group_id] : t if t != null])}" if length([for t in [e.cidr_ipv4, e.prefix_list_id, e.security_group_id] : t if t != null]) != 1])}."
  }

  validation {
    condition     = alltrue([for e in values(var.egress) : e.port >= 1 && e.port <= 65535 && (e.cidr_ipv4 == null || can(cidrnetmask(e.cidr_ipv4)))])
    error_message = "egress has ${join(", ", [for k, e in var.egress : "port ${e.port} to ${coalesce(e.cidr_ipv4, "a group or list")} (${k})" if !(e.port >= 1 && e.port <= 65535 && (e.cidr_ipv4 == null || can(cidrnetmask(e.cidr_ipv4))))])}: allowed are ports 1 to 65535 and IPv4 ranges."
  }
}

variable "bootstrap" {
  description = "Kafka's bootstrap servers, host:port, separated by commas (output bootstrap of confluent-foundation)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9.-]+:[0-9]{1,5}(,[A-Za-z0-9.-]+:[0-9]{1,5})*$", var.bootstrap))
    error_message = "bootstrap is \"${var.bootstrap}\": allowed is host:port, separated by commas, without a scheme such as SASL_SSL://."
  }
}

variable "kafka_credentials" {
  description = "Secret with the worker's Kafka API key, and the fields of its JSON that hold key and secret; without names those that confluent-foundation writes."
  type = object({
    secret_arn        = string
    key_field_name    = optional(string, "kafka_api_key")
    secret_field_name = optional(string, "kafka_api_secret")
  })
  nullable = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$", var.kafka_credentials.secret_arn))
    error_message = "kafka_credentials.secret_arn is \"${var.kafka_credentials.secret_arn}\": allowed is the ARN of a secret, arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME."
  }
}

variable "config_dir" {
  description = "Folder of connector files, one NAME.json per connector: {\"name\": NAME, \"config\": {...}} as Kafka Connect takes it. Null: connectors come by REST alone."
  type        = string
  default     = null

  validation {
    condition     = var.config_dir == null || try(length(fileset(var.config_dir, "*.json")) > 0, false)
    error_message = "config_dir is \"${var.config_dir == null ? "" : var.config_dir}\", which has no *.json: a mistyped folder would be a worker without them. Set it to null where connectors come by REST alone."
  }
}

variable "secrets" {
  description = "ARNs of the secrets that connector files refer to as $${secretsmanager:NAME:KEY}, by NAME (output arns of the module secrets). Each holds one JSON object."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.secrets) : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$", arn))])
    error_message = "secrets has ${join(", ", [for k, arn in var.secrets : "\"${arn}\" (${k})" if !can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$", arn))])}: allowed are ARNs of secrets, never values."
  }
}

variable "secret_kms_key_arns" {
  description = "Keys that encrypt these secrets and the Kafka key (output kms_key_arn of the module secrets)."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "task_policy_arns" {
  description = "Policies of the worker's own role, by a name of yours: what its connectors may do in AWS (output task_policy_arns of iam-connector-roles)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "worker_properties" {
  description = "Further properties of the worker, such as converters. They replace the module's defaults, not what the module must set."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for k in keys(var.worker_properties) : !can(regex("^(bootstrap\\.servers|listeners.*|group\\.id|(config|offset|status)\\.storage\\.topic|internal\\.topics\\.automatic\\.creation\\.enable|exactly\\.once\\.source\\.support|rest\\.advertised\\..*|sluice\\.rest\\.insecure|sluice\\.metrics\\.(emf|environment)|config\\.providers.*|(producer\\.|consumer\\.|admin\\.)?(security\\.protocol|sasl\\..*))$", k))])
    error_message = "worker_properties has ${join(", ", [for k in keys(var.worker_properties) : k if can(regex("^(bootstrap\\.servers|listeners.*|group\\.id|(config|offset|status)\\.storage\\.topic|internal\\.topics\\.automatic\\.creation\\.enable|exactly\\.once\\.source\\.support|rest\\.advertised\\..*|sluice\\.rest\\.insecure|sluice\\.metrics\\.(emf|environment)|config\\.providers.*|(producer\\.|consumer\\.|admin\\.)?(security\\.protocol|sasl\\..*))$", k))])}: the module sets servers, listeners, group, internal topics, exactly-once, metrics, config providers and the login, by variables of its own; allowed is everything else."
  }

  # They travel as variables, in which a point is _, an underscore __ and a hyphen ___: what has two such signs in a row, or
  # capitals, would arrive as another key.
  validation {
    condition     = alltrue([for k, v in var.worker_properties : can(regex("^[a-z0-9]+([._-][a-z0-9]+)*$", k))])
    error_message = "worker_properties has ${join(", ", [for k, v in var.worker_properties : "\"${k}\"" if !can(regex("^[a-z0-9]+([._-][a-z0-9]+)*$", k))])}: allowed are keys of small letters, digits and single signs . _ - between them."
  }
}

variable "log_level" {
  description = "What the worker logs: a level."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["error", "warn", "info", "debug", "trace"], var.log_level)
    error_message = "log_level is \"${var.log_level}\": allowed are error, warn, info, debug, trace."
  }
}

variable "rest" {
  description = "How clients reach REST: none (the workers reach each other, nobody else does), service_discovery or internal_nlb. Whoever is in one of client_security_group_ids (by a name of yours) may create connectors, unless rest_authentication or rest_tls wants to know more."
  type = object({
    exposure                  = optional(string, "none")
    client_security_group_ids = optional(map(string), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["none", "service_discovery", "internal_nlb"], var.rest.exposure)
    error_message = "rest.exposure is \"${var.rest.exposure}\": allowed are none, service_discovery and internal_nlb."
  }

  validation {
    condition     = (var.rest.exposure == "none") == (length(var.rest.client_security_group_ids) == 0)
    error_message = "rest.exposure is \"${var.rest.exposure}\" with ${length(var.rest.client_security_group_ids)} clients: name the security groups of clients exactly when REST is exposed."
  }
}

variable "rest_tls" {
  description = <<-E
    REST on https: the secret (one JSON object) that holds the workers' key, their certificate, which must be good for servers and
    clients, and the authority that signs it and those of clients, as texts in PEM. client_auth: required lets in those who show a
    certificate, requested also who says by rest_authentication who they are. Null: REST is on http.
  E
  type = object({
    secret_arn             = string
    key_field_name         = optional(string, "key")
    certificate_field_name = optional(string, "certificate")
    authority_field_name   = optional(string, "authority")
    client_auth            = optional(string, "required")
  })
  default = null

  validation {
    condition     = var.rest_tls == null || can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$", var.rest_tls.secret_arn))
    error_message = "rest_tls.secret_arn is \"${var.rest_tls == null ? "" : var.rest_tls.secret_arn}\": allowed is the ARN of a secret, arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME."
  }

  validation {
    condition     = var.rest_tls == null || try(var.rest_tls.client_auth == "required" || var.rest_tls.client_auth == "requested" && (var.rest_authentication.basic != null || var.rest_authentication.bearer != null || length(var.rest_authentication.mtls_roles) > 0), false)
    error_message = "rest_tls.client_auth is \"${var.rest_tls == null ? "" : var.rest_tls.client_auth}\": allowed are required and, with rest_authentication, requested; without it anybody who reaches REST could create connectors."
  }

  validation {
    condition     = var.rest_tls != null || length(var.rest_authentication.mtls_roles) == 0
    error_message = "rest_tls is not set with rest_authentication.mtls_roles = ${jsonencode(var.rest_authentication.mtls_roles)}: no client could show a certificate; allowed is both or neither."
  }
}

variable "rest_authentication" {
  description = <<-E
    Who may do what by REST; roles are viewer, operator and admin. basic: names and passwords, from a secret (one JSON object) whose
    field holds lines NAME:ROLE:HASH (sluice worker --hash-password makes a HASH). bearer: tokens of an identity provider, with
    what stands for which role in the claim roles_claim. mtls_roles: whose certificates stand for which role, as subject:PATTERN or
    dns:PATTERN; it needs rest_tls. Without any, nobody is asked.
  E
  type = object({
    basic = optional(object({
      secret_arn       = string
      users_field_name = optional(string, "users")
    }))
    bearer = optional(object({
      issuer      = string
      audiences   = list(string)
      roles       = map(list(string))
      roles_claim = optional(string, "roles")
      name_claim  = optional(string, "sub")
      jwks_url    = optional(string)
    }))
    mtls_roles = optional(map(list(string)), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.rest_authentication.basic == null || can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$", var.rest_authentication.basic.secret_arn))
    error_message = "rest_authentication.basic.secret_arn is \"${try(var.rest_authentication.basic.secret_arn, "")}\": allowed is the ARN of a secret, arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME, never the users themselves."
  }

  validation {
    condition     = var.rest_authentication.bearer == null || try(startswith(var.rest_authentication.bearer.issuer, "https://") && startswith(coalesce(var.rest_authentication.bearer.jwks_url, "https://"), "https://") && length(var.rest_authentication.bearer.audiences) > 0 && length(flatten(values(var.rest_authentication.bearer.roles))) > 0, false)
    error_message = "rest_authentication.bearer has the issuer \"${try(var.rest_authentication.bearer.issuer, "")}\", ${try(length(var.rest_authentication.bearer.audiences), 0)} audiences and the roles ${jsonencode(try(var.rest_authentication.bearer.roles, {}))}: allowed are URLs of https, one audience or more, and one value or more that stands for a role."
  }

  validation {
    condition     = alltrue([for rules in [try(var.rest_authentication.bearer.roles, {}), var.rest_authentication.mtls_roles] : alltrue([for role, values in rules : contains(["viewer", "operator", "admin"], role) && alltrue([for v in values : length(trimspace(v)) > 0 && !strcontains(v, ";")])])])
    error_message = "rest_authentication has the rules ${jsonencode([try(var.rest_authentication.bearer.roles, {}), var.rest_authentication.mtls_roles])}: allowed are the roles viewer, operator and admin, and values that are not empty and have no semicolon."
  }
}

variable "group_id" {
  description = "group.id: which group of workers these are. Null: the name. Another one is another group, with other internal topics: it begins without connectors and offsets."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,200}$", coalesce(var.group_id, var.name)))
    error_message = "group_id is \"${coalesce(var.group_id, var.name)}\": allowed are 1 to 200 letters, digits and the signs . _ -."
  }
}

variable "internal_topics" {
  description = "The three topics in which the group keeps connectors, offsets and states: PREFIX-configs, PREFIX-offsets, PREFIX-status. prefix: null is the group's id. create: whether Terraform makes them (the provider confluent then holds cluster, endpoint and key), or the workers do."
  type = object({
    create = optional(bool, true)
    prefix = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,241}$", coalesce(var.internal_topics.prefix, var.group_id, var.name)))
    error_message = "internal_topics.prefix is \"${coalesce(var.internal_topics.prefix, var.group_id, var.name)}\": allowed are 1 to 241 letters, digits and the signs . _ -; a topic takes 249."
  }
}

variable "exactly_once" {
  description = "exactly.once.source.support: disabled, preparing or enabled. From disabled to enabled it goes by preparing, one apply each."
  type        = string
  default     = "disabled"
  nullable    = false

  validation {
    condition     = contains(["disabled", "preparing", "enabled"], var.exactly_once)
    error_message = "exactly_once is \"${var.exactly_once}\": allowed are disabled, preparing and enabled."
  }
}

variable "rights" {
  description = "Who the workers are in Kafka, to give them what the group itself needs: principal, as User:sa-abc123, and the cluster (output cluster of confluent-foundation). Null: it is given elsewhere. What connectors read and write is always given elsewhere."
  type = object({
    principal = string
    cluster   = object({ id = string, crn = string })
  })
  default = null

  validation {
    condition     = var.rights == null || can(regex("^User:(sa|u|pool)-[A-Za-z0-9]+$", var.rights.principal))
    error_message = "rights.principal is \"${var.rights == null ? "" : var.rights.principal}\": allowed is User: and the id of a service account, user or identity pool, such as User:sa-abc123."
  }
}

variable "create_repository" {
  description = "Whether the module makes the repository of the image. False where images come from a shared one."
  type        = bool
  default     = true
  nullable    = false
}

variable "kept_images" {
  description = "How many images the repository keeps."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.kept_images >= 2 && floor(var.kept_images) == var.kept_images
    error_message = "kept_images is ${var.kept_images}: allowed are whole numbers from 2, so that there is one to go back to."
  }
}

variable "create_kms_key" {
  description = "Whether the module makes the key of images and logs. False: kms_key_arn names it."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of images when create_kms_key is false."
  type        = string
  default     = null

  validation {
    condition     = var.create_kms_key == (var.kms_key_arn == null)
    error_message = "kms_key_arn is ${var.kms_key_arn == null ? "not set" : "\"${var.kms_key_arn}\""} with create_kms_key = ${var.create_kms_key}: give a key exactly when the module does not make one."
  }
}

variable "log_kms_key_arn" {
  description = "Key of the log group when create_kms_key is false; its policy must admit CloudWatch Logs. Null: the service's own encryption."
  type        = string
  default     = null

  validation {
    condition     = !(var.create_kms_key && var.log_kms_key_arn != null)
    error_message = "log_kms_key_arn is \"${var.log_kms_key_arn == null ? "" : var.log_kms_key_arn}\" with create_kms_key = true: the module's own key encrypts the logs then; leave it out."
  }
}

variable "log_retention_days" {
  description = "Days that CloudWatch keeps the worker's log."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}: CloudWatch takes 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "deletion_protection" {
  description = "Whether a repository with images and the load balancer are refused to be deleted. The internal topics have no such switch: the plan gate keeps them."
  type        = bool
  default     = true
  nullable    = false
}

variable "wait_for_steady_state" {
  description = "Whether an apply waits until the service runs, and fails when it does not. Off, an apply is green before the first task has started."
  type        = bool
  default     = true
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the roles. Null: none."
  type        = string
  default     = null
}
