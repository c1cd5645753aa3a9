confluent connect list
confluent connect cluster status lcc-abc
confluent connect cluster pause orders-sink
