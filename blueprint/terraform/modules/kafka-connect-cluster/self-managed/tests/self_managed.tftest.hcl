mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/own" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/mocked" }
  }
  mock_resource "aws_ecr_repository" {
    defaults = { arn = "arn:aws:ecr:eu-central-1:111122223333:repository/mocked" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:111122223333:task-definition/worker:1" }
  }
  mock_resource "aws_appautoscaling_policy" {
    defaults = { arn = "arn:aws:autoscaling:eu-central-1:111122223333:scalingPolicy:1:resource/ecs/service/w/w:policyName/lag" }
  }
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/net/w/1", dns_name = "w.elb.example" }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/w/1" }
  }
  mock_resource "aws_service_discovery_service" {
    defaults = { arn = "arn:aws:servicediscovery:eu-central-1:111122223333:service/srv-1" }
  }
}

mock_provider "confluent" {}

variables {
  name              = "streams-dev-euc1-worker"
  tags              = { Project = "streams", Environment = "dev" }
  image             = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/streams/worker@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  vpc_id            = "vpc-0123456789abcdef0"
  subnet_ids        = { euc1-az1 = "subnet-0a", euc1-az2 = "subnet-0b" }
  bootstrap         = "lkc-1.example:9092"
  kafka_credentials = { secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:kafka" }
  egress            = { https = { description = "AWS", port = 443, cidr_ipv4 = "0.0.0.0/0" } }
}

run "defaults" {
  command = apply

  assert {
    condition     = aws_ecs_service.this["worker"].desired_count == 2 && aws_ecs_service.this["worker"].deployment_maximum_percent == 200 && aws_ecs_service.this["worker"].deployment_minimum_healthy_percent == 100 && length(aws_ecs_service.scaled) == 0
    error_message = "two workers, and never fewer during a deployment"
  }
  assert {
    condition     = alltrue([for c in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions) : c.readonlyRootFilesystem && c.user == "65532:65532" && c.linuxParameters.capabilities.drop == ["ALL"] && c.stopTimeout == 120 && c.command[0] == "worker" && c.healthCheck.command == ["CMD", "/usr/local/bin/sluice", "worker", "--check-health", "http://127.0.0.1:8083/health"]])
    error_message = "the container must be read-only, without root and without capabilities, be given time to stop, and need no shell"
  }
  assert {
    condition     = one([for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.value if e.name == "SLUICE_CONNECTORS"]) == "{}"
    error_message = "no files, no connectors"
  }
  assert {
    condition = alltrue([for name, value in {
      CONNECT_BOOTSTRAP_SERVERS           = "lkc-1.example:9092", CONNECT_LISTENERS = "http://:8083", CONNECT_GROUP_ID = "streams-dev-euc1-worker",
      CONNECT_CONFIG_STORAGE_TOPIC        = "streams-dev-euc1-worker-configs", CONNECT_OFFSET_STORAGE_TOPIC = "streams-dev-euc1-worker-offsets",
      CONNECT_STATUS_STORAGE_TOPIC        = "streams-dev-euc1-worker-status", CONNECT_INTERNAL_TOPICS_AUTOMATIC_CREATION_ENABLE = "false",
      CONNECT_EXACTLY_ONCE_SOURCE_SUPPORT = "disabled", CONNECT_TASK_SHUTDOWN_GRACEFUL_TIMEOUT_MS = "60000", CONNECT_SLUICE_REST_INSECURE = "true",
      CONNECT_SECURITY_PROTOCOL           = "SASL_SSL", CONNECT_PRODUCER_SECURITY_PROTOCOL = "SASL_SSL", CONNECT_CONSUMER_SECURITY_PROTOCOL = "SASL_SSL", CONNECT_ADMIN_SECURITY_PROTOCOL = "SASL_SSL",
      CONNECT_PRODUCER_SASL_JAAS_CONFIG   = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"$${env:SLUICE_KAFKA_KEY}\" password=\"$${env:SLUICE_KAFKA_SECRET}\";",
    } : lookup({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value }, name, "") == value])
    error_message = "properties are ${jsonencode({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value })}"
  }
  assert {
    condition     = alltrue([for name in keys({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value }) : !startswith(name, "CONNECT_REST_ADVERTISED") && !startswith(name, "CONNECT_SLUICE_METRICS")])
    error_message = "each worker learns its own address from ECS; metrics are not published unless wanted"
  }
  assert {
    condition     = { for s in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].secrets : s.name => s.valueFrom } == { SLUICE_KAFKA_KEY = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:kafka:kafka_api_key::", SLUICE_KAFKA_SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:kafka:kafka_api_secret::" }
    error_message = "the login comes from the secret's fields"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.peers.referenced_security_group_id == output.security_group_id && aws_vpc_security_group_egress_rule.peers.referenced_security_group_id == output.security_group_id && aws_vpc_security_group_ingress_rule.peers.from_port == 8083 && aws_vpc_security_group_ingress_rule.peers.cidr_ipv4 == null
    error_message = "workers must reach each other's REST"
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.rest) == 0 && length(aws_lb.this) == 0 && length(aws_service_discovery_service.this) == 0 && length(aws_appautoscaling_target.this) == 0 && length(confluent_role_binding.this) == 0
    error_message = "nobody else comes in, nothing scales, and rights are given elsewhere by default"
  }
  assert {
    condition     = confluent_kafka_topic.internal["configs"].partitions_count == 1 && length(confluent_kafka_topic.internal) == 3 && alltrue([for t in confluent_kafka_topic.internal : t.config["cleanup.policy"] == "compact"])
    error_message = "three compacted internal topics, one partition for the configs"
  }
  assert {
    condition     = one([for s in aws_ecs_cluster.this.setting : s.value if s.name == "containerInsights"]) == "enabled" && aws_ecr_repository.this[0].image_tag_mutability == "IMMUTABLE" && !aws_ecr_repository.this[0].force_delete
    error_message = "metrics and immutable, protected images by default"
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource if s.Sid == "ReadSecrets"]) == ["arn:aws:secretsmanager:eu-central-1:111122223333:secret:kafka"]
    error_message = "only the secrets that are used may be read"
  }
  assert {
    condition     = output.service_name == "streams-dev-euc1-worker" && output.cluster_name == "streams-dev-euc1-worker" && output.rest_url == null && output.group_id == "streams-dev-euc1-worker" && output.log_group_name == "/sluice/streams-dev-euc1-worker/worker" && length(output.connectors) == 0
    error_message = "outputs must come from the resources"
  }
}

