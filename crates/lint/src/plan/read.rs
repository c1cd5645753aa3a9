//! Reading a plan. Its format is Terraform's "JSON output format", major version 1.

use std::fmt;
use std::path::Path;

use serde_json::{Map, Value};

use super::change::{Action, Change, Counts};
use super::redact::Secrets;
use crate::Error;

/// A plan, as `terraform show -json PLAN` prints it.
pub struct PlanJson {
    /// The program that made it.
    pub terraform_version: Option<String>,
    /// What is planned, in the plan's order.
    pub changes: Vec<Change>,
    /// What was found to differ from the state before planning.
    pub drift: Vec<Change>,
    /// Whether planning failed half-way.
    pub is_errored: bool,
    /// Changes that are put off to a later plan.
    pub deferred: Vec<Change>,
    /// Whether Terraform says that nothing is left out: `-target` and changes that are put off leave something out.
    pub is_complete: bool,
    /// Topics that pass to another team: topic, team now, team afterwards.
    pub owners: Vec<(String, String, String)>,
    pub(crate) secrets: Secrets,
}

// Invariant 5: a plan holds secrets.
impl fmt::Debug for PlanJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlanJson").field("changes", &self.changes).finish_non_exhaustive()
    }
}

impl PlanJson {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is no plan.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|source| Error::read(path, source))?;
        Self::parse(path, &bytes)
    }

    /// Reads the bytes of a file; `path` is for messages only.
    ///
    /// # Errors
    /// They are no plan: the message says where and what was expected instead, and quotes no value.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let wrong = |what: String| Error::Plan { path: path.to_owned(), what };
        let root: Value = serde_json::from_slice(bytes).map_err(|error| wrong(not_json(bytes, &error)))?;
        Self::of(&root).map_err(wrong)
    }

    fn of(root: &Value) -> Result<Self, String> {
        let Some(plan) = root.as_object() else {
            return Err(format!("it is {}, not an object; {HOW}", kind(root)));
        };
        match plan.get("format_version") {
            Some(Value::String(version)) if version.split('.').next() == Some("1") => {}
            Some(Value::String(version)) => {
                let version: String =
                    version.chars().filter(|c| c.is_ascii_digit() || *c == '.').take(12).collect();
                return Err(format!("its format is version {version:?}, and only 1.x is known"));
            }
            _ => return Err(format!("it has no format_version; {HOW}")),
        }
        is_plan(plan)?;
        let changes = changes(plan, "resource_changes", change)?;
        let drift = self::changes(plan, "resource_drift", change)?;
        let deferred = self::changes(plan, "deferred_changes", deferred)?;
        let secrets = Secrets::of(root, changes.iter().chain(&drift).chain(&deferred));
        Ok(Self {
            terraform_version: plan.get("terraform_version").and_then(Value::as_str).map(str::to_owned),
            changes,
            drift,
            is_errored: plan.get("errored").and_then(Value::as_bool).unwrap_or(false),
            deferred,
            owners: owners(plan),
            // Terraform before 1.8 does not say, and knows nothing to put off.
            is_complete: plan.get("complete").and_then(Value::as_bool).unwrap_or(true),
            secrets,
        })
    }

    /// How many resources of each kind of action.
    pub fn counts(&self) -> Counts {
        Counts::of(&self.changes)
    }
}

const HOW: &str = "make the file with `terraform show -json PLAN > plan.json`";

fn not_json(bytes: &[u8], error: &serde_json::Error) -> String {
    // `terraform plan -json` prints a line of JSON for each event.
    let first_line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_events =
        serde_json::from_slice::<Value>(first_line).is_ok_and(|line| line.get("@level").is_some());
    match is_events {
        true => format!("it is the log of `terraform plan -json`, not a plan; {HOW}"),
        // The parser's own words name the place and what was expected, and no value.
        false => format!("it is not JSON: {error}; {HOW}"),
    }
}

// Every answer of Terraform in JSON has a format_version. A plan has its configuration and what it leads to, also when
// it changes nothing.
fn is_plan(plan: &Map<String, Value>) -> Result<(), String> {
    let has = |key: &str| plan.get(key).is_some_and(|value| !value.is_null());
    if has("resource_changes") {
        return Ok(());
    }
    if plan.get("planned_values").is_some_and(holds_resources) {
        return Err(format!(
            "it plans resources and has no resource_changes, so something was cut out; {HOW}"
        ));
    }
    if has("planned_values") || has("configuration") {
        return Ok(());
    }
    let what = match () {
        () if has("values") => "it is a state, not a plan",
        () if has("valid") => "it is the answer of `terraform validate -json`",
        () if has("provider_schemas") => "it is the answer of `terraform providers schema -json`",
        () => {
            "it has neither resource_changes nor planned_values nor configuration; the JSON of an empty state looks like this"
        }
    };
    Err(format!("{what}; {HOW}"))
}

