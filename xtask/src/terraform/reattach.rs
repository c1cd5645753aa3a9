//! One AWS provider process for all runs of the plain check.
//!
//! Starting that provider is most of what a `validate` costs: two seconds and 620 MB, each time. Providers can be
//! started once in debug mode, and Terraform attaches to them. All runs share the provider's configuration then, so
//! this is for runs that never configure it: `validate`, and tests with `mock_provider "aws"`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

use super::environment;

/// A provider that runs until this is dropped.
#[derive(Debug)]
pub struct Attached {
    child: Child,
    /// The value of `TF_REATTACH_PROVIDERS`.
    pub value: String,
}

impl Attached {
    /// Starts the provider; `address` is what Terraform calls it.
    ///
    /// # Errors
    /// It does not start, or does not say where it listens.
    pub fn start(program: &Path, address: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        environment::prepare(&mut command, Path::new("/dev/null"));
        let mut child = command
            .arg("-debug")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = child.stdout.take().context("no output")?;
        // It says so within a second or two, or ends; then the output ends too.
        let mut lines = BufReader::new(output).lines();
        let value = lines.by_ref().map_while(Result::ok).find_map(|line| reattach_value(&line, address));
        let Some(value) = value else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("{} -debug did not say where it listens", program.display());
        };
        // What it logs later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, value })
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        super::command::stop(&mut self.child);
    }
}

// `TF_REATTACH_PROVIDERS='{"ADDRESS":{…}}'`, with our address: OpenTofu has another host.
fn reattach_value(line: &str, address: &str) -> Option<String> {
    let text = line.trim().strip_prefix("TF_REATTACH_PROVIDERS='")?.strip_suffix('\'')?;
    let providers: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
    let (_, place) = providers.into_iter().next()?;
    Some(serde_json::json!({ address: place }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_ours_and_the_place_theirs() {
        let line = r#"	TF_REATTACH_PROVIDERS='{"h/hashicorp/aws":{"Pid":7,"Addr":{"Network":"unix"}}}'"#;
        assert_eq!(
            reattach_value(line, "other/hashicorp/aws").unwrap(),
            r#"{"other/hashicorp/aws":{"Pid":7,"Addr":{"Network":"unix"}}}"#
        );
        assert_eq!(reattach_value("Provider started.", "h/hashicorp/aws"), None);
    }
}
