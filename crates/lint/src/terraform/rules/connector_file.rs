//! Connector files: what every target reads.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use hcl_edit::expr::Expression;
use regex::Regex;

use crate::secret_name;
use crate::terraform::connector::{ConnectorFile, text_of};
use crate::terraform::file::HclFile;
use crate::terraform::rule::{Report, Rule};
use crate::terraform::{value, walk};

// `${provider:path:key}` or `${provider:key}`, and nothing else.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| regex(r"^\$\{[A-Za-z0-9_-]+:[^{}]+\}$"));
static SUBSTITUTION: LazyLock<Regex> = LazyLock::new(|| regex(r"^\$\([^()]+\)$"));
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| regex(r"\$\{([^{}:]*)\}"));
static ACCESS_KEY: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"));
static USER_INFO: LazyLock<Regex> = LazyLock::new(|| regex(r"://[^/\s:@]+:([^/\s@]+)@"));

/// Names that connectors put in themselves, record by record.
const OWN: [&str; 7] = ["topic", "partition", "timestamp", "key", "connector", "task", "lcc"];

/// Keys of self-managed connectors that managed ones do not have, and what these have instead.
const SELF_MANAGED: [(&str, &str); 7] = [
    ("storage.class", "nothing: the plugin is the storage"),
    ("format.class", "output.data.format"),
    ("partitioner.class", "time.interval"),
    ("s3.region", "nothing: the region is the cluster's"),
    ("key.converter", "input.key.format or output.key.format"),
    ("value.converter", "input.data.format or output.data.format"),
    ("confluent.topic.bootstrap.servers", "nothing"),
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "connector-json",
        code: "SL1301",
        summary: "a connector file that is not a JSON object",
        help: "write `{ \"name\": ..., \"config\": { ... } }`",
        check: |tree, report| {
            for broken in tree.broken.iter().filter(|broken| broken.is_connector) {
                report.place(&broken.path, broken.place, format!("this is no connector: {}", broken.message));
            }
        },
    },
    Rule {
        id: "plain-secret",
        code: "SL1302",
        summary: "a secret in plain text in a connector file, or in Terraform",
        help: "put it into a secret store and write a reference (`${secretsmanager:NAME:KEY}`; in Terraform a variable without a default); then change the secret, because it is in the history",
        check: |tree, report| {
            tree.connectors.iter().for_each(|connector| in_connector(connector, report));
            for file in tree.folders.iter().flat_map(|folder| folder.all_files()) {
                in_terraform(file, report);
            }
        },
    },
    Rule {
        id: "connector-duplicate",
        code: "SL1303",
        summary: "two connectors of one name in one folder",
        help: "rename one: the second would overwrite the first, and its offsets would be the first one's",
        check: |tree, report| {
            let mut seen: BTreeMap<(PathBuf, String), String> = BTreeMap::new();
            for connector in &tree.connectors {
                let Some(name) = &connector.name else { continue };
                let folder = connector.path.parent().map(PathBuf::from).unwrap_or_default();
                let path = connector.path.display().to_string();
                if let Some(other) = seen.insert((folder, name.clone()), path) {
                    report.key(connector, "name", format!("the name {name:?} is also that of {other}"));
                }
            }
        },
    },
    Rule {
        id: "java-class-on-managed",
        code: "SL1304",
        summary: "a managed connector with a Java class, or with keys that only self-managed ones have",
        help: "use the plugin's id (S3_SINK, PostgresCdcSourceV2, ...) and its keys; `sluice translate` knows both",
        check: |tree, report| {
            for connector in tree.connectors.iter().filter(|connector| connector.is_managed()) {
                let class = connector.class();
                if class.contains('.') {
                    report.key(connector, "connector.class", format!("{class} is a Java class"));
                }
                for (key, instead) in SELF_MANAGED {
                    if connector.config.contains_key(key) {
                        let message =
                            format!("managed connectors have no {key}; instead they have {instead}");
                        report.key(connector, key, message);
                    }
                }
            }
        },
    },
    Rule {
        id: "connector-key-auth",
        code: "SL1305",
        summary: "a managed connector that authenticates with an API key",
        help: "use `kafka.auth.mode = SERVICE_ACCOUNT` with `kafka.service.account.id`: a key is one more secret, in the state and to rotate",
        check: |tree, report| {
            for connector in &tree.connectors {
                let by_key = connector.text("kafka.auth.mode").as_deref() == Some("KAFKA_API_KEY");
                for key in ["kafka.auth.mode", "kafka.api.key", "kafka.api.secret"] {
                    if connector.config.contains_key(key) && (by_key || key != "kafka.auth.mode") {
                        report.key(connector, key, format!("{key} makes the connector depend on an API key"));
                        break;
                    }
                }
            }
        },
    },
    Rule {
        id: "unexpanded-variable",
        code: "SL1306",
        summary: "a `${variable}` in a connector file, which nothing replaces",
        help: "write the value, or `$(variable)` for what `sluice render` fills in; `${provider:path:key}` is for secrets",
        check: |tree, report| {
            for connector in &tree.connectors {
                for (key, value) in &connector.config {
                    // Replacements name groups of a regular expression.
                    if key.ends_with(".replacement") {
                        continue;
                    }
                    let text = text_of(value);
                    let variable = VARIABLE.captures_iter(&text).map(|found| found[1].trim().to_owned());
                    if let Some(name) = variable.into_iter().find(|name| !OWN.contains(&name.as_str())) {
                        report.key(connector, key, format!("{key} keeps the text ${{{name}}}"));
                    }
                }
            }
        },
    },
    Rule {
        id: "copied-connector",
        code: "SL1307",
        summary: "one connector written out for several environments",
        help: "keep one file and let the others say only what differs (`_base` and `$(variable)`); three copies drift apart",
        check: |tree, report| {
            let mut seen: BTreeMap<(PathBuf, String), &ConnectorFile> = BTreeMap::new();
            for connector in tree.connectors.iter().filter(|connector| is_source_form(connector)) {
                let Some((above, name)) = place_among_environments(connector) else { continue };
                let Some(other) = seen.insert((above, name), connector) else { continue };
                let same = connector
                    .config
                    .iter()
                    .filter(|(key, value)| other.config.get(*key) == Some(value))
                    .count();
                let whole = connector.config.contains_key("connector.class")
                    && other.config.contains_key("connector.class");
                if whole && same * 2 > connector.config.len() {
                    let message = format!(
                        "{same} of its {} settings stand in {} as well",
                        connector.config.len(),
                        other.path.display()
                    );
                    report.key(connector, "connector.class", message);
                }
            }
        },
    },
];

