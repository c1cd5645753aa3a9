locals {
  name = "orders-${terraform.workspace}"
}