run "full" {
  command = apply
  variables {
    config_dir          = "./tests/files/good"
    secrets             = { orders-db = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders", unused = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:unused" }
    secret_kms_key_arns = ["arn:aws:kms:eu-central-1:111122223333:key/secrets"]
    kafka_credentials   = { secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:kafka", key_field_name = "id", secret_field_name = "value" }
    task_policy_arns    = { lake = "arn:aws:iam::111122223333:policy/lake" }
    worker_properties   = { "key.converter" = "org.apache.kafka.connect.converters.ByteArrayConverter", "client.id" = "a\\b", "producer.some_thing-else" = "x" }
    cpu                 = 1024
    memory              = 4096
    cpu_architecture    = "ARM64"
    create_repository   = false
    create_kms_key      = false
    kms_key_arn         = "arn:aws:kms:eu-central-1:111122223333:key/given"
    log_level           = "debug"
    assign_public_ip    = true
    deletion_protection = false
    autoscaling         = { enabled = true, min = 3, max = 5, lag = { lake = 100000 } }
    metrics_environment = "dev"
    group_id            = "streams-dev"
    internal_topics     = { create = false, prefix = "connect.streams" }
    exactly_once        = "enabled"
    rights              = { principal = "User:sa-abc123", cluster = { id = "lkc-1", crn = "crn://confluent.cloud/organization=o/environment=e/cloud-cluster=lkc-1" } }
    rest                = { exposure = "internal_nlb", client_security_group_ids = { ops = "sg-ops" } }
    egress = {
      https = { description = "AWS", port = 443, cidr_ipv4 = "0.0.0.0/0" }
      s3    = { description = "S3", port = 443, prefix_list_id = "pl-1" }
      db    = { description = "orders", port = 5432, security_group_id = "sg-db" }
    }
  }

  assert {
    condition     = join(",", output.connectors) == "lake,orders"
    error_message = "connectors are ${jsonencode(output.connectors)}"
  }
  assert {
    condition = jsondecode({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value }["SLUICE_CONNECTORS"])["orders"] == {
      "connector.class"     = "io.confluent.connect.jdbc.JdbcSourceConnector", "connection.url" = "jdbc:postgresql://db.internal.example:5432/app", "connection.user" = "connect",
      "connection.password" = "$${env:SLUICE_SECRET_ORDERS_DB_PASSWORD}", mode = "bulk", "topic.prefix" = "shop.", "tasks.max" = "1",
    }
    error_message = "a reference becomes a variable, numbers become texts, null is left out"
  }
  assert {
    condition     = jsondecode({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value }["SLUICE_CONNECTORS"])["lake"]["path.format"] == "$${topic}"
    error_message = "what a connector puts in itself must stay as it is"
  }
  assert {
    condition     = one([for s in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].secrets : s.valueFrom if s.name == "SLUICE_SECRET_ORDERS_DB_PASSWORD"]) == "arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders:password::"
    error_message = "the secret's field must come by ECS"
  }
  assert {
    condition     = join(",", one([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource if s.Sid == "ReadSecrets"])) == "arn:aws:secretsmanager:eu-central-1:111122223333:secret:kafka,arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders"
    error_message = "a secret that no connector names may not be read"
  }
  assert {
    condition = alltrue([for name, value in {
      CONNECT_KEY_CONVERTER               = "org.apache.kafka.connect.converters.ByteArrayConverter", CONNECT_CLIENT_ID = "a\\b", CONNECT_PRODUCER_SOME__THING___ELSE = "x",
      CONNECT_GROUP_ID                    = "streams-dev", CONNECT_CONFIG_STORAGE_TOPIC = "connect.streams-configs", CONNECT_INTERNAL_TOPICS_AUTOMATIC_CREATION_ENABLE = "true",
      CONNECT_EXACTLY_ONCE_SOURCE_SUPPORT = "enabled", CONNECT_SLUICE_METRICS_EMF = "true", CONNECT_SLUICE_METRICS_ENVIRONMENT = "dev",
    } : lookup({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value }, name, "") == value])
    error_message = "properties are ${jsonencode({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value })}"
  }
  assert {
    condition     = output.rest_url == "http://w.elb.example:8083" && aws_vpc_security_group_ingress_rule.load_balancer["ops"].referenced_security_group_id == "sg-ops" && length(aws_vpc_security_group_ingress_rule.rest) == 0 && aws_lb.this["rest"].internal
    error_message = "REST must be reached through the load balancer by its clients only"
  }
  assert {
    condition     = output.internal_topics == { configs = "connect.streams-configs", offsets = "connect.streams-offsets", status = "connect.streams-status" } && length(confluent_kafka_topic.internal) == 0
    error_message = "internal topics are ${jsonencode(output.internal_topics)}"
  }
  assert {
    condition = toset(keys(confluent_role_binding.this)) == toset(concat(
      flatten([for topic in ["configs", "offsets", "status"] : [for role in ["DeveloperManage", "DeveloperRead", "DeveloperWrite"] : "${role}/topic=connect.streams-${topic}"]]),
      ["DeveloperRead/group=streams-dev", "DeveloperWrite/transactional-id=connect-cluster-streams-dev", "DeveloperWrite/transactional-id=streams-dev-*"],
    )) && confluent_role_binding.this["DeveloperRead/group=streams-dev"].crn_pattern == "crn://confluent.cloud/organization=o/environment=e/cloud-cluster=lkc-1/kafka=lkc-1/group=streams-dev"
    error_message = "rights are ${jsonencode(keys(confluent_role_binding.this))}"
  }
  assert {
    condition     = aws_appautoscaling_target.this["worker"].min_capacity == 3 && aws_appautoscaling_target.this["worker"].max_capacity == 5 && aws_appautoscaling_policy.this["worker"].target_tracking_scaling_policy_configuration[0].target_value == 60 && aws_ecs_service.scaled["worker"].desired_count == 3 && length(aws_ecs_service.this) == 0
    error_message = "autoscaling was not made"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.lag["lake"].dimensions == tomap({ Environment = "dev", Connector = "lake" }) && aws_cloudwatch_metric_alarm.lag["lake"].threshold == 100000 && length(aws_cloudwatch_metric_alarm.lag["lake"].alarm_actions) == 1 && aws_appautoscaling_policy.lag["worker"].policy_type == "StepScaling"
    error_message = "a sink that is behind must add a worker"
  }
  assert {
    condition     = length(aws_ecr_repository.this) == 0 && one([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource if s.Sid == "Pull"]) == ["arn:aws:ecr:eu-central-1:111122223333:repository/streams/worker"]
    error_message = "the image's own repository must be readable"
  }
  assert {
    condition     = aws_iam_role_policy_attachment.task["lake"].policy_arn == "arn:aws:iam::111122223333:policy/lake"
    error_message = "policies were not taken"
  }
}

