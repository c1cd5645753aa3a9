# Schemas, compatibility and catalog tags of one Schema Registry. The provider block holds the registry's id, endpoint
# and key, so that none of them stands in the state of a schema.

locals {
  compatibilities = merge(
    { for name, s in var.shared_subjects : name => s.compatibility if s.compatibility != null },
    { for name, s in var.subjects : name => s.compatibility if s.compatibility != null }
  )
}

resource "confluent_schema_registry_cluster_config" "this" {
  count = var.default_compatibility == null ? 0 : 1

  compatibility_level = var.default_compatibility
}

resource "confluent_subject_config" "this" {
  for_each = local.compatibilities

  subject_name        = each.key
  compatibility_level = each.value
}

# Shared schemas first: within one resource the instances are made at the same time, so a schema could not refer to
# another one of them.
resource "confluent_schema" "shared" {
  for_each = var.shared_subjects

  subject_name                = each.key
  format                      = each.value.format
  schema                      = file("${var.schema_dir}/${each.value.file}")
  skip_validation_during_plan = var.skip_validation_during_plan

  # A version that is gone cannot be read by consumers of old records: soft delete, and follow the latest version.
  hard_delete        = false
  recreate_on_update = false

  depends_on = [confluent_schema_registry_cluster_config.this, confluent_subject_config.this]
}

resource "confluent_schema" "this" {
  for_each = var.subjects

  subject_name                = each.key
  format                      = each.value.format
  schema                      = file("${var.schema_dir}/${each.value.file}")
  skip_validation_during_plan = var.skip_validation_during_plan

  hard_delete        = false
  recreate_on_update = false

  dynamic "schema_reference" {
    for_each = each.value.references

    content {
      name         = schema_reference.key
      subject_name = schema_reference.value.subject
      version      = schema_reference.value.version != null ? schema_reference.value.version : confluent_schema.shared[schema_reference.value.subject].version
    }
  }

  depends_on = [confluent_schema_registry_cluster_config.this, confluent_subject_config.this]
}

resource "confluent_tag" "this" {
  for_each = var.catalog_tags

  name        = each.key
  description = each.value
}
