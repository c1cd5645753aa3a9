output "schema_ids" {
  description = "Id of each subject's current schema."
  value = tomap({
    for name, schema in merge(confluent_schema.shared, confluent_schema.this) : name => schema.schema_identifier
  })
}

output "versions" {
  description = "Current version of each subject."
  value = tomap({
    for name, schema in merge(confluent_schema.shared, confluent_schema.this) : name => schema.version
  })
}

output "catalog_tags" {
  description = "Names of the catalog tags. Known only once they exist."
  value       = toset([for tag in values(confluent_tag.this) : tag.name])

  depends_on = [confluent_tag.this]
}