run "service_discovery" {
  command = apply
  variables {
    rest = { exposure = "service_discovery", client_security_group_ids = { ops = "sg-ops" } }
  }

  assert {
    condition     = output.rest_url == "http://worker.streams-dev-euc1-worker.internal:8083" && aws_vpc_security_group_ingress_rule.rest["ops"].from_port == 8083 && length(aws_lb.this) == 0
    error_message = "REST must be reached by name by its clients only"
  }
}

run "rest_on_https" {
  command = apply
  variables {
    rest     = { exposure = "internal_nlb", client_security_group_ids = { ops = "sg-ops" } }
    rest_tls = { secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rest", authority_field_name = "ca" }
  }

  assert {
    condition = alltrue([for name, value in {
      CONNECT_LISTENERS                        = "https://:8083,http://127.0.0.1:8084", CONNECT_REST_ADVERTISED_LISTENER = "https", CONNECT_LISTENERS_HTTPS_SSL_CLIENT_AUTH = "required",
      CONNECT_LISTENERS_HTTPS_SSL_KEYSTORE_KEY = "$${env:SLUICE_REST_KEY}", CONNECT_SLUICE_REST_INSECURE = "unset",
    } : lookup({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value }, name, "unset") == value])
    error_message = "properties are ${jsonencode({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value })}"
  }
  assert {
    condition     = one([for s in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].secrets : s.valueFrom if s.name == "SLUICE_REST_AUTHORITY"]) == "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rest:ca::" && contains(one([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource if s.Sid == "ReadSecrets"]), "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rest")
    error_message = "key and certificates come by ECS"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].healthCheck.command[4] == "http://127.0.0.1:8084/health" && aws_lb_target_group.this["rest"].health_check[0].protocol == "TCP" && output.rest_url == "https://w.elb.example:8083"
    error_message = "health checks must not need a certificate"
  }
}

