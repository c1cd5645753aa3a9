//! Files of teams: what they must say, and that no team takes what is another's.
//!
//! The blueprint's module `teams` refuses the same when Terraform plans.

use std::path::{Component, Path};

use serde_norway::Value;

use crate::place::Place;
use crate::terraform::connector::ConnectorFile;
use crate::terraform::rule::{Report, Rule};
use crate::terraform::team::TeamFile;
use crate::terraform::tree::Tree;

const KNOWN: [&str; 9] = [
    "alarm_subscribers",
    "connectors",
    "description",
    "groups",
    "owner",
    "roles",
    "subject_prefixes",
    "topic_prefixes",
    "topics",
];
const KNOWN_OF_TOPIC: [&str; 3] = ["classification", "config", "partitions"];
const KNOWN_OF_CONNECTORS: [&str; 4] = ["consumes", "plugins", "produces", "quota"];
const MAPPINGS: [&str; 3] = ["connectors", "roles", "topics"];
const LISTS: [&str; 4] = ["alarm_subscribers", "groups", "subject_prefixes", "topic_prefixes"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "team-file",
        code: "SL1361",
        summary: "a team.yaml that is no YAML, lacks owner or description, or has a key that nothing reads",
        help: "write description, owner, topic_prefixes, topics and so on as the README of the module teams shows; a misspelt key would be left out without a word",
        check: |tree, report| tree.teams.iter().for_each(|team| file(team, report)),
    },
    Rule {
        id: "team-topic",
        code: "SL1362",
        summary: "a topic that two teams declare, a topic outside its team's topic_prefixes, or a prefix within another team's",
        help: "leave the topic to the team that its prefix belongs to, and ask for a role on it (`roles`); to hand it over, move topic and prefix in one change",
        check: |tree, report| tree.teams.iter().for_each(|team| topics(tree, team, report)),
    },
    Rule {
        id: "team-connector",
        code: "SL1363",
        summary: "a connector that belongs to no team or to two: rights on connectors are given by the prefix `<team>-`",
        help: "begin the connector's name with its team's name and a hyphen; give teams with connectors names of which none begins with another and a hyphen",
        check: |tree, report| {
            tree.teams.iter().for_each(|team| names(tree, team, report));
            tree.connectors.iter().for_each(|connector| belongs(tree, connector, report));
        },
    },
];

fn file(team: &TeamFile, report: &mut Report) {
    let mut wrong = |place: Place, what: String| {
        report.place(&team.path, place, format!("the file of the team {} {what}", team.name));
    };
    let document = match &team.document {
        Ok(document) => document,
        Err((place, message)) => return wrong(*place, format!("is no YAML: {message}")),
    };
    let start = Place { line: 1, column: 1 };
    let Some(mapping) = document.as_mapping() else {
        return wrong(start, "is no mapping".to_owned());
    };
    for key in ["description", "owner"] {
        if team.get(key).and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()) {
            wrong(start, format!("has no {key}"));
        }
    }
    for key in mapping.keys().map(shown).filter(|key| !KNOWN.contains(&key.as_str())) {
        wrong(team.place(&key), format!("has {key}; known are {}", KNOWN.join(", ")));
    }
    for key in MAPPINGS {
        if team.get(key).is_some_and(|value| !value.is_mapping()) {
            wrong(team.place(key), format!("has {key}, which must be a mapping"));
        }
    }
    for key in LISTS {
        let is_list = |value: &Value| {
            value.as_sequence().is_some_and(|list| list.iter().all(|entry| entry.as_str().is_some()))
        };
        if team.get(key).is_some_and(|value| !is_list(value)) {
            wrong(team.place(key), format!("has {key}, which must be a list of texts"));
        }
    }
    let mut parts = vec![("connectors".to_owned(), &document["connectors"], &KNOWN_OF_CONNECTORS[..])];
    for (name, topic) in document["topics"].as_mapping().into_iter().flatten() {
        parts.push((format!("the topic {}", shown(name)), topic, &KNOWN_OF_TOPIC));
    }
    for (name, part, known) in parts {
        let keys = part.as_mapping().into_iter().flat_map(|part| part.keys());
        for key in keys.map(shown).filter(|key| !known.contains(&key.as_str())) {
            wrong(team.place(&key), format!("has {key} at {name}; known are {}", known.join(", ")));
        }
    }
}

