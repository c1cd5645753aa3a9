//! The published OpenAPI descriptions, and answers held against them.

mod differences;
mod schema;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, OnceLock};

use serde_json::Value;

/// An operation of a description.
#[derive(Debug)]
struct Operation {
    method: String,
    /// With `{names}` in braces.
    template: String,
    /// The description that has it, to resolve references in.
    document: usize,
    responses: Value,
}

/// All descriptions that were found.
#[derive(Debug)]
pub struct Contract {
    documents: Vec<Value>,
    operations: Vec<Operation>,
}

/// What has been held against the descriptions so far, by all tests of this binary.
#[derive(Debug, Default)]
pub struct Tally {
    pub answers: usize,
    pub operations: BTreeSet<String>,
    /// Answers of operations that no description has.
    pub undescribed: BTreeSet<String>,
}

static TALLY: Mutex<Option<Tally>> = Mutex::new(None);

/// Does something with the tally.
pub fn tally<R>(with: impl FnOnce(&mut Tally) -> R) -> R {
    with(TALLY.lock().unwrap().get_or_insert_default())
}

/// The descriptions, read once; `None`, and said by name, where they are not there. A folder in
/// `SLUICE_CONFLUENT_SPECS` is read as well: descriptions of more of the cloud's services.
pub fn contract() -> Option<&'static Contract> {
    static CONTRACT: OnceLock<Option<Contract>> = OnceLock::new();
    CONTRACT
        .get_or_init(|| {
            let shared = testkit::shared("fake-confluent-cloud::contract")?;
            let mut contract = Contract { documents: Vec::new(), operations: Vec::new() };
            contract.load(&shared.join("specs/confluent-cloud"));
            if let Some(folder) = std::env::var_os("SLUICE_CONFLUENT_SPECS") {
                contract.load(Path::new(&folder));
            }
            Some(contract)
        })
        .as_ref()
}

impl Contract {
    fn load(&mut self, folder: &Path) {
        let mut files: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.to_string_lossy().ends_with(".openapi.yaml"));
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let document: Value =
                serde_norway::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let index = self.documents.len();
            for (template, methods) in document["paths"].as_object().unwrap() {
                for (method, operation) in methods.as_object().unwrap() {
                    if operation.get("responses").is_some() {
                        self.operations.push(Operation {
                            method: method.to_uppercase(),
                            template: template.clone(),
                            document: index,
                            responses: operation["responses"].clone(),
                        });
                    }
                }
            }
            self.documents.push(document);
        }
    }

    /// Says what is wrong with an answer; nothing when it is as described.
    pub fn problems(
        &self,
        method: &str,
        path_and_query: &str,
        status: u16,
        body: Option<(&str, &Value)>,
    ) -> Vec<String> {
        let Some(operation) = self.find(method, path_and_query) else {
            let path = path_and_query.split('?').next().unwrap_or_default();
            tally(|tally| tally.undescribed.insert(format!("{method} {}", family(path))));
            return Vec::new();
        };
        let name = format!("{method} {}", operation.template);
        tally(|tally| {
            tally.answers += 1;
            tally.operations.insert(name.clone());
        });
        let document = &self.documents[operation.document];
        let exact = operation.responses.get(status.to_string());
        let class = operation.responses.get(format!("{}XX", status / 100));
        let Some(response) = exact.or(class) else {
            return differences::remaining(&name, vec![format!("status {status} is not described")]);
        };
        let response = schema::resolve(document, response);
        let content = response["content"].as_object();
        let mut problems = Vec::new();
        match (content, body) {
            (Some(content), Some((media_type, body))) => match content.get(media_type) {
                Some(described) => schema::check(document, &described["schema"], body, "", &mut problems),
                None => problems.push(format!("{media_type} is not described for status {status}")),
            },
            (Some(_), None) => problems.push(format!("status {status} has no body")),
            (None, Some((_, body))) if status < 300 => {
                problems.push(format!("status {status} has a body: {body}"))
            }
            (None, _) => {}
        }
        differences::remaining(&name, problems)
    }

    fn find(&self, method: &str, path_and_query: &str) -> Option<&Operation> {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let fits =
            |operation: &&Operation| operation.method == method && fits(&operation.template, path, query);
        // A template with fewer variables says more: /topics/-/configs before /topics/{topic_name}/configs.
        self.operations.iter().filter(fits).min_by_key(|operation| {
            let about_query = operation.template.contains('?');
            (!about_query, operation.template.matches('{').count())
        })
    }

    /// Operations that the fake could be asked for: those below paths that it serves.
    pub fn operations(&self) -> impl Iterator<Item = String> {
        self.operations.iter().map(|operation| format!("{} {}", operation.method, operation.template))
    }
}

fn fits(template: &str, path: &str, query: &str) -> bool {
    let (template, wanted) = template.split_once('?').unwrap_or((template, ""));
    if wanted.starts_with("expand") != query.contains("expand=") && template.ends_with("/connectors") {
        return false;
    }
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
}

/// A path without ids, for the report.
fn family(path: &str) -> String {
    let parts =
        path.split('/').map(|part| match part.contains('-') && part.chars().any(|c| c.is_ascii_digit()) {
            true => "{id}",
            false => part,
        });
    parts.collect::<Vec<_>>().join("/")
}
