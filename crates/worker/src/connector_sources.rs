//! Where the program finds the connectors that its worker is to have.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::{ConnectorFile, connector_file};

/// Files, a folder of files, and a JSON text; all of them count.
#[derive(Debug, Clone, Default)]
pub struct ConnectorSources {
    /// Files, each of one connector.
    pub files: Vec<PathBuf>,
    /// A folder: its files `*.json` and `*.properties`. Hidden files are passed over, such as those that a mounted
    /// ConfigMap of Kubernetes has beside its own.
    pub folder: Option<PathBuf>,
    /// A JSON object of connectors by name, `{"NAME": {KEYS}}`, for platforms that have variables and no files.
    pub json: Option<String>,
}

impl ConnectorSources {
    /// Reads all of them.
    ///
    /// # Errors
    /// All problems, each with the place.
    pub fn read(&self) -> Result<Vec<ConnectorFile>, Vec<String>> {
        let mut problems = Vec::new();
        let mut paths = self.files.clone();
        if let Some(folder) = &self.folder {
            match files_of(folder) {
                Ok(files) => paths.extend(files),
                Err(why) => problems.push(format!("{}: cannot read the folder: {why}", folder.display())),
            }
        }
        let mut connectors = connector_file::read(&paths).unwrap_or_else(|found| {
            problems.extend(found);
            Vec::new()
        });
        match self.json.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(of_json) {
            Some(Ok(found)) => connectors.extend(found),
            Some(Err(found)) => problems.extend(found),
            None => {}
        }
        problems.extend(twins(&connectors));
        if problems.is_empty() { Ok(connectors) } else { Err(problems) }
    }
}

fn files_of(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let named = path.extension().is_some_and(|end| end == "json" || end == "properties");
        if named && !hidden && path.is_file() {
            found.push(path);
        }
    }
    found.sort(); // the system has them in any order
    Ok(found)
}

fn of_json(text: &str) -> Result<Vec<ConnectorFile>, Vec<String>> {
    const NAME: &str = "connectors in JSON";
    let wrong = |why: String| vec![format!("{NAME}: {why}; write {{\"NAME\": {{\"connector.class\": …}}}}")];
    let all: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(text).map_err(|error| wrong(format!("it is no JSON object: {error}")))?;
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for (name, config) in all {
        let place = Path::new(NAME).join(&name).with_added_extension("json");
        // The form of a file, so that what is said about it is the same.
        let document = serde_json::json!({"name": name, "config": config}).to_string();
        match config.is_object().then(|| connector_file::parse(&place, &document)) {
            Some(Ok(file)) => found.push(file),
            Some(Err(why)) => problems.push(format!("{NAME}: {name}: {why}")),
            None => problems.push(format!("{NAME}: {name}: its config is no JSON object")),
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn twins(connectors: &[ConnectorFile]) -> Vec<String> {
    let mut first: BTreeMap<&str, &Path> = BTreeMap::new();
    let mut problems = Vec::new();
    for file in connectors {
        if let Some(other) = first.insert(&file.name, &file.path) {
            problems.push(format!(
                "{}: connector '{}' is in {} too; each connector has one file",
                file.path.display(),
                file.name,
                other.display()
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sources: &ConnectorSources) -> Vec<String> {
        sources.read().unwrap().into_iter().map(|file| file.name).collect()
    }

    #[test]
    fn a_folder_is_read_in_order_without_what_is_hidden() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("b.json", r#"{"name":"b","config":{"k":1}}"#);
        write("a.properties", "name=a\n");
        write("..data.json", "not JSON");
        write("README.md", "not a connector");
        std::fs::create_dir(folder.path().join("c.json")).unwrap();
        let sources = ConnectorSources { folder: Some(folder.path().to_owned()), ..Default::default() };
        assert_eq!(names(&sources), ["a", "b"]);
    }

    #[test]
    fn json_has_connectors_by_name() {
        let json = r#" {"b": {"tasks.max": 2, "x": null}, "a": {"name": "a"}} "#;
        let sources = ConnectorSources { json: Some(json.to_owned()), ..Default::default() };
        assert_eq!(names(&sources), ["a", "b"]);
        let files = sources.read().unwrap();
        assert_eq!((files[1].config.get("tasks.max"), files[1].config.get("name")), (Some("2"), Some("b")));
        assert!(
            ConnectorSources { json: Some(" ".to_owned()), ..Default::default() }.read().unwrap().is_empty()
        );
    }

    #[test]
    fn every_problem_is_said_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.json"), r#"{"name":"a","config":{}}"#).unwrap();
        let read = |json: &str, folder: Option<&Path>| {
            let folder = folder.map(Path::to_owned);
            ConnectorSources { json: Some(json.to_owned()), folder, ..Default::default() }.read()
        };
        let problems = read("[]", Some(Path::new("/no/such/folder"))).unwrap_err().join("\n");
        for part in ["/no/such/folder: cannot read the folder", "no JSON object", "{\"NAME\": {"] {
            assert!(problems.contains(part), "{part}: {problems}");
        }
        let problems = read(r#"{"x": 1, "y": {"name": "z"}}"#, None).unwrap_err();
        assert!(problems[0].contains("x: its config") && problems[1].contains("'z'"), "{problems:?}");
        let problems = read(r#"{"a": {}}"#, Some(folder.path())).unwrap_err().join("\n");
        assert!(problems.contains("connector 'a' is in") && problems.contains("a.json too"), "{problems}");
    }
}
