# Addresses of the company's earlier blueprint, for a root that called it as a module and now calls this one by the same
# name: nothing is made anew. A root that had these resources itself needs the same moves with module.<name>. in front
# of the new address; see the README. A move whose source does not exist does nothing.

moved {
  from = confluent_environment.example_env
  to   = confluent_environment.this
}

moved {
  from = confluent_network.aws-private-link
  to   = confluent_network.this[0]
}

moved {
  from = confluent_private_link_access.aws
  to   = confluent_private_link_access.this[0]
}

moved {
  from = confluent_kafka_cluster.example_aws_private_link_cluster
  to   = confluent_kafka_cluster.this
}

moved {
  from = confluent_service_account.example_aws_private_link_sa_cluster_admin
  to   = confluent_service_account.this["admin"]
}

moved {
  from = confluent_service_account.example_aws_private_link_sa_producer
  to   = confluent_service_account.this["producer"]
}

moved {
  from = confluent_service_account.example_aws_private_link_sa_consumer
  to   = confluent_service_account.this["consumer"]
}

moved {
  from = confluent_role_binding.example_aws_private_link_role_binding_cluster_admin
  to   = confluent_role_binding.admin["cluster"]
}

moved {
  from = confluent_api_key.example_aws_private_link_api_key_sa_cluster_admin
  to   = confluent_api_key.kafka["admin"]
}

moved {
  from = confluent_api_key.example_aws_private_link_api_key_producer
  to   = confluent_api_key.kafka["producer"]
}

moved {
  from = confluent_api_key.example_aws_private_link_api_key_consumer
  to   = confluent_api_key.kafka["consumer"]
}