fn holds_resources(values: &Value) -> bool {
    // A module that is called and holds nothing is not listed.
    let root = &values["root_module"];
    let any = |key: &str| root[key].as_array().is_some_and(|list| !list.is_empty());
    any("resources") || any("child_modules")
}

type Read = fn(&Value, &str) -> Result<Change, String>;

fn changes(plan: &Map<String, Value>, key: &str, one: Read) -> Result<Vec<Change>, String> {
    let list = match plan.get(key) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(other) => return Err(format!("{key} is {}, not a list", kind(other))),
    };
    list.iter().enumerate().map(|(index, item)| one(item, &format!("{key}[{index}]"))).collect()
}

// Who owns a topic stands in no resource. The stack platform tells it by the output topic_owners, a map of texts.
fn owners(plan: &Map<String, Value>) -> Vec<(String, String, String)> {
    let change = plan.get("output_changes").and_then(|outputs| outputs.get("topic_owners"));
    let side = |side: &str| change.and_then(|change| change.get(side)).and_then(Value::as_object);
    let (Some(before), Some(after)) = (side("before"), side("after")) else { return Vec::new() };
    let moved = |(topic, now): (&String, &Value)| {
        let (now, then) = (now.as_str()?, after.get(topic)?.as_str()?);
        (now != then).then(|| (topic.clone(), now.to_owned(), then.to_owned()))
    };
    before.iter().filter_map(moved).collect()
}

// A change with the reason for which it is put off.
fn deferred(item: &Value, at: &str) -> Result<Change, String> {
    let item = object(Some(item), at)?;
    let at = format!("{at}.resource_change");
    change(item.get("resource_change").unwrap_or(&Value::Null), &at)
}

fn change(item: &Value, at: &str) -> Result<Change, String> {
    let item = object(Some(item), at)?;
    let details = object(item.get("change"), &format!("{at}.change"))?;
    let text = |key: &str| match item.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(format!("{at}.{key} is {}, not a text", kind(other))),
    };
    let value = |key: &str| details.get(key).cloned().unwrap_or(Value::Null);
    let required = |key: &str| text(key)?.ok_or_else(|| format!("{at} has no {key}"));
    Ok(Change {
        address: required("address")?,
        previous_address: text("previous_address")?,
        r#type: required("type")?,
        is_data: text("mode")?.as_deref() == Some("data"),
        deposed: text("deposed")?,
        action: action(details.get("actions"), &format!("{at}.change.actions"))?,
        reason: text("action_reason")?,
        is_import: details.get("importing").is_some_and(Value::is_object),
        before: value("before"),
        after: value("after"),
        after_unknown: value("after_unknown"),
        before_sensitive: value("before_sensitive"),
        after_sensitive: value("after_sensitive"),
        replace_paths: replace_paths(details.get("replace_paths")),
    })
}

fn object<'a>(value: Option<&'a Value>, at: &str) -> Result<&'a Map<String, Value>, String> {
    match value {
        Some(Value::Object(map)) => Ok(map),
        Some(other) => Err(format!("{at} is {}, not an object", kind(other))),
        None => Err(format!("{at} is missing")),
    }
}

fn action(list: Option<&Value>, at: &str) -> Result<Action, String> {
    let Some(list) = list.and_then(Value::as_array) else {
        return Err(format!("{at} is not a list of actions"));
    };
    let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
    match words[..] {
        ["no-op"] if list.len() == 1 => Ok(Action::NoOp),
        ["read"] if list.len() == 1 => Ok(Action::Read),
        ["create"] if list.len() == 1 => Ok(Action::Create),
        ["update"] if list.len() == 1 => Ok(Action::Update),
        ["delete"] if list.len() == 1 => Ok(Action::Delete),
        ["forget"] if list.len() == 1 => Ok(Action::Forget),
        ["delete", "create"] | ["create", "delete"] if list.len() == 2 => Ok(Action::Replace),
        // The old object stays as it is, outside Terraform.
        ["create", "forget"] | ["forget", "create"] if list.len() == 2 => Ok(Action::Create),
        // An action that we do not know could destroy: nothing can be said about such a plan.
        _ => Err(format!("{at} holds actions that are not known, so nothing can be said about the plan")),
    }
}

// `[["zones"], ["dns_config", 0, "resolution"]]` is `zones` and `dns_config[0].resolution`.
fn replace_paths(paths: Option<&Value>) -> Vec<String> {
    let one = |path: &Value| {
        let mut text = String::new();
        for step in path.as_array().into_iter().flatten() {
            match step {
                Value::String(name) if text.is_empty() => text.push_str(name),
                Value::String(name) => text.push_str(&format!(".{name}")),
                other => text.push_str(&format!("[{other}]")),
            }
        }
        text
    };
    paths.and_then(Value::as_array).into_iter().flatten().map(one).filter(|path| !path.is_empty()).collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
