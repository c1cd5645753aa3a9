confluent connect cluster list
confluent connect cluster describe lcc-abc
confluent connect logs lcc-abc --level ERROR
