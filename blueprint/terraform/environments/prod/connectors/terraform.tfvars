# What differs from environment to environment.
project     = "streams"
environment = "prod"
region      = "eu-central-1"
