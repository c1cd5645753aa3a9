# Connectors' files: the plain JSON that every target reads. What is wrong with them is collected here and stops the plan
# at the task definition.

locals {
  files     = var.config_dir == null ? [] : fileset(var.config_dir, "*.json")
  texts     = { for f in local.files : trimsuffix(f, ".json") => file("${var.config_dir}/${f}") }
  documents = { for k, text in local.texts : k => try(jsondecode(text), null) }
  is_file   = { for k, d in local.documents : k => can(tostring(d.name)) && can(keys(d.config)) }
  settings  = { for k, d in local.documents : k => { for n, v in d.config : n => v if v != null } if local.is_file[k] }
  values    = { for k, c in local.settings : k => { for n, v in c : n => tostring(v) if can(tostring(v)) } }

  # ${secretsmanager:NAME:KEY} becomes ${env:SLUICE_SECRET_NAME_KEY}: ECS reads the secret when the task starts and gives
  # it to the worker as a variable, which the worker's provider of variables may read. The value is in no state.
  reference = "^\\$\\{secretsmanager:([^:}]+):([^:}]+)\\}$"
  refs      = { for k, c in local.values : k => { for n, v in c : n => regex(local.reference, v) if can(regex(local.reference, v)) } }
  used      = distinct(flatten([for k, refs in local.refs : [for r in values(refs) : "${r[0]}:${r[1]}"]]))
  variables = { for u in local.used : u => "SLUICE_SECRET_${upper(replace(u, "/[^A-Za-z0-9]/", "_"))}" }

  configs = { for k, c in local.values : k => {
    for n, v in c : n => contains(keys(local.refs[k]), n) ? format("$%s%s}", "{env:", local.variables["${local.refs[k][n][0]}:${local.refs[k][n][1]}"]) : v
  } }

  managed_only = ["DatagenSource", "DynamoDbSink", "PostgresCdcSource", "PostgresCdcSourceV2", "PostgresSink", "PostgresSource", "S3_SINK"]

  faults = concat(
    [for k, d in local.documents : "${k}.json is not JSON" if d == null],
    [for k, d in local.documents : "${k}.json must be an object {\"name\": \"${k}\", \"config\": {...}}" if d != null && !local.is_file[k]],
    [for k in keys(local.settings) : "${k}.json has the name \"${local.documents[k].name}\", but a connector is named like its file" if local.documents[k].name != k],
    [for k in keys(local.texts) : "${k}.json: a connector's name has letters, digits and the signs . _ - here" if !can(regex("^[A-Za-z0-9._-]+$", k))],
    flatten([for k, c in local.settings : [for n in setsubtract(keys(c), keys(local.values[k])) : "${k}.json: ${n} must be a text, a number or a boolean"]]),
    [for k, c in local.values : "${k}.json: connector.class is missing" if lookup(c, "connector.class", "") == ""],
    [for k, c in local.values : "${k}.json: connector.class ${c["connector.class"]} is the id of a managed plugin; a worker takes class names such as io.confluent.connect.s3.S3SinkConnector" if contains(local.managed_only, lookup(c, "connector.class", ""))],
    flatten([for k, c in local.values : [for n, v in c : "${k}.json: ${n} has a reference that is not the whole value $${secretsmanager:NAME:KEY}" if can(regex("\\$\\{[A-Za-z]+:", v)) && !contains(keys(local.refs[k]), n)]]),
    flatten([for k, refs in local.refs : [for n, r in refs : "${k}.json: ${n} refers to secret \"${r[0]}\", which is not among secrets (${length(var.secrets) == 0 ? "none" : join(", ", keys(var.secrets))})" if !contains(keys(var.secrets), r[0])]]),
    flatten([for k, c in local.values : [for n in keys(c) : "${k}.json: ${n} is a secret in plain text; write $${secretsmanager:NAME:KEY}" if can(regex("(?i)(^|[._-])(password|passphrase|secret|token|jaas\\.config|secret\\.access\\.key|api\\.secret|user\\.info)$", n)) && !contains(keys(local.refs[k]), n)]]),
    length(distinct(values(local.variables))) == length(local.variables) ? [] : ["two references become one variable (${join(", ", keys(local.variables))}): names and keys must differ in more than signs and case"],
  )
}
