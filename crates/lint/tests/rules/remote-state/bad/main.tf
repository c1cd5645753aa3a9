data "terraform_remote_state" "foundation" {
  backend = "s3"
}
