terraform {
  backend "s3" {
    bucket       = "state"
    key          = "foundation/terraform.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
  }
}

module "cluster" {
  source  = "./cluster"
  cluster = { type = "dedicated", cku = 2, deletion_protection = true }
}
