//! Connector files, as `connect-standalone` takes them: properties, a JSON object of keys, or a JSON object with
//! `name`, `config` and, if wanted, `initial_state`.

use std::path::{Path, PathBuf};

use ::config::{RawConfig, properties};
use herder::Target;
use rest_types::{ConfigMap, CreateConnectorRequest, InitialState};

/// A connector that a file asks for.
#[derive(Debug, Clone)]
pub struct ConnectorFile {
    /// Where it was read.
    pub path: PathBuf,
    /// The connector's name.
    pub name: String,
    /// Its config; `name` is among the keys.
    pub config: RawConfig,
    /// What is wanted of it at first.
    pub target: Option<Target>,
}

/// Reads connector files.
///
/// # Errors
/// All problems of all files, each with the file's name.
pub fn read(paths: &[PathBuf]) -> Result<Vec<ConnectorFile>, Vec<String>> {
    let mut files: Vec<ConnectorFile> = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read the file: {error}"));
        match text.and_then(|text| parse(path, &text)) {
            Ok(file) => files.push(file),
            Err(problem) => problems.push(format!("{}: {problem}", path.display())),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// Reads the text of one file; its name tells whether it is JSON, and if not, its first character.
///
/// # Errors
/// What is wrong with it.
pub fn parse(path: &Path, text: &str) -> Result<ConnectorFile, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let named_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let (name, mut config, target) = match named_json || text.trim_start().starts_with('{') {
        true => parse_json(text)?,
        false => (None, properties::parse(text)?, None),
    };
    let inside = config.get("name").map(str::to_owned);
    let name = match (name, inside) {
        (Some(name), Some(inside)) if name != inside => {
            return Err(format!("the connector's name is '{name}', but 'name' in its config is '{inside}'"));
        }
        (Some(name), _) | (None, Some(name)) => name,
        (None, None) => return Err("there is no key 'name'; it names the connector".to_owned()),
    };
    if !config.contains("name") {
        config.set("name", name.clone());
    }
    Ok(ConnectorFile { path: path.to_owned(), name, config, target })
}

type Parsed = (Option<String>, RawConfig, Option<Target>);

fn parse_json(text: &str) -> Result<Parsed, String> {
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    let wrapped = value.get("config").is_some_and(|config| config.is_object());
    if !wrapped {
        let ConfigMap(config) = serde_json::from_str(text)
            .map_err(|error| format!("it is neither a connector's keys nor {{name, config}}: {error}"))?;
        return Ok((None, config, None));
    }
    let request: CreateConnectorRequest =
        serde_json::from_str(text).map_err(|error| format!("it is not {{name, config}}: {error}"))?;
    let target = request.initial_state.map(|state| match state {
        InitialState::Running => Target::Started,
        InitialState::Paused => Target::Paused,
        InitialState::Stopped => Target::Stopped,
    });
    let name = request.name.map(|name| name.trim().to_owned());
    Ok((name, request.config.unwrap_or_default().0, target))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str) -> Result<ConnectorFile, String> {
        parse(Path::new(name), text)
    }

    #[test]
    fn all_three_forms_are_read() {
        let file = check("a.properties", "name=a\ntasks.max=2\n").unwrap();
        assert_eq!((file.name.as_str(), file.config.get("tasks.max")), ("a", Some("2")));
        let file = check("a.json", r#"{"name":"a","tasks.max":2}"#).unwrap();
        assert_eq!((file.name.as_str(), file.config.get("tasks.max")), ("a", Some("2")));
        let text = r#"{"name":"a","config":{"k":true},"initial_state":"paused"}"#;
        let file = check("a.json", text).unwrap();
        assert_eq!((file.config.get("k"), file.config.get("name")), (Some("true"), Some("a")));
        assert_eq!(file.target, Some(Target::Paused));
        assert_eq!(check("a", "\u{feff}{\"name\":\"b\"}").unwrap().name, "b");
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(check("a.properties", "k=v").unwrap_err().contains("'name'"));
        assert!(check("a.json", "{").unwrap_err().contains("not JSON"));
        assert!(check("a.json", "[]").unwrap_err().contains("neither"));
        let text = r#"{"name":"a","config":{"name":"b"}}"#;
        assert!(check("a.json", text).unwrap_err().contains("'b'"));
        let text = r#"{"name":"a","config":{},"initial_state":"x"}"#;
        assert!(check("a.json", text).unwrap_err().contains("RUNNING"));
        assert!(check("a.json", r#"{"name":"a","k":{}}"#).unwrap_err().contains("'k'"));
    }

    #[test]
    fn every_file_is_looked_at() {
        let folder = std::env::temp_dir();
        let problems = read(&[folder.join("no-such-1.json"), folder.join("no-such-2.json")]).unwrap_err();
        assert_eq!(problems.len(), 2);
        assert!(problems[1].contains("no-such-2.json: cannot read the file"));
    }
}
