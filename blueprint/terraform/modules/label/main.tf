# Names and tags for everything that one environment creates. No resources.

locals {
  prefix = join("-", [var.project, var.environment, var.region_code])
  name   = var.component == "" ? local.prefix : "${local.prefix}-${var.component}"

  tags = tomap(merge(var.extra_tags, {
    Project            = var.project
    Environment        = var.environment
    Owner              = var.owner
    CostCenter         = var.cost_center
    DataClassification = var.data_classification
    ManagedBy          = "terraform"
    Repository         = var.repository
  }))

  bucket = "${var.org}-${local.name}"
  full   = { for s in var.suffixes : s => "${local.name}-${s}" }

  # A name above its limit is cut and ends with a short hash of the whole, so that two long names stay apart and
  # a name never changes when another one is added. The limits are those of the service: 64 characters for a
  # service account and an IAM role, 32 for a load balancer and a target group, 63 for a bucket.
  sa_name     = length(local.name) <= 64 ? local.name : "${trimsuffix(substr(local.name, 0, 57), "-")}-${substr(sha256(local.name), 0, 6)}"
  lb_name     = length(local.name) <= 32 ? local.name : "${trimsuffix(substr(local.name, 0, 25), "-")}-${substr(sha256(local.name), 0, 6)}"
  bucket_name = length(local.bucket) <= 63 ? local.bucket : "${trimsuffix(substr(local.bucket, 0, 56), "-")}-${substr(sha256(local.bucket), 0, 6)}"
  sa_names    = { for s, n in local.full : s => length(n) <= 64 ? n : "${trimsuffix(substr(n, 0, 57), "-")}-${substr(sha256(n), 0, 6)}" }
  lb_names    = { for s, n in local.full : s => length(n) <= 32 ? n : "${trimsuffix(substr(n, 0, 25), "-")}-${substr(sha256(n), 0, 6)}" }
}
