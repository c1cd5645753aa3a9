# Reads the files and finds what is wrong with them. Nothing here fails: each connector's faults are collected and
# reported together, with the file's name, by the precondition of its resource.

locals {
  texts = { for f in fileset(var.config_dir, "*.json") : trimsuffix(f, ".json") => file("${var.config_dir}/${f}") }

  # A file that is not what it should be counts as one without settings, until its precondition stops the plan.
  is_json   = { for k, text in local.texts : k => can(jsondecode(text)) }
  documents = { for k, text in local.texts : k => try(jsondecode(text), {}) }
  is_file   = { for k, d in local.documents : k => can(tostring(d.name)) && can(keys(d.config)) && can(keys(d)) }
  names     = { for k, d in local.documents : k => try(tostring(d.name), "") }
  settings  = { for k, d in local.documents : k => { for n, v in try(d.config, {}) : n => v if v != null } if local.is_file[k] }

  # Numbers and booleans become strings, as the service wants them.
  values = { for k, c in local.settings : k => { for n, v in c : n => tostring(v) if can(tostring(v)) } }

  reference = "^\\$\\{secretsmanager:([^:}]+):([^:}]+)\\}$"
  refs      = { for k, c in local.values : k => { for n, v in c : n => regex(local.reference, v) if can(regex(local.reference, v)) } }
  plain     = { for k, c in local.values : k => { for n, v in c : n => v if !contains(keys(local.refs[k]), n) } }

  # The names of secrets and of their keys are no secrets; without them a message could not say what is missing.
  supplied = nonsensitive(toset(flatten([for secret, fields in var.secrets : [for field in keys(fields) : "${secret}:${field}"]])))

  # Written by this module, so that a file cannot run as another account or carry a key.
  injected = ["kafka.auth.mode", "kafka.service.account.id", "kafka.api.key", "kafka.api.secret", "provider.integration.id"]

  # Java classes are ids of self-managed plugins; the service knows its own.
  managed_ids = {
    "io.aiven.connect.jdbc.JdbcSinkConnector"                       = "PostgresSink or MySqlSink"
    "io.aiven.connect.jdbc.JdbcSourceConnector"                     = "PostgresSource, MySqlSource, MicrosoftSqlServerSource or OracleDatabaseSource"
    "io.confluent.connect.aws.dynamodb.DynamoDbSinkConnector"       = "DynamoDbSink"
    "io.confluent.connect.elasticsearch.ElasticsearchSinkConnector" = "ElasticsearchSink"
    "io.confluent.connect.http.HttpSinkConnector"                   = "HttpSinkV2"
    "io.confluent.connect.jdbc.JdbcSinkConnector"                   = "PostgresSink, MySqlSink, MicrosoftSqlServerSink or OracleDatabaseSink"
    "io.confluent.connect.jdbc.JdbcSourceConnector"                 = "PostgresSource, MySqlSource, MicrosoftSqlServerSource or OracleDatabaseSource"
    "io.confluent.connect.s3.S3SinkConnector"                       = "S3_SINK"
    "io.confluent.connect.s3.source.S3SourceConnector"              = "S3Source"
    "io.confluent.kafka.connect.datagen.DatagenConnector"           = "DatagenSource"
    "io.debezium.connector.mysql.MySqlConnector"                    = "MySqlCdcSourceV2"
    "io.debezium.connector.postgresql.PostgresConnector"            = "PostgresCdcSourceV2"
    "io.debezium.connector.sqlserver.SqlServerConnector"            = "SqlServerCdcSourceV2"
    "com.mongodb.kafka.connect.MongoSinkConnector"                  = "MongoDbAtlasSink"
    "com.mongodb.kafka.connect.MongoSourceConnector"                = "MongoDbAtlasSource"
    "com.snowflake.kafka.connector.SnowflakeSinkConnector"          = "SnowflakeSink"
    "io.confluent.connect.gcs.GcsSinkConnector"                     = "GcsSink"
  }
}

