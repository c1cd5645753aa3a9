# What the files <team>/team.yaml say, checked against each other: no team takes what is another's. No resources.
#
# Nothing here fails by itself: faults are collected and reported together, with the teams' names, by the precondition
# of the output accounts.

locals {
  files = { for file in fileset(var.folder, "*/team.yaml") : dirname(file) => yamldecode(file("${var.folder}/${file}")) }

  # A misspelt key would be left out without a word.
  known            = ["alarm_subscribers", "connectors", "description", "groups", "owner", "roles", "subject_prefixes", "topic_prefixes", "topics"]
  known_topic      = ["classification", "config", "partitions"]
  known_connectors = ["consumes", "plugins", "produces", "quota"]

  # A key without a value counts as left out.
  owner       = { for team, t in local.files : team => try(trimspace(t.owner), "") }
  description = { for team, t in local.files : team => try(trimspace(t.description), "") }
  prefixes    = { for team, t in local.files : team => try(toset([for prefix in t.topic_prefixes : tostring(prefix)]), toset([])) }
  topics      = { for team, t in local.files : team => t.topics if can(keys(t.topics)) }
  connectors  = { for team, t in local.files : team => t.connectors if can(keys(t.connectors)) }

  # Who declares each topic, and to whom its name belongs.
  declared_by = { for pair in flatten([for team, topics in local.topics : [for name in keys(topics) : { team = team, topic = name }]]) : pair.topic => pair.team... }
  belongs_to  = { for name in keys(local.declared_by) : name => [for team, prefixes in local.prefixes : team if anytrue([for prefix in prefixes : startswith(name, prefix)])] }
}

locals {
  file_faults = flatten([for team, t in local.files : [for fault in [
    can(keys(t)) ? "" : "is no mapping",
    !can(keys(t)) || length(setsubtract(try(keys(t), []), local.known)) == 0 ? "" :
    "has ${join(", ", setsubtract(try(keys(t), []), local.known))}; known are ${join(", ", local.known)}",
    local.owner[team] == "" ? "names no owner" : "",
    local.description[team] == "" ? "has no description" : "",
    join(", ", [for key in ["topics", "roles", "connectors"] : "has ${key}, which must be a mapping" if try(t[key], null) != null && !can(keys(t[key]))]),
    join(", ", [for key in ["topic_prefixes", "subject_prefixes", "groups", "alarm_subscribers"] : "has ${key}, which must be a list" if try(t[key], null) != null && (can(keys(t[key])) || !can([for entry in t[key] : tostring(entry)]))]),
    join(", ", [for name, topic in lookup(local.topics, team, {}) : "has ${join(", ", setsubtract(keys(topic), local.known_topic))} at the topic ${name}; known are ${join(", ", local.known_topic)}" if length(setsubtract(try(keys(topic), []), local.known_topic)) > 0]),
    length(setsubtract(try(keys(t.connectors), []), local.known_connectors)) == 0 ? "" :
    "has ${join(", ", setsubtract(keys(t.connectors), local.known_connectors))} at connectors; known are ${join(", ", local.known_connectors)}",
  ] : "${team}/team.yaml ${fault}" if fault != ""]])

  shared_topics = [for name, teams in local.declared_by : "the topic ${name} is declared by ${join(" and ", teams)}: a topic has one team, and others get roles on it" if length(teams) > 1]

  foreign_topics = flatten([for name, teams in local.declared_by : [for team in teams :
    "the topic ${name} of ${team} begins with none of its topic_prefixes (${length(local.prefixes[team]) == 0 ? "it has none" : join(", ", local.prefixes[team])})${length(local.belongs_to[name]) == 0 ? "" : ", and with one of ${join(" and ", local.belongs_to[name])}"}"
    if !contains(local.belongs_to[name], team)
  ]])

  # Rights on connectors are given by the prefix <team>-.
  shared_connectors = flatten([for a in keys(local.connectors) : [for b in keys(local.connectors) :
    "the teams ${a} and ${b} both have connectors, and the names of ${b} begin with ${a}- too: ${a} would have rights on the connectors of ${b}; give one of them another name"
    if startswith(b, "${a}-")
  ]])

  faults = concat(local.file_faults, local.shared_topics, local.foreign_topics, local.shared_connectors)
}
