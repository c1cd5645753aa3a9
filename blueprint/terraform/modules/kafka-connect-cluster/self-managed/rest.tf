# How the workers' REST listens, and whom it asks who they are. Workers must reach each other, so it listens beyond loopback: on
# https for those who have a certificate of the given authority, or on http. When it asks nobody, the security group alone says
# who comes in.

locals {
  rest_port   = 8083
  health_port = var.rest_tls == null ? local.rest_port : 8084 # inside the task, for its health check
  rest_scheme = var.rest_tls == null ? "http" : "https"

  rest_open = {
    "listeners"            = "http://:${local.rest_port}"
    "sluice.rest.insecure" = "true"
  }

  rest_closed = {
    "listeners"                                      = "https://:${local.rest_port},http://127.0.0.1:${local.health_port}"
    "rest.advertised.listener"                       = "https"
    "listeners.https.ssl.client.auth"                = "required"
    "listeners.https.ssl.keystore.type"              = "PEM"
    "listeners.https.ssl.keystore.key"               = "$${env:SLUICE_REST_KEY}"
    "listeners.https.ssl.keystore.certificate.chain" = "$${env:SLUICE_REST_CERTIFICATE}"
    "listeners.https.ssl.truststore.type"            = "PEM"
    "listeners.https.ssl.truststore.certificates"    = "$${env:SLUICE_REST_AUTHORITY}"
    # Workers are reached by addresses, for which no certificate is; the authority must have signed no others.
    "listeners.https.ssl.endpoint.identification.algorithm" = ""
  }

  # On http for those who say who they are.
  rest_asking = { "listeners" = "http://:${local.rest_port}" }

  # On https clients may come without a certificate, when they say who they are otherwise.
  rest_requested = { "listeners.https.ssl.client.auth" = "requested" }

  # The users' names, roles and hashes come by ECS; neither plan nor state holds them.
  rest_basic = { "sluice.rest.basic.users" = "$${env:SLUICE_REST_USERS}" }

  basic  = var.rest_authentication.basic
  bearer = var.rest_authentication.bearer
  mtls   = var.rest_authentication.mtls_roles

  rest_bearer = local.bearer == null ? {} : merge(
    {
      "sluice.rest.bearer.issuer"      = local.bearer.issuer
      "sluice.rest.bearer.audience"    = join(",", local.bearer.audiences)
      "sluice.rest.bearer.roles"       = join(";", flatten([for role, values in local.bearer.roles : [for value in values : "${role}=${value}"]]))
      "sluice.rest.bearer.roles.claim" = local.bearer.roles_claim
      "sluice.rest.bearer.name.claim"  = local.bearer.name_claim
    },
    local.bearer.jwks_url == null ? {} : { "sluice.rest.bearer.jwks.url" = local.bearer.jwks_url },
  )

  rest_ways = concat(local.basic == null ? [] : ["basic"], local.bearer == null ? [] : ["bearer"], length(local.mtls) == 0 ? [] : ["mtls"])

  rest_authentication = length(local.rest_ways) == 0 ? {} : merge(
    { "sluice.rest.authentication" = join(",", local.rest_ways) },
    local.basic == null ? {} : local.rest_basic,
    local.rest_bearer,
    length(local.mtls) == 0 ? {} : { "sluice.rest.mtls.roles" = join(";", flatten([for role, patterns in local.mtls : [for pattern in patterns : "${role}=${pattern}"]])) },
  )

  rest_properties = merge(
    var.rest_tls != null ? local.rest_closed : length(local.rest_ways) == 0 ? local.rest_open : local.rest_asking,
    try(var.rest_tls.client_auth, "required") == "requested" ? local.rest_requested : {},
    local.rest_authentication,
  )

  rest_secrets = merge(
    var.rest_tls == null ? {} : {
      SLUICE_REST_KEY         = "${var.rest_tls.secret_arn}:${var.rest_tls.key_field_name}::"
      SLUICE_REST_CERTIFICATE = "${var.rest_tls.secret_arn}:${var.rest_tls.certificate_field_name}::"
      SLUICE_REST_AUTHORITY   = "${var.rest_tls.secret_arn}:${var.rest_tls.authority_field_name}::"
    },
    local.basic == null ? {} : { SLUICE_REST_USERS = "${local.basic.secret_arn}:${local.basic.users_field_name}::" },
  )

  rest_secret_arns = concat(var.rest_tls == null ? [] : [var.rest_tls.secret_arn], local.basic == null ? [] : [local.basic.secret_arn])
}
