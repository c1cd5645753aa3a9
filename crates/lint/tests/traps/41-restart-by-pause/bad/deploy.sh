confluent connect cluster pause lcc-abc
confluent connect cluster resume lcc-abc