fn in_connector(connector: &ConnectorFile, report: &mut Report) {
    for (key, value) in &connector.config {
        let text = text_of(value);
        let is_reference = REFERENCE.is_match(&text) || SUBSTITUTION.is_match(&text);
        if secret_name::is_secret(key) && !is_blank(&text) && !is_reference {
            report.key(connector, key, format!("{key} holds a secret in plain text"));
        } else if ACCESS_KEY.is_match(&text) {
            report.key(connector, key, format!("{key} holds an AWS access key"));
        } else if USER_INFO.captures(&text).is_some_and(|found| !found[1].starts_with("${")) {
            report.key(connector, key, format!("{key} holds a password in a URL"));
        }
    }
}

// A template's blank, to be filled in, is no secret.
fn is_blank(text: &str) -> bool {
    text.is_empty() || (text.starts_with('<') && text.ends_with('>'))
}

// Names and texts as they stand; whatever is computed cannot be plain.
fn in_terraform(file: &HclFile, report: &mut Report) {
    for block in file.body.blocks().filter(|block| block.has_ident("variable")) {
        let name = block.labels.first().map_or("", |label| label.as_str());
        if let Some(default) = block.body.get_attribute("default")
            && secret_name::is_secret(name)
        {
            in_value(file, name, &default.value, report);
        }
    }
    for (key, attribute) in walk::attributes(&file.body) {
        in_value(file, key, attribute, report);
        for (key, member) in walk::all(attribute).into_iter().flat_map(value::members) {
            in_value(file, &key, member, report);
        }
    }
}

fn in_value(file: &HclFile, key: &str, value: &Expression, report: &mut Report) {
    let Some(text) = value::literal(value).filter(|text| !is_blank(text)) else { return };
    let is_reference = REFERENCE.is_match(&text) || text.starts_with("arn:");
    if ACCESS_KEY.is_match(&text) || (secret_name::is_secret(key) && !is_reference) {
        report.at(file, value, format!("{key} holds a secret in plain text"));
    }
}

// Rendered files are whole on purpose.
fn is_source_form(connector: &ConnectorFile) -> bool {
    let mut components = connector.path.components();
    components.any(|component| component.as_os_str() == "connectors")
        && !connector.path.components().any(|component| component.as_os_str() == "rendered")
}

// `connectors/prod/orders.json` is `connectors` and `orders.json`.
fn place_among_environments(connector: &ConnectorFile) -> Option<(PathBuf, String)> {
    let environment = connector.path.parent()?;
    let above = environment.parent()?;
    (above.file_name()? == "connectors").then(|| {
        let name = connector.path.file_name().map(|name| name.to_string_lossy().into_owned());
        (above.to_owned(), name.unwrap_or_default())
    })
}

#[allow(clippy::expect_used)] // the patterns are constants, and a test uses each
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}
