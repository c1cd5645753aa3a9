# The container: the worker's properties and connectors travel as variables, because Fargate has no files for it. It reads
# them itself, so that the image needs no shell.

locals {
  # No key of the client's login stands here: the worker looks both up in its variables.
  login = join("", [
    "org.apache.kafka.common.security.plain.PlainLoginModule required ",
    "username=\"", "$", "{env:SLUICE_KAFKA_KEY}", "\" password=\"", "$", "{env:SLUICE_KAFKA_SECRET}", "\";",
  ])
  client = { "security.protocol" = "SASL_SSL", "sasl.mechanism" = "PLAIN", "sasl.jaas.config" = local.login }

  properties = merge(
    {
      "key.converter"                  = "org.apache.kafka.connect.storage.StringConverter"
      "value.converter"                = "org.apache.kafka.connect.json.JsonConverter"
      "value.converter.schemas.enable" = "false"
      "offset.flush.interval.ms"       = "10000"
      # Below stopTimeout, so that ECS does not kill what still flushes.
      "task.shutdown.graceful.timeout.ms" = "60000"
      # A task that is replaced comes back under another address: nobody gains by waiting five minutes for it.
      "scheduled.rebalance.max.delay.ms" = "30000"
    },
    var.worker_properties,
    {
      "bootstrap.servers"                            = var.bootstrap
      "group.id"                                     = local.group_id
      "config.storage.topic"                         = local.topic_names["configs"]
      "offset.storage.topic"                         = local.topic_names["offsets"]
      "status.storage.topic"                         = local.topic_names["status"]
      "internal.topics.automatic.creation.enable"    = tostring(!var.internal_topics.create)
      "exactly.once.source.support"                  = var.exactly_once
      "config.providers"                             = "env"
      "config.providers.env.class"                   = "org.apache.kafka.common.config.provider.EnvVarConfigProvider"
      "config.providers.env.param.allowlist.pattern" = "SLUICE_(SECRET|KAFKA|REST)_[A-Z0-9_]+"
    },
    local.rest_properties, # the worker learns its own address from ECS
    var.metrics_environment == null ? {} : { "sluice.metrics.emf" = "true", "sluice.metrics.environment" = var.metrics_environment },
    # As in Java, each kind of client has its own settings.
    merge([for prefix in ["", "producer.", "consumer.", "admin."] : { for k, v in local.client : "${prefix}${k}" => v }]...),
  )

  # As container images of Kafka Connect take them: group.id is CONNECT_GROUP_ID.
  property_variables = { for k, v in local.properties : "CONNECT_${upper(replace(replace(replace(k, "_", "__"), "-", "___"), ".", "_"))}" => v }

  secret_variables = merge(
    local.rest_secrets,
    {
      SLUICE_KAFKA_KEY    = "${var.kafka_credentials.secret_arn}:${var.kafka_credentials.key_field_name}::"
      SLUICE_KAFKA_SECRET = "${var.kafka_credentials.secret_arn}:${var.kafka_credentials.secret_field_name}::"
    },
    # Two references that become one variable are a fault, which is told at the task definition.
    { for variable, us in { for u, v in local.variables : v => u... } : variable => "${lookup(var.secrets, split(":", us[0])[0], "")}:${split(":", us[0])[1]}::" },
  )

  container_definitions = jsonencode([{
    name      = "worker"
    image     = var.image
    essential = true
    command   = ["worker", "--log-format", "json", "--log-level", var.log_level]

    user                   = "${local.user}:${local.user}"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    ulimits                = [{ name = "nofile", softLimit = 65536, hardLimit = 65536 }]
    stopTimeout            = 120

    environment = concat(
      [
        { name = "AWS_REGION", value = local.region },
        { name = "SLUICE_CONNECTORS", value = jsonencode(local.configs) },
      ],
      [for name, value in local.property_variables : { name = name, value = value }],
    )
    secrets = [for variable, from in local.secret_variables : { name = variable, valueFrom = from }]

    portMappings = [{ containerPort = local.rest_port, hostPort = local.rest_port, protocol = "tcp" }]
    mountPoints  = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]

    healthCheck = {
      command     = ["CMD", "/usr/local/bin/sluice", "worker", "--check-health", "http://127.0.0.1:${local.health_port}/health"]
      interval    = 30
      timeout     = 10
      retries     = 3
      startPeriod = 120
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = local.region
        awslogs-stream-prefix = "worker"
        mode                  = "non-blocking" # a slow log must not hold records back
        max-buffer-size       = "4m"
      }
    }
  }])
}
