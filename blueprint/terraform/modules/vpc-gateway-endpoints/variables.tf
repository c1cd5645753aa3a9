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
  description = "VPC whose traffic takes the endpoints."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))
    error_message = "vpc_id is \"${var.vpc_id}\": a VPC id is vpc- and 8 to 17 hexadecimal digits."
  }
}

variable "route_table_ids" {
  description = "Route tables that send S3 and DynamoDB traffic to the endpoints: those of the worker's subnets."
  type        = list(string)

  validation {
    condition     = length(var.route_table_ids) > 0 && alltrue([for id in var.route_table_ids : can(regex("^rtb-[0-9a-f]{8,17}$", id))])
    error_message = "route_table_ids is [${join(", ", var.route_table_ids)}]: at least one is needed, and a route table id is rtb- and 8 to 17 hexadecimal digits."
  }
}

variable "services" {
  description = "Services to reach by an endpoint: s3, dynamodb."
  type        = set(string)
  default     = ["s3", "dynamodb"]

  validation {
    condition     = length(setsubtract(var.services, ["s3", "dynamodb"])) == 0
    error_message = "services has ${join(", ", setsubtract(var.services, ["s3", "dynamodb"]))}: gateway endpoints exist for s3 and dynamodb only."
  }
}

variable "bucket_arns" {
  description = "Buckets that may be reached by the S3 endpoint."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.bucket_arns : can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", arn))])
    error_message = "bucket_arns has ${join(", ", [for arn in var.bucket_arns : "\"${arn}\"" if !can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", arn))])}: a bucket's ARN is arn:aws:s3:::<bucket>, without a key and without wildcards."
  }

  validation {
    condition     = !contains(var.services, "s3") || length(var.bucket_arns) > 0
    error_message = "bucket_arns is empty while services has s3: name the buckets, or leave s3 out of services."
  }
}

variable "table_arns" {
  description = "Tables that may be reached by the DynamoDB endpoint."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.table_arns : can(regex("^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]{3,255}$", arn))])
    error_message = "table_arns has ${join(", ", [for arn in var.table_arns : "\"${arn}\"" if !can(regex("^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]{3,255}$", arn))])}: a table's ARN is arn:aws:dynamodb:<region>:<12 digits>:table/<table>."
  }

  validation {
    condition     = !contains(var.services, "dynamodb") || length(var.table_arns) > 0
    error_message = "table_arns is empty while services has dynamodb: name the tables, or leave dynamodb out of services."
  }
}

variable "allow_image_layers" {
  description = "Let the S3 endpoint also carry the layers of ECR images. Without it, tasks in these subnets cannot pull images."
  type        = bool
  default     = true
}
