confluent connect cluster update lcc-abc --config-file orders.json
