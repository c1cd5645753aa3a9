resource "null_resource" "probe" {
  provisioner "local-exec" {
    command = "nc -z ${var.host} 9092"
  }
}

variable "host" {
  description = "Host."
  type        = string
}
