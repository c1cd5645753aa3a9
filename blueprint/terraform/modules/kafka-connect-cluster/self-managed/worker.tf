# The container: the worker's properties and files travel as variables, and the image's start script writes them into the
# temporary folder, because the root folder is read-only.

locals {
  # No key of the client's login stands here: the worker looks both up in its variables.
  login = join("", [
    "org.apache.kafka.common.security.plain.PlainLoginModule required ",
    "username=\"", "$", "{env:SLUICE_KAFKA_KEY}", "\" password=\"", "$", "{env:SLUICE_KAFKA_SECRET}", "\";",
  ])
  client = { "security.protocol" = "SASL_SSL", "sasl.mechanism" = "PLAIN", "sasl.jaas.config" = local.login }

  is_open = var.rest.exposure != "none"

  properties = merge(
    {
      "key.converter"                     = "org.apache.kafka.connect.storage.StringConverter"
      "value.converter"                   = "org.apache.kafka.connect.json.JsonConverter"
      "value.converter.schemas.enable"    = "false"
      "offset.flush.interval.ms"          = "10000"
      "task.shutdown.graceful.timeout.ms" = "60000" # below stopTimeout, so that ECS does not kill what still flushes
    },
    var.worker_properties,
    {
      "bootstrap.servers"                            = var.bootstrap
      "offset.storage.file.filename"                 = length(local.offsets_on_efs) > 0 ? "/data/connect.offsets" : "/tmp/connect.offsets"
      "listeners"                                    = local.is_open ? "http://:${local.rest_port}" : "http://127.0.0.1:${local.rest_port}"
      "config.providers"                             = "env"
      "config.providers.env.class"                   = "org.apache.kafka.common.config.provider.EnvVarConfigProvider"
      "config.providers.env.param.allowlist.pattern" = "SLUICE_(SECRET|KAFKA)_[A-Z0-9_]+"
    },
    # REST has no authentication yet; where it is open, security groups say who reaches it.
    local.is_open ? { "sluice.rest.insecure" = "true" } : {},
    # As in Java, each kind of client has its own settings.
    merge([for prefix in ["", "producer.", "consumer.", "admin."] : { for k, v in local.client : "${prefix}${k}" => v }]...),
  )

  secret_variables = merge(
    {
      SLUICE_KAFKA_KEY    = "${var.kafka_credentials.secret_arn}:${var.kafka_credentials.key_field_name}::"
      SLUICE_KAFKA_SECRET = "${var.kafka_credentials.secret_arn}:${var.kafka_credentials.secret_field_name}::"
    },
    # Two references that become one variable are a fault, which is told at the task definition.
    { for variable, us in { for u, v in local.variables : v => u... } : variable => "${lookup(var.secrets, split(":", us[0])[0], "")}:${split(":", us[0])[1]}::" },
  )

  container_definitions = jsonencode([{
    name       = "worker"
    image      = var.image
    essential  = true
    entryPoint = ["/bin/sh", "/usr/local/bin/start-worker"]
    command    = ["--log-format", "json", "--log-level", var.log_level]

    user                   = "${local.user}:${local.user}"
    readonlyRootFilesystem = true
    linuxParameters        = { capabilities = { drop = ["ALL"] } }
    ulimits                = [{ name = "nofile", softLimit = 65536, hardLimit = 65536 }]
    stopTimeout            = 120

    environment = [
      { name = "AWS_REGION", value = local.region },
      { name = "SLUICE_CONNECTORS", value = join("\n", [for k, c in local.configs : "${k} ${jsonencode({ name = k, config = c })}"]) },
      # In a property file a backslash escapes.
      { name = "SLUICE_WORKER_PROPERTIES", value = join("\n", [for k, v in local.properties : "${k}=${replace(v, "\\", "\\\\")}"]) },
    ]
    secrets = [for variable, from in local.secret_variables : { name = variable, valueFrom = from }]

    portMappings = [{ containerPort = local.rest_port, hostPort = local.rest_port, protocol = "tcp" }]
    mountPoints = concat(
      [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }],
      [for k in keys(local.offsets_on_efs) : { sourceVolume = "offsets", containerPath = "/data", readOnly = false }],
    )

    healthCheck = {
      command     = ["CMD", "/bin/busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:${local.rest_port}/health"]
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
