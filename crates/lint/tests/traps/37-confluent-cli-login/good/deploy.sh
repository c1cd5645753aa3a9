export CONFLUENT_CLOUD_EMAIL=me@example.com
confluent login