fn shown(key: &Value) -> String {
    match key {
        Value::String(text) => text.clone(),
        // A key that is no text is as unknown as any.
        other => format!("{other:?}").chars().take(40).collect(),
    }
}

// Teams of the same folder, but for the team itself.
fn others<'a>(tree: &'a Tree, team: &'a TeamFile) -> impl Iterator<Item = &'a TeamFile> {
    tree.teams.iter().filter(move |other| other.folder == team.folder && other.name != team.name)
}

fn topics(tree: &Tree, team: &TeamFile, report: &mut Report) {
    for topic in team.topics() {
        let place = team.place(topic);
        let declaring: Vec<&str> = others(tree, team)
            .filter(|other| other.topics().contains(&topic))
            .map(|other| other.name.as_str())
            .collect();
        if !declaring.is_empty() {
            let message =
                format!("the topic {topic} of {} is also declared by {}", team.name, declaring.join(" and "));
            report.place(&team.path, place, message);
        }
        if !team.owns(topic) {
            let own = match team.list("topic_prefixes") {
                list if list.is_empty() => "it has none".to_owned(),
                list => list.join(", "),
            };
            let owners: Vec<&str> = others(tree, team)
                .filter(|other| other.owns(topic))
                .map(|other| other.name.as_str())
                .collect();
            let whose = match owners[..] {
                [] => String::new(),
                _ => format!(", and with one of {}", owners.join(" and ")),
            };
            let message = format!(
                "the topic {topic} of {} begins with none of its topic_prefixes ({own}){whose}",
                team.name
            );
            report.place(&team.path, place, message);
        }
    }
    for prefix in team.list("topic_prefixes") {
        for other in others(tree, team) {
            for wider in other.list("topic_prefixes").into_iter().filter(|wider| prefix.starts_with(wider)) {
                let message =
                    format!("the topic prefix {prefix} of {} lies in {wider} of {}", team.name, other.name);
                report.place(&team.path, team.place(prefix), message);
            }
        }
    }
}

fn names(tree: &Tree, team: &TeamFile, report: &mut Report) {
    if !team.has_connectors() {
        return;
    }
    for other in others(tree, team).filter(|other| other.has_connectors()) {
        if team.name.starts_with(&format!("{}-", other.name)) {
            let message = format!(
                "the teams {} and {} both have connectors, and {0} would have rights on the connectors of {1}, whose names begin with {0}- too",
                other.name, team.name
            );
            report.place(&team.path, team.place("connectors"), message);
        }
    }
}

// Rendered files `rendered/<environment>/<connector>.json` are what Terraform makes connectors of; teams stand beside
// them, in a folder of the same repository.
fn belongs(tree: &Tree, connector: &ConnectorFile, report: &mut Report) {
    let Some(repository) = rendered_in(&connector.path) else { return };
    let is_module =
        |team: &TeamFile| team.path.components().any(|part| part == Component::Normal("modules".as_ref()));
    let teams: Vec<&TeamFile> =
        tree.teams.iter().filter(|team| team.folder.starts_with(repository) && !is_module(team)).collect();
    let Some(name) = connector.path.file_stem().map(|stem| stem.to_string_lossy()) else { return };
    if teams.is_empty() {
        return;
    }
    let with_connectors = || teams.iter().filter(|team| team.has_connectors());
    // Two owners are the teams' names to mend, and found there.
    if !with_connectors().any(|team| name.starts_with(&format!("{}-", team.name))) {
        let known: Vec<&str> = with_connectors().map(|team| team.name.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let message = format!(
            "the connector {name} belongs to no team; teams with connectors are {known}, and names begin with theirs"
        );
        report.key(connector, "name", message);
    }
}

fn rendered_in(path: &Path) -> Option<&Path> {
    let rendered = path.parent()?.parent()?;
    (rendered.file_name()? == "rendered").then_some(rendered.parent()?)
}
