# What differs from environment to environment.
org                 = "acme"
project             = "streams"
environment         = "staging"
region              = "eu-central-1"
region_code         = "euc1"
owner               = "platform"
cost_center         = "4711"
data_classification = "internal"
repository          = "github.com/acme/streams"

alarm_email          = "platform-oncall@acme.example"
deletion_protection  = true
secret_recovery_days = 30
