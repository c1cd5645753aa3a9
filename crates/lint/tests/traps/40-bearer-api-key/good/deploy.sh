curl -u "$KEY:$SECRET" https://api.confluent.cloud/connect/v1/environments/env-1/clusters/lkc-1/connectors/orders/status