run "rest_asks_who_they_are" {
  command = apply
  variables {
    rest_authentication = {
      basic  = { secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:users" }
      bearer = { issuer = "https://idp.example/x", audiences = ["connect", "other"], roles = { admin = ["admins", "ops"], viewer = ["all"] } }
    }
  }

  assert {
    condition = alltrue([for name, value in {
      CONNECT_LISTENERS                   = "http://:8083", CONNECT_SLUICE_REST_INSECURE = "unset", CONNECT_SLUICE_REST_AUTHENTICATION = "basic,bearer",
      CONNECT_SLUICE_REST_BASIC_USERS     = "$${env:SLUICE_REST_USERS}", CONNECT_SLUICE_REST_BEARER_ISSUER = "https://idp.example/x",
      CONNECT_SLUICE_REST_BEARER_AUDIENCE = "connect,other", CONNECT_SLUICE_REST_BEARER_ROLES = "admin=admins;admin=ops;viewer=all",
      CONNECT_SLUICE_REST_BEARER_JWKS_URL = "unset", CONNECT_SLUICE_REST_BEARER_NAME_CLAIM = "sub", CONNECT_SLUICE_REST_BEARER_ROLES_CLAIM = "roles",
      CONNECT_SLUICE_REST_MTLS_ROLES      = "unset", CONNECT_LISTENERS_HTTPS_SSL_CLIENT_AUTH = "unset",
    } : lookup({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value }, name, "unset") == value])
    error_message = "properties are ${jsonencode({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value })}"
  }
  assert {
    condition     = one([for s in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].secrets : s.valueFrom if s.name == "SLUICE_REST_USERS"]) == "arn:aws:secretsmanager:eu-central-1:111122223333:secret:users:users::" && contains(one([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource if s.Sid == "ReadSecrets"]), "arn:aws:secretsmanager:eu-central-1:111122223333:secret:users")
    error_message = "the users come by ECS"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].healthCheck.command[4] == "http://127.0.0.1:8083/health"
    error_message = "the health check asks what is open to everybody"
  }
}

