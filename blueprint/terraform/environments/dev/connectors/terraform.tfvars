# What differs from environment to environment.
project     = "streams"
environment = "dev"
region      = "eu-central-1"