locals {
  classes = { for k, c in local.values : k => lookup(c, "connector.class", "") }
  sinks   = { for k, c in local.values : k => contains(keys(c), "topics") || contains(keys(c), "topics.regex") }
  custom  = { for k, c in local.values : k => lookup(c, "confluent.connector.type", "MANAGED") == "CUSTOM" }

  # What the file itself is.
  file_faults = { for k, text in local.texts : k => compact([
    local.is_json[k] ? "" : "it is not JSON",
    local.is_json[k] && !local.is_file[k] ? "it must be an object {\"name\": \"${k}\", \"config\": {...}}" : "",
    local.is_file[k] && length(setsubtract(try(keys(local.documents[k]), []), ["name", "config"])) > 0 ?
    "it has ${join(", ", setsubtract(try(keys(local.documents[k]), []), ["name", "config"]))}; allowed are name and config" : "",
    local.is_file[k] && local.names[k] != k ?
    "its name is \"${local.names[k]}\", but a connector is named like its file, and renaming one makes a new connector without the old one's offsets" : "",
    local.accounts[k] == null ?
    "it has no account to run as: service_account_ids has none for it and service_account_id is null (where each team has an account, its name begins with the name of no team that has connectors, or of two)" : "",
    local.is_file[k] && length([for other, name in local.names : other if name == local.names[k]]) > 1 ?
    "its name \"${local.names[k]}\" is also in ${join(", ", [for other, name in local.names : "${other}.json" if name == local.names[k] && other != k])}" : "",
  ]) }

  # What its settings are. The service checks the plugin's own keys, but only at apply.
  setting_faults = { for k, c in local.values : k => compact([
    length(setsubtract(keys(local.settings[k]), keys(c))) == 0 ? "" :
    "${join(", ", setsubtract(keys(local.settings[k]), keys(c)))} must be a string, a number or a boolean",

    local.custom[k] || local.classes[k] != "" ? "" : "connector.class is missing",
    strcontains(local.classes[k], ".") && !local.custom[k] ?
    "connector.class is the Java class ${local.classes[k]}, which only self-managed workers know; ${lookup(local.managed_ids, local.classes[k], "") == "" ? "allowed is the id of a managed plugin such as S3_SINK or PostgresCdcSourceV2" : "the managed plugin is ${lookup(local.managed_ids, local.classes[k], "")}"}" : "",
    local.classes[k] == "PostgresCdcSource" ? "connector.class is PostgresCdcSource, which reached its end of life; use PostgresCdcSourceV2" : "",
    local.classes[k] == "PostgresCdcSourceV2" && contains(keys(c), "database.server.name") ? "database.server.name belongs to the first version of the plugin; use topic.prefix" : "",
    length([for n in ["format.class", "storage.class"] : n if contains(keys(c), n) && !local.custom[k]]) > 0 ?
    "${join(", ", [for n in ["format.class", "storage.class"] : n if contains(keys(c), n)])} belongs to self-managed workers; use input.data.format and output.data.format" : "",

    length([for n in local.injected : n if contains(keys(c), n)]) > 0 ?
    "${join(", ", [for n in local.injected : n if contains(keys(c), n)])} is set by the module (service_account_id, provider_integration_ids); leave it out" : "",
    lookup(c, "name", k) == k ? "" : "config has the name \"${lookup(c, "name", k)}\"; leave it out",

    length([for n, v in local.plain[k] : n if can(regex("\\$\\{[A-Za-z]+:", v))]) > 0 ?
    "${join(", ", [for n, v in local.plain[k] : n if can(regex("\\$\\{[A-Za-z]+:", v))])} has a reference that is not the whole value $${secretsmanager:NAME:KEY}; part of a value cannot be kept secret, and the service resolves no other reference" : "",
    length([for n, r in local.refs[k] : n if !contains(local.supplied, "${r[0]}:${r[1]}")]) > 0 ?
    "${join(", ", [for n, r in local.refs[k] : "${n} refers to secret \"${r[0]}\", key \"${r[1]}\"" if !contains(local.supplied, "${r[0]}:${r[1]}")])}, which was not supplied; supplied are ${length(local.supplied) == 0 ? "none" : join(", ", local.supplied)}" : "",
    length([for n in keys(local.plain[k]) : n if can(regex("(?i)(^|[._-])(password|passphrase|secret|token|jaas\\.config|access\\.key\\.id|secret\\.access\\.key|api\\.secret|storepassword|clientkeyfile|sslkey|user\\.info)$", n))]) > 0 ?
    "${join(", ", [for n in keys(local.plain[k]) : n if can(regex("(?i)(^|[._-])(password|passphrase|secret|token|jaas\\.config|access\\.key\\.id|secret\\.access\\.key|api\\.secret|storepassword|clientkeyfile|sslkey|user\\.info)$", n))])} is a secret in plain text; write $${secretsmanager:NAME:KEY}" : "",

    lookup(c, "authentication.method", "") == "IAM Roles" && !contains(keys(var.provider_integration_ids), k) ?
    "authentication.method is IAM Roles, but provider_integration_ids has no entry for it" : "",
    lookup(c, "authentication.method", "") != "IAM Roles" && contains(keys(var.provider_integration_ids), k) ?
    "provider_integration_ids has an entry for it, but authentication.method is not IAM Roles" : "",

    local.sinks[k] && var.require_dlq && lookup(c, "errors.deadletterqueue.topic.name", "") != "dlq.${k}" ?
    "errors.deadletterqueue.topic.name is \"${lookup(c, "errors.deadletterqueue.topic.name", "")}\"; a sink has its own, dlq.${k}" : "",
    contains([for topic in split(",", lookup(c, "topics", "")) : trimspace(topic)], lookup(c, "errors.deadletterqueue.topic.name", "none")) ?
    "it reads its own dead letter topic" : "",
  ]) }

  faults = { for k in keys(local.texts) : k => concat(local.file_faults[k], lookup(local.setting_faults, k, [])) }
}
