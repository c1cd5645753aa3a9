//! Confluent Cloud on loopback: crates/fake-confluent-cloud, and its hooks.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::loopback;

const PROGRAM: &str = "fake-confluent-cloud";

/// The key that a run uses. The fake is told of it.
pub const CLOUD_KEY: &str = "EMULATEDCLOUDKEY";
/// Its secret, which must show up nowhere.
pub const CLOUD_SECRET: &str = "emulated-cloud-secret-4f1d9a";

/// The fake; it ends when this is dropped.
#[derive(Debug)]
pub struct Fake {
    child: Child,
    /// Its URL, also that of clusters and registries in it.
    pub url: String,
}

impl Fake {
    /// Starts it, slow enough for waiting to be seen.
    ///
    /// # Errors
    /// It was not built, does not start, or does not listen on loopback.
    pub fn start(built: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(built.join(PROGRAM))
            .args(["--pending-reads", "2", "--delete-reads", "1", "--stop-with-stdin"])
            .args(["--api-key", CLOUD_KEY, "--api-secret", CLOUD_SECRET])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| {
                format!("cannot start {PROGRAM}: cargo build --release --package sluice-{PROGRAM}")
            })?;
        let mut url = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut url)?;
        let fake = Self { child, url: url.trim().to_owned() };
        loopback::require(&fake.url)?;
        Ok(fake)
    }

    /// How many objects of each kind clients have made; none are left out.
    ///
    /// # Errors
    /// It does not answer.
    pub fn counts(&self) -> anyhow::Result<Vec<(String, u64)>> {
        let state = self.get("state")?;
        let counts = state["counts"].as_object().context("the state has no counts")?;
        Ok(counts.iter().map(|(kind, count)| (kind.clone(), count.as_u64().unwrap_or_default())).collect())
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// It does not answer.
    pub fn reset(&self) -> anyhow::Result<()> {
        self.post("reset", &Value::Null)
    }

    /// Changes an object behind Terraform's back.
    ///
    /// # Errors
    /// There is no such object.
    pub fn change(&self, change: &Value) -> anyhow::Result<()> {
        self.post("change", change)
    }

    /// Makes requests fail until [`Self::heal`].
    ///
    /// # Errors
    /// The rule is not understood.
    pub fn fail(&self, rule: &Value) -> anyhow::Result<()> {
        self.post("failures", rule)
    }

    /// Ends all failures.
    ///
    /// # Errors
    /// It does not answer.
    pub fn heal(&self) -> anyhow::Result<()> {
        ureq::delete(self.hook("failures")).call().context("DELETE failures")?;
        Ok(())
    }

    fn get(&self, hook: &str) -> anyhow::Result<Value> {
        let text = ureq::get(self.hook(hook))
            .call()
            .with_context(|| format!("GET {hook}"))?
            .body_mut()
            .read_to_string()?;
        Ok(serde_json::from_str(&text)?)
    }

    fn post(&self, hook: &str, body: &Value) -> anyhow::Result<()> {
        let request = ureq::post(self.hook(hook)).config().http_status_as_error(false).build();
        let mut answer = match body {
            Value::Null => request.send_empty(),
            body => request.header("content-type", "application/json").send(body.to_string()),
        }
        .with_context(|| format!("POST {hook}"))?;
        ensure!(
            answer.status().is_success(),
            "{hook} {body}: {}",
            answer.body_mut().read_to_string().unwrap_or_default()
        );
        Ok(())
    }

    fn hook(&self, name: &str) -> String {
        format!("{}/fake/v1/{name}", self.url)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
