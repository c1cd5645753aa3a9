# What the group itself needs in Kafka. What its connectors read and write is theirs, and given elsewhere.

locals {
  transactional = var.exactly_once == "disabled" ? [] : [
    "connect-cluster-${local.group_id}", # the leader, when it writes the configs
    "${local.group_id}-*",               # tasks of sources: GROUP-CONNECTOR-TASK
  ]

  grants = var.rights == null ? [] : concat(
    [for name in values(local.topic_names) : { role = "DeveloperRead", resource = "topic=${name}" }],
    [for name in values(local.topic_names) : { role = "DeveloperWrite", resource = "topic=${name}" }],
    # The workers make the topics themselves.
    [for name in values(local.topic_names) : { role = "DeveloperManage", resource = "topic=${name}" } if !var.internal_topics.create],
    [{ role = "DeveloperRead", resource = "group=${local.group_id}" }],
    [for id in local.transactional : { role = "DeveloperWrite", resource = "transactional-id=${id}" }],
  )
}

resource "confluent_role_binding" "this" {
  for_each = { for g in local.grants : "${g.role}/${g.resource}" => g }

  principal              = var.rights.principal
  role_name              = each.value.role
  crn_pattern            = "${var.rights.cluster.crn}/kafka=${var.rights.cluster.id}/${each.value.resource}"
  disable_wait_for_ready = true
}
