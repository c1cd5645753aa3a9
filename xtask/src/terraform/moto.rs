//! AWS on loopback: moto, with an inventory of what it holds.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, ensure};

use super::{loopback, python};

const PACKAGE: &str = "moto[server]==5.2.5";

const PROGRAM: &str = include_str!("aws_emulator.py");

/// Names of what each backend holds: `ec2 eu-central-1 vpcs` to ids.
pub type Inventory = BTreeMap<String, Vec<String>>;

/// What stays after a delete, as on AWS itself: by the end of the backend's name, and why.
const STAYS: [(&str, &str); 3] = [
    ("kms", "a key is deleted after its waiting time"),
    ("ecs", "revisions of a task definition stay, inactive"),
    ("ecr", "a repository's lifecycle previews stay"),
];

/// The emulator; it ends when this is dropped.
#[derive(Debug)]
pub struct Moto {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Its URL, for every service.
    pub url: String,
}

impl Moto {
    /// Starts it; `folder` takes its environment.
    ///
    /// # Errors
    /// It cannot be installed or started.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let python = python::environment(&folder.join("moto"), &[PACKAGE])?;
        let program = folder.join("aws_emulator.py");
        std::fs::write(&program, PROGRAM)?;
        let errors = std::fs::File::create(folder.join("moto.err"))?;
        let mut child = Command::new(python)
            .arg(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .context("cannot start moto")?;
        let input = child.stdin.take().context("no input")?;
        let mut output = BufReader::new(child.stdout.take().context("no output")?);
        let url = line(&mut output).context("moto did not start")?;
        loopback::require(&url)?;
        Ok(Self { child, input, output, url })
    }

    /// What it holds.
    ///
    /// # Errors
    /// It does not answer.
    pub fn inventory(&mut self) -> anyhow::Result<Inventory> {
        Ok(serde_json::from_str(&self.ask("inventory")?)?)
    }

    /// Values of all secrets in Secrets Manager, field by field where a secret is JSON.
    ///
    /// # Errors
    /// It does not answer.
    pub fn secrets(&mut self) -> anyhow::Result<Vec<String>> {
        let values: Vec<String> = serde_json::from_str(&self.ask("secrets")?)?;
        Ok(values.iter().flat_map(|value| fields(value)).collect())
    }

    /// Does something with a target group: `make`, `stray`, `targets` or `drop`. Answers the group's ARN for `make`,
    /// else its targets, `ADDRESS:PORT`.
    ///
    /// # Errors
    /// It does not answer.
    pub fn group(&mut self, action: &str) -> anyhow::Result<Vec<String>> {
        Ok(serde_json::from_str(&self.ask(&format!("group {action}"))?)?)
    }

    fn ask(&mut self, question: &str) -> anyhow::Result<String> {
        writeln!(self.input, "{question}")?;
        self.input.flush()?;
        line(&mut self.output).with_context(|| format!("moto does not answer {question}"))
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line(output: &mut impl BufRead) -> anyhow::Result<String> {
    let mut text = String::new();
    output.read_line(&mut text)?;
    ensure!(!text.trim().is_empty(), "it ended; its errors are in moto.err");
    Ok(text.trim().to_owned())
}

// Only a field that can be a secret: a user's name or a key's id may stand anywhere.
fn fields(value: &str) -> Vec<String> {
    let texts = match serde_json::from_str::<BTreeMap<String, serde_json::Value>>(value) {
        Ok(fields) => fields
            .into_iter()
            .filter(|(key, _)| ["password", "secret", "token"].iter().any(|word| key.contains(word)))
            .filter_map(|(_, value)| value.as_str().map(str::to_owned))
            .collect(),
        Err(_) => vec![value.to_owned()],
    };
    texts.into_iter().filter(|text: &String| text.len() >= 12).collect()
}

/// What is in `after` and was not in `before`, a line each, without what AWS keeps too.
pub fn left(before: &Inventory, after: &Inventory) -> Vec<String> {
    let mut lines = Vec::new();
    for (place, names) in after {
        let service = place.split(' ').next().unwrap_or_default();
        if STAYS.iter().any(|(known, _)| *known == service) {
            continue;
        }
        let known = before.get(place);
        let new: Vec<_> =
            names.iter().filter(|name| known.is_none_or(|known| !known.contains(name))).cloned().collect();
        if !new.is_empty() {
            lines.push(format!("{place}: {}", new.join(", ")));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory(entries: &[(&str, &[&str])]) -> Inventory {
        entries
            .iter()
            .map(|(place, names)| {
                ((*place).to_owned(), names.iter().map(|name| (*name).to_owned()).collect())
            })
            .collect()
    }

    #[test]
    fn what_is_left_is_what_was_not_there() {
        let before = inventory(&[("ec2 r vpcs", &["default"])]);
        let after = inventory(&[
            ("ec2 r vpcs", &["default", "vpc-1"]),
            ("s3 aws buckets", &["b"]),
            ("kms r keys", &["k"]),
        ]);
        assert_eq!(left(&before, &after), ["ec2 r vpcs: vpc-1", "s3 aws buckets: b"]);
        assert!(left(&after, &after).is_empty());
    }

    #[test]
    fn only_what_can_be_secret_is_looked_for() {
        let value = r#"{"username":"connect-user-name","api_key":"ABCDEFGHIJKLMNOP","password":"0123456789abcdef","port":5432}"#;
        assert_eq!(fields(value), ["0123456789abcdef"]);
        assert_eq!(fields("0123456789abcdef"), ["0123456789abcdef"]);
        assert!(fields("").is_empty());
    }
}
