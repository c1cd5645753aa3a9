data "aws_ssm_parameter" "cluster_id" {
  name            = "/sluice/dev/cluster_id"
  with_decryption = false
}
