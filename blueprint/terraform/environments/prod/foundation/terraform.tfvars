# What differs from environment to environment. Replace the ids with your own.
org                 = "acme"
project             = "streams"
environment         = "prod"
region              = "eu-central-1"
region_code         = "euc1"
owner               = "platform"
cost_center         = "4711"
data_classification = "confidential"
repository          = "github.com/acme/streams"

vpc_id = "vpc-0123456789abcdef0"
subnets_by_zone_id = {
  euc1-az1 = "subnet-0123456789abcdef1"
  euc1-az2 = "subnet-0123456789abcdef2"
  euc1-az3 = "subnet-0123456789abcdef3"
}
route_table_ids           = ["rtb-0123456789abcdef0"]
client_security_group_ids = { runner = "sg-0123456789abcdef0" }

cluster_size      = 4
database_capacity = { min = 1, max = 32 }
tables            = { orders = { hash_key = { name = "id" } } }
secrets = {
  orders-db = { description = "Replication user of the orders database", generate = { fields = { username = "replication" } } }
}

worker_image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice@sha256:0000000000000000000000000000000000000000000000000000000000000000"

deletion_protection  = true
secret_recovery_days = 30
