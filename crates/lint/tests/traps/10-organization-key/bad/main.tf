resource "confluent_service_account" "connect" {
  display_name = "connect"
  description  = "Connectors"
}

resource "confluent_api_key" "sink" {
  display_name = "sink"
  disable_wait_for_ready = true
  owner {
    id          = confluent_service_account.connect.id
    api_version = confluent_service_account.connect.api_version
    kind        = confluent_service_account.connect.kind
  }
}
