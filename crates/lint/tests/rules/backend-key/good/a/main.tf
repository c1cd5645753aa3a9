terraform {
  backend "s3" {
    bucket       = "state"
    key          = "a/terraform.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
  }
}

