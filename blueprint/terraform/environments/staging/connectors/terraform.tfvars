# What differs from environment to environment.
project     = "streams"
environment = "staging"
region      = "eu-central-1"
