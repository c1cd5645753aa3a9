# How the workers' REST listens. Workers must reach each other, so it does so beyond loopback: on https for those who show a
# certificate of the given authority; or on http, where the security group alone says who comes in.

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

  rest_properties = var.rest_tls == null ? local.rest_open : local.rest_closed

  rest_secrets = var.rest_tls == null ? {} : {
    SLUICE_REST_KEY         = "${var.rest_tls.secret_arn}:${var.rest_tls.key_field_name}::"
    SLUICE_REST_CERTIFICATE = "${var.rest_tls.secret_arn}:${var.rest_tls.certificate_field_name}::"
    SLUICE_REST_AUTHORITY   = "${var.rest_tls.secret_arn}:${var.rest_tls.authority_field_name}::"
  }
}
