output "accounts" {
  description = "What each team is and may do, for the input teams of service-accounts. Stops the plan when a team takes what is another's."
  value = { for team, t in local.files : team => {
    description      = local.description[team]
    owner            = local.owner[team]
    topic_prefixes   = local.prefixes[team]
    subject_prefixes = try(toset([for prefix in t.subject_prefixes : tostring(prefix)]), toset([]))
    groups           = try(toset([for group in t.groups : tostring(group)]), toset([]))
    connectors       = toset(contains(keys(local.connectors), team) ? ["${team}-*"] : [])
    roles            = { for role, resources in try(t.roles, null) == null ? {} : t.roles : role => toset(resources) }
  } }

  precondition {
    condition     = length(local.faults) == 0
    error_message = "${join("; ", local.faults)}."
  }
}

output "topics" {
  description = "All topics by name, for the input topics of the module topics."
  value = merge([for team, topics in local.topics : { for name, topic in topics : name => {
    owner          = local.owner[team]
    partitions     = try(topic.partitions, 6)
    classification = try(topic.classification, "internal")
    config         = try(topic.config, {})
  } }]...)
}

output "topic_owners" {
  description = "Team of each topic."
  value       = { for name, teams in local.declared_by : name => teams[0] }
}

output "connectors" {
  description = "Teams that have connectors: their owner, and the topics that the connectors write and read."
  value = { for team, connectors in local.connectors : team => {
    owner    = local.owner[team]
    produces = try(toset([for topic in connectors.produces : tostring(topic)]), toset([]))
    consumes = try(toset([for topic in connectors.consumes : tostring(topic)]), toset([]))
  } }
}

output "alarm_subscribers" {
  description = "Mail addresses that hear the alarms, by <team>-<name>."
  value = merge([for team, t in local.files : {
    for address in try([for address in t.alarm_subscribers : tostring(address)], []) : "${team}-${split("@", address)[0]}" => address
  }]...)
}
