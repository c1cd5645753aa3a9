aws logs tail /aws/confluent/lcc-abc --follow
