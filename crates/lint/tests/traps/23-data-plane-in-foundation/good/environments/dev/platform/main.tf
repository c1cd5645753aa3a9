terraform {
  backend "s3" {
    bucket       = "state"
    key          = "platform/terraform.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
  }
}

resource "confluent_kafka_topic" "orders" {
  topic_name       = "orders"
  partitions_count = 6

}
