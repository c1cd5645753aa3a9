U=https://api.confluent.cloud/connect/v1/environments/env-1/clusters/lkc-1/connectors/orders
curl -X PUT -u "$KEY" https://api.confluent.cloud/connect/v1/environments/env-1/clusters/lkc-1/connectors/orders/pause
curl -X PUT -u "$KEY" https://api.confluent.cloud/connect/v1/environments/env-1/clusters/lkc-1/connectors/orders/resume
