# The bucket is versioned and encrypted, and only this stack's role reads this key: the state names every team and right.
terraform {
  backend "s3" {
    bucket       = "acme-streams-terraform-state"
    key          = "prod/platform.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
  }
}
