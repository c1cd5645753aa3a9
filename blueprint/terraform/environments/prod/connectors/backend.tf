# The bucket is versioned and encrypted, and only this stack's role reads this key: the state holds connector secrets.
terraform {
  backend "s3" {
    bucket       = "acme-streams-terraform-state"
    key          = "prod/connectors.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
  }
}
