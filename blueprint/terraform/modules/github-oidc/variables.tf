variable "name" {
  description = "Prefix of the roles (the label module's output name)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,58}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\": allowed are 2 to 60 lower-case letters, digits and hyphens, a letter first and no hyphen last."
  }
}

variable "tags" {
  description = "Tags of every resource (the label module's output tags)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "repository" {
  description = "Repository whose workflows may assume the roles, OWNER/NAME. The organization's name is part of the trust: a transfer or a rename takes the roles away."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$", var.repository))
    error_message = "repository is \"${var.repository}\": allowed is OWNER/NAME without a pattern; a trust for OWNER/* would let every repository of the owner in."
  }
}

variable "environments" {
  description = "GitHub environments that apply, by name; each gets a role with the given policies (ARNs by a name of yours). Who may use the environment is set in GitHub: reviewers and branches."
  type        = map(object({ policy_arns = map(string) }))
  nullable    = false

  validation {
    condition     = alltrue([for e in keys(var.environments) : can(regex("^[a-z0-9][a-z0-9-]{0,31}$", e))])
    error_message = "environments has ${join(", ", [for e in keys(var.environments) : "\"${e}\"" if !can(regex("^[a-z0-9][a-z0-9-]{0,31}$", e))])}: allowed are 1 to 32 lower-case letters, digits and hyphens."
  }

  validation {
    condition     = alltrue([for c in values(var.environments) : length(c.policy_arns) > 0 && length(c.policy_arns) <= 10])
    error_message = "environments has ${join(", ", [for e, c in var.environments : "${length(c.policy_arns)} policies (${e})" if length(c.policy_arns) == 0 || length(c.policy_arns) > 10])}: a role takes 1 to 10."
  }

  validation {
    condition     = alltrue(flatten([for c in values(var.environments) : [for arn in values(c.policy_arns) : !endswith(arn, ":policy/AdministratorAccess")]]))
    error_message = "environments gives AdministratorAccess to ${join(", ", [for e, c in var.environments : "\"${e}\"" if anytrue([for arn in values(c.policy_arns) : endswith(arn, ":policy/AdministratorAccess")])])}: give policies of what the stacks make, or bound the role by permissions_boundary with a policy of your own."
  }
}

variable "state" {
  description = "Where state is: the bucket, the prefix of its keys, and its key. The roles read and write below the prefix only."
  type = object({
    bucket_arn  = string
    key_prefix  = optional(string, "")
    kms_key_arn = optional(string)
  })
  nullable = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:s3:::[a-z0-9.-]{3,63}$", var.state.bucket_arn))
    error_message = "state.bucket_arn is \"${var.state.bucket_arn}\": allowed is the ARN of a bucket, arn:aws:s3:::NAME."
  }

  validation {
    condition     = !can(regex("[*?]|^/", var.state.key_prefix))
    error_message = "state.key_prefix is \"${var.state.key_prefix}\": allowed is the beginning of keys without * and ? and without a leading slash, such as streams/dev/."
  }
}

variable "plan_policy_arns" {
  description = "Policies of the role that plans, ARNs by a name of yours. Null: AWS's ReadOnlyAccess. Reading secrets, items and objects is denied all the same."
  type        = map(string)
  default     = null

  validation {
    condition     = var.plan_policy_arns == null || try(length(var.plan_policy_arns) > 0 && length(var.plan_policy_arns) <= 10, false)
    error_message = "plan_policy_arns has ${try(length(var.plan_policy_arns), 0)} policies: a role takes 1 to 10; null is ReadOnlyAccess."
  }
}

variable "plan_secret_arns" {
  description = "Secrets that a plan has to read: those whose versions a root manages (the provider reads a version at every refresh, also a write-only one), and the admin key that the stack platform uses. ARNs; an ARN may end in -?????? for Secrets Manager's suffix. All other secrets stay denied."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.plan_secret_arns : can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+(-[?]{6})?$", arn))])
    error_message = "plan_secret_arns has ${join(", ", [for arn in var.plan_secret_arns : "\"${arn}\"" if !can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+(-[?]{6})?$", arn))])}: allowed are ARNs of single secrets, arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-??????."
  }
}

variable "plan_subjects" {
  description = "Runs that may plan, as the end of GitHub's subject: pull_request, environment:NAME, ref:refs/heads/BRANCH. Null: pull requests, and jobs of the environments NAME-plan, one for each of environments."
  type        = list(string)
  default     = null

  validation {
    condition     = var.plan_subjects == null || try(length(var.plan_subjects) > 0 && alltrue([for s in var.plan_subjects : can(regex("^(pull_request|ref:refs/heads/[A-Za-z0-9._/-]+|environment:[A-Za-z0-9_-]+)$", s))]), false)
    error_message = "plan_subjects is ${jsonencode(var.plan_subjects)}: allowed are pull_request, ref:refs/heads/BRANCH and environment:NAME, at least one and without a pattern."
  }
}

variable "image" {
  description = "Repositories of ECR to which workflows push, and the refs whose runs may. Empty: no such role."
  type = object({
    repository_arns = optional(list(string), [])
    refs            = optional(list(string), ["refs/heads/main"])
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for arn in var.image.repository_arns : can(regex("^arn:[a-z-]+:ecr:[a-z0-9-]+:[0-9]{12}:repository/[a-z0-9._/-]+$", arn))])
    error_message = "image.repository_arns has ${join(", ", [for arn in var.image.repository_arns : "\"${arn}\"" if !can(regex("^arn:[a-z-]+:ecr:[a-z0-9-]+:[0-9]{12}:repository/[a-z0-9._/-]+$", arn))])}: allowed are ARNs of repositories, arn:aws:ecr:REGION:ACCOUNT:repository/NAME."
  }

  validation {
    condition     = length(var.image.refs) > 0 && alltrue([for r in var.image.refs : can(regex("^refs/(heads|tags)/[A-Za-z0-9._/-]+$", r))])
    error_message = "image.refs is ${jsonencode(var.image.refs)}: allowed are refs/heads/BRANCH and refs/tags/TAG, at least one and without a pattern."
  }
}

variable "create_provider" {
  description = "Whether the module makes the account's OpenID Connect provider for GitHub. An account has one: false when it exists, and provider_arn names it."
  type        = bool
  default     = true
  nullable    = false
}

variable "provider_arn" {
  description = "ARN of the provider when create_provider is false."
  type        = string
  default     = null

  validation {
    condition     = var.create_provider == (var.provider_arn == null)
    error_message = "provider_arn is ${var.provider_arn == null ? "not set" : "\"${var.provider_arn}\""} with create_provider = ${var.create_provider}: give an ARN exactly when the module does not make the provider."
  }
}

variable "session_seconds" {
  description = "Longest session of a role. A first apply with a dedicated cluster may take hours."
  type        = number
  default     = 7200
  nullable    = false

  validation {
    condition     = var.session_seconds >= 3600 && var.session_seconds <= 43200
    error_message = "session_seconds is ${var.session_seconds}: IAM takes 3600 to 43200."
  }
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the roles. Null: none."
  type        = string
  default     = null
}
