confluent connect logs lcc-abc --start-time 2026-01-01T00:00:00Z --end-time 2026-01-01T01:00:00Z