run "rest_asks_on_https" {
  command = apply
  variables {
    rest_tls = { secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rest", client_auth = "requested" }
    rest_authentication = {
      basic      = { secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rest", users_field_name = "people" }
      mtls_roles = { admin = ["subject:CN=ops"], viewer = ["dns:monitoring[.]example"] }
    }
  }

  assert {
    condition = alltrue([for name, value in {
      CONNECT_LISTENERS                  = "https://:8083,http://127.0.0.1:8084", CONNECT_LISTENERS_HTTPS_SSL_CLIENT_AUTH = "requested",
      CONNECT_SLUICE_REST_AUTHENTICATION = "basic,mtls", CONNECT_SLUICE_REST_MTLS_ROLES = "admin=subject:CN=ops;viewer=dns:monitoring[.]example",
    } : lookup({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value }, name, "unset") == value])
    error_message = "properties are ${jsonencode({ for e in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].environment : e.name => e.value })}"
  }
  assert {
    condition     = one([for s in jsondecode(aws_ecs_task_definition.this["worker"].container_definitions)[0].secrets : s.valueFrom if s.name == "SLUICE_REST_USERS"]) == "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rest:people::" && length([for arn in one([for s in jsondecode(aws_iam_role_policy.execution.policy).Statement : s.Resource if s.Sid == "ReadSecrets"]) : arn if endswith(arn, ":rest")]) == 1
    error_message = "one secret may hold both"
  }
}

run "before_the_first_push" {
  command = plan
  variables {
    image = null
  }

  assert {
    condition     = length(aws_ecs_service.this) == 0 && length(aws_ecs_task_definition.this) == 0 && length(aws_ecr_repository.this) == 1
    error_message = "the repository comes before the image, the service after it"
  }
}

run "tags_everywhere" {
  command = plan
  variables {
    rest = { exposure = "internal_nlb", client_security_group_ids = { ops = "sg-ops" } }
  }

  assert {
    condition = alltrue([for tags in concat(
      [aws_kms_key.this[0].tags, aws_cloudwatch_log_group.this.tags, aws_ecr_repository.this[0].tags, aws_ecs_cluster.this.tags, aws_ecs_task_definition.this["worker"].tags, aws_ecs_service.this["worker"].tags],
      [aws_security_group.this.tags, aws_security_group.load_balancer["rest"].tags],
      [aws_lb.this["rest"].tags, aws_lb_target_group.this["rest"].tags, aws_lb_listener.this["rest"].tags, aws_iam_role.execution.tags, aws_iam_role.task.tags],
      [for r in aws_vpc_security_group_egress_rule.this : r.tags], [aws_vpc_security_group_ingress_rule.peers.tags, aws_vpc_security_group_egress_rule.peers.tags],
    ) : tags["Project"] == "streams" && tags["Environment"] == "dev"])
    error_message = "a resource has no tags"
  }
}

run "name_lengths" {
  command = plan
  variables {
    name = "a23456789-123456789-123456789-123456789-123456789-12345"
    rest = { exposure = "internal_nlb", client_security_group_ids = { ops = "sg-ops" } }
  }

  assert {
    condition     = length(aws_lb.this["rest"].name) <= 32 && length(aws_lb_target_group.this["rest"].name) <= 32
    error_message = "a load balancing name is longer than 32"
  }
  assert {
    condition     = length(aws_iam_role.task.name) <= 64 && length(aws_iam_role.execution.name) <= 64 && alltrue([for t in confluent_kafka_topic.internal : length(t.topic_name) <= 249])
    error_message = "a role or topic has too long a name"
  }
}

run "growth_before" {
  command = apply
}

run "growth_changes_nothing_else" {
  command = apply
  variables {
    egress           = { another = { description = "x", port = 5432, cidr_ipv4 = "10.0.0.0/16" }, https = { description = "AWS", port = 443, cidr_ipv4 = "0.0.0.0/0" } }
    subnet_ids       = { euc1-az1 = "subnet-0a", euc1-az2 = "subnet-0b", euc1-az3 = "subnet-0c" }
    task_policy_arns = { lake = "arn:aws:iam::111122223333:policy/lake" }
  }

  assert {
    condition     = output.security_group_id == run.growth_before.security_group_id && output.cluster_arn == run.growth_before.cluster_arn && output.repository_url == run.growth_before.repository_url
    error_message = "another rule, zone or policy replaced something"
  }
}

# What is wrong with a connector file stops the plan at the task definition.

run "refuses_file_no_json" {
  command = plan
  variables {
    config_dir = "./tests/files/no-json"
  }
  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_file_no_object" {
  command = plan
  variables {
    config_dir = "./tests/files/no-object"
  }
  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_file_other_name" {
  command = plan
  variables {
    config_dir = "./tests/files/other-name"
  }
  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_file_managed_class" {
  command = plan
  variables {
    config_dir = "./tests/files/managed-class"
  }
  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_file_part_reference" {
  command = plan
  variables {
    config_dir = "./tests/files/part-reference"
  }
  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_file_unknown_secret" {
  command = plan
  variables {
    config_dir = "./tests/files/unknown-secret"
  }
  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_file_plain_secret" {
  command = plan
  variables {
    config_dir = "./tests/files/plain-secret"
  }
  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_file_bad_value" {
  command = plan
  variables {
    config_dir = "./tests/files/bad-value"
  }
  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_file_no_class" {
  command = plan
  variables {
    config_dir = "./tests/files/no-class"
  }
  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_file_bad_name" {
  command = plan
  variables {
    config_dir = "./tests/files/bad-name"
  }
  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_file_twins" {
  command = plan
  variables {
    config_dir = "./tests/files/twins"
    secrets    = { orders-db = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:a", orders_db = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:b" }
  }
  expect_failures = [aws_ecs_task_definition.this]
}

run "refuses_too_many_connectors" {
  command = plan
  variables {
    worker_properties = { "client.id" = join("", [for i in range(1000) : "a long value that, a thousand times, does not fit into 64 KiB of text"]) }
  }
  expect_failures = [aws_ecs_task_definition.this]
}

# Every validation fails once: each run gives several variables a wrong value and expects exactly these to be refused.

run "rejects_1" {
  command = plan
  variables {
    image                 = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/streams/worker:latest"
    cpu_architecture      = "amd64"
    temporary_storage_gib = 20
    desired_count         = 0
    autoscaling           = { enabled = true, min = 4, max = 2 }
    vpc_id                = "my-vpc"
    subnet_ids            = { eu-central-1a = "subnet-0a" }
    egress                = { https = { description = "x", port = 443 } }
    bootstrap             = "SASL_SSL://lkc-1.example:9092"
    kafka_credentials     = { secret_arn = "kafka" }
    config_dir            = "./tests/files/no-such-folder"
    secrets               = { orders-db = "value-instead-of-an-arn" }
    worker_properties     = { "producer.sasl.jaas.config" = "x" }
    log_level             = "loud"
    rest                  = { exposure = "public" }
    internal_topics       = { prefix = "a b" }
    exactly_once          = "yes"
    rights                = { principal = "sa-abc123", cluster = { id = "lkc-1", crn = "crn://x" } }
    kept_images           = 1
    kms_key_arn           = "arn:aws:kms:eu-central-1:111122223333:key/given"
    log_kms_key_arn       = "arn:aws:kms:eu-central-1:111122223333:key/given"
    log_retention_days    = 2
  }
  expect_failures = [
    var.image, var.cpu_architecture, var.temporary_storage_gib, var.desired_count, var.autoscaling, var.vpc_id, var.subnet_ids, var.egress,
    var.bootstrap, var.kafka_credentials, var.config_dir, var.secrets, var.worker_properties, var.log_level, var.rest,
    var.internal_topics, var.exactly_once, var.rights, var.kept_images, var.kms_key_arn, var.log_kms_key_arn, var.log_retention_days,
  ]
}

run "rejects_2" {
  command = plan
  variables {
    name              = "Streams"
    memory            = 8192
    autoscaling       = { cpu_percent = 100 }
    egress            = { https = { description = "x", port = 70000, cidr_ipv4 = "0.0.0.0/0" } }
    worker_properties = { "Client.id" = "a" }
    rest              = { exposure = "none", client_security_group_ids = { ops = "sg-ops" } }
  }
  expect_failures = [var.name, var.memory, var.autoscaling, var.egress, var.worker_properties, var.rest]
}

run "rejects_3" {
  command = plan
  variables {
    cpu         = 300
    rest        = { exposure = "internal_nlb" }
    autoscaling = { enabled = true, lag = { lake = 100000 } } # and nobody publishes the lag
  }
  expect_failures = [var.cpu, var.rest, var.autoscaling]
}

# What other validations look at is refused alone.
run "rejects_4" {
  command = plan
  variables {
    group_id            = "a/b"
    metrics_environment = "a b"
    rest_tls            = { secret_arn = "rest" }
  }
  expect_failures = [var.group_id, var.metrics_environment, var.rest_tls]
}

run "rejects_5" {
  command = plan
  variables {
    rest_tls            = { secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rest", client_auth = "requested" } # of nobody
    rest_authentication = {}
  }
  expect_failures = [var.rest_tls]
}

run "rejects_6" {
  command = plan
  variables {
    rest_authentication = { basic = { secret_arn = "ann:admin:hash" } }
  }
  expect_failures = [var.rest_authentication]
}

run "rejects_7" {
  command = plan
  variables {
    rest_authentication = { bearer = { issuer = "http://idp.example", audiences = ["connect"], roles = { admin = ["a"] } } }
  }
  expect_failures = [var.rest_authentication]
}

run "rejects_8" {
  command = plan
  variables {
    rest_authentication = { bearer = { issuer = "https://idp.example", audiences = ["connect"], roles = { boss = ["a"] } } }
  }
  expect_failures = [var.rest_authentication]
}

run "rejects_9" {
  command = plan
  variables {
    rest_authentication = { mtls_roles = { admin = ["dns:x"] } } # nobody could show a certificate
  }
  expect_failures = [var.rest_tls]
}
