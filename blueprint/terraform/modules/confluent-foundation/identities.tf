# The administrator and the clients: account, rights, API keys, the secret that holds the keys, and the text that a
# client program needs, with references instead of secrets.

locals {
  kafka_crn = "${confluent_kafka_cluster.this.rbac_crn}/kafka=${confluent_kafka_cluster.this.id}"
  sr_crn    = data.confluent_schema_registry_cluster.this.resource_name

  identities = merge(
    { admin = { description = "Administrator of cluster and Schema Registry", schema_registry = true } },
    { for client, c in var.clients : client => { description = c.description, schema_registry = c.schema_registry } }
  )

  # A name above 64 characters is cut and ends with a hash of the whole: Confluent would refuse it in the middle of an
  # apply.
  full_names    = { for identity in keys(local.identities) : identity => "${var.name}-${identity}" }
  account_names = { for identity, n in local.full_names : identity => length(n) <= 64 ? n : "${trimsuffix(substr(n, 0, 57), "-")}-${substr(sha256(n), 0, 6)}" }

  client_grants = flatten([for client, c in var.clients : concat(
    [for topic in c.produces : { client = client, role = "DeveloperWrite", resource = "topic=${topic}" }],
    [for topic in c.consumes : { client = client, role = "DeveloperRead", resource = "topic=${topic}" }],
    [for group in c.groups : { client = client, role = "DeveloperRead", resource = "group=${group}" }],
    # A topic's subjects are <topic>-key and <topic>-value; a prefix stays a prefix.
    [for topic in c.schema_registry ? c.produces : [] : { client = client, role = "DeveloperWrite", resource = "subject=${endswith(topic, "*") ? topic : "${topic}-*"}" }],
    [for topic in c.schema_registry ? c.consumes : [] : { client = client, role = "DeveloperRead", resource = "subject=${endswith(topic, "*") ? topic : "${topic}-*"}" }]
  )])
  client_bindings = { for g in local.client_grants : "${g.client}/${g.role}/${g.resource}" => g }

  secret_names = { for identity in keys(local.identities) : identity => "${var.name}/identity/${identity}" }

  bootstrap = trimprefix(confluent_kafka_cluster.this.bootstrap_endpoint, "SASL_SSL://")
  sr_rest = try(coalesce(
    var.network == null ? null : lookup(data.confluent_schema_registry_cluster.this.private_regional_rest_endpoints, var.region, null),
    data.confluent_schema_registry_cluster.this.rest_endpoint
  ), null)

  client_properties = { for identity, i in local.identities : identity => join("\n", concat(
    [
      "# ${i.description}. References are resolved by a config provider named secretsmanager.",
      "bootstrap.servers=${local.bootstrap}",
      "client.dns.lookup=use_all_dns_ips",
      "security.protocol=SASL_SSL",
      "sasl.mechanism=PLAIN",
      "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"$${secretsmanager:${local.secret_names[identity]}:kafka_api_key}\" password=\"$${secretsmanager:${local.secret_names[identity]}:kafka_api_secret}\";",
      "acks=all",
      "session.timeout.ms=45000",
    ],
    i.schema_registry ? [
      "schema.registry.url=${local.sr_rest}",
      "basic.auth.credentials.source=USER_INFO",
      "basic.auth.user.info=$${secretsmanager:${local.secret_names[identity]}:schema_registry_api_key}:$${secretsmanager:${local.secret_names[identity]}:schema_registry_api_secret}",
    ] : [],
    [""]
  )) }
}

resource "confluent_service_account" "this" {
  for_each = local.identities

  display_name = local.account_names[each.key]
  description  = "${each.value.description} (owner ${var.owner}, ${var.name})"
}

resource "confluent_role_binding" "admin" {
  for_each = {
    cluster     = { role = "CloudClusterAdmin", crn = confluent_kafka_cluster.this.rbac_crn }
    environment = { role = "DataSteward", crn = confluent_environment.this.resource_name }
    subjects    = { role = "ResourceOwner", crn = "${local.sr_crn}/subject=*" }
  }

  principal              = "User:${confluent_service_account.this["admin"].id}"
  role_name              = each.value.role
  crn_pattern            = each.value.crn
  disable_wait_for_ready = true
}

resource "confluent_role_binding" "client" {
  for_each = local.client_bindings

  principal              = "User:${confluent_service_account.this[each.value.client].id}"
  role_name              = each.value.role
  crn_pattern            = "${startswith(each.value.resource, "subject=") ? local.sr_crn : local.kafka_crn}/${each.value.resource}"
  disable_wait_for_ready = true
}

# disable_wait_for_ready: the wait polls the cluster's private endpoint, which this stack does not reach; when it fails,
# the error prints the key's secret, and the next apply makes another key.
resource "confluent_api_key" "kafka" {
  for_each = local.identities

  display_name           = "${local.account_names[each.key]}-kafka"
  description            = "Kafka API key of ${each.key} (owner ${var.owner}, ${var.name})"
  disable_wait_for_ready = true

  owner {
    id          = confluent_service_account.this[each.key].id
    api_version = confluent_service_account.this[each.key].api_version
    kind        = confluent_service_account.this[each.key].kind
  }

  managed_resource {
    id          = confluent_kafka_cluster.this.id
    api_version = confluent_kafka_cluster.this.api_version
    kind        = confluent_kafka_cluster.this.kind

    environment {
      id = confluent_environment.this.id
    }
  }
}

resource "confluent_api_key" "schema_registry" {
  for_each = { for identity, i in local.identities : identity => i if i.schema_registry }

  display_name           = "${local.account_names[each.key]}-schema-registry"
  description            = "Schema Registry API key of ${each.key} (owner ${var.owner}, ${var.name})"
  disable_wait_for_ready = true

  owner {
    id          = confluent_service_account.this[each.key].id
    api_version = confluent_service_account.this[each.key].api_version
    kind        = confluent_service_account.this[each.key].kind
  }

  managed_resource {
    id          = data.confluent_schema_registry_cluster.this.id
    api_version = data.confluent_schema_registry_cluster.this.api_version
    kind        = data.confluent_schema_registry_cluster.this.kind

    environment {
      id = confluent_environment.this.id
    }
  }
}

resource "aws_secretsmanager_secret" "this" {
  for_each = local.identities

  name                    = local.secret_names[each.key]
  description             = "API keys of ${each.key}: kafka_api_key, kafka_api_secret, schema_registry_api_key, schema_registry_api_secret"
  kms_key_id              = var.kms_key_id
  recovery_window_in_days = var.secret_recovery_days
  tags                    = merge(var.tags, { Name = local.secret_names[each.key] })
}

resource "aws_secretsmanager_secret_version" "this" {
  for_each = local.identities

  secret_id = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo = jsonencode(merge(
    {
      kafka_api_key    = confluent_api_key.kafka[each.key].id
      kafka_api_secret = confluent_api_key.kafka[each.key].secret
    },
    each.value.schema_registry ? {
      schema_registry_api_key    = confluent_api_key.schema_registry[each.key].id
      schema_registry_api_secret = confluent_api_key.schema_registry[each.key].secret
    } : {}
  ))
  # The value is sent again when this number changes: when a key was replaced.
  secret_string_wo_version = parseint(substr(sha256(join("/", concat(
    [confluent_api_key.kafka[each.key].id],
    each.value.schema_registry ? [confluent_api_key.schema_registry[each.key].id] : []
  ))), 0, 7), 16)
}
