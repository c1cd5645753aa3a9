//! The Java program that answers what Kafka Connect's own classes do.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, bail, ensure};
use serde_json::Value as Json;
use testkit::apache_kafka::artifacts::{self, ConnectJars};
use testkit::apache_kafka::java::Java;

use crate::case::Case;
use crate::ours::Answer;
use crate::wire;

/// The program, running.
pub struct Oracle {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _java: Java, // last: it is killed after its input is closed
}

impl Oracle {
    /// Compiles the program into `target` and starts it with Kafka Connect's classes, and those of `more` behind them.
    ///
    /// # Errors
    /// There is no JDK, or the program does not compile or start.
    pub fn start(target: &Path, jars: &ConnectJars, more: &[PathBuf]) -> anyhow::Result<Self> {
        Self::start_with(&["-Xmx512m", "-XX:+UseSerialGC"], target, jars, more)
    }

    /// As [`Self::start`], with options of Java: heap and garbage collector.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(
        java_options: &[&str],
        target: &Path,
        jars: &ConnectJars,
        more: &[PathBuf],
    ) -> anyhow::Result<Self> {
        artifacts::needs("javac", "-version", "openjdk-17-jdk-headless").map_err(anyhow::Error::msg)?;
        let classes = target.join("oracle-classes");
        std::fs::create_dir_all(&classes)?;
        let runtime = format!("{}/*", jars.runtime.display());
        let mut path = runtime.clone();
        for folder in more {
            path.push_str(&format!(":{}/*", folder.display()));
        }
        let sources = Path::new("interop/java");
        let mut compiler = Command::new("javac");
        compiler.args(["-nowarn", "-proc:none", "-cp", &path, "-d"]).arg(&classes);
        for entry in std::fs::read_dir(sources).with_context(|| sources.display().to_string())? {
            compiler.arg(entry?.path());
        }
        let output = compiler.output().context("javac cannot be run")?;
        ensure!(output.status.success(), "javac: {}", String::from_utf8_lossy(&output.stderr));
        let path = format!("{}:{path}:{}/filestream/*", classes.display(), jars.plugins.display());
        let mut command = Command::new("java");
        command
            .args(java_options)
            .args(["-Duser.timezone=UTC", "-Dfile.encoding=UTF-8"])
            .args(["-Dlog4j2.level=OFF", "-cp", &path, "Oracle"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut java = Java::start(&mut command).context("the oracle cannot be started")?;
        let process = java.process();
        let input = process.stdin.take().context("the oracle has no input")?;
        let output = process.stdout.take().context("the oracle has no output")?;
        Ok(Self { input, output: BufReader::new(output), _java: java })
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// The program has ended.
    pub fn ask(&mut self, request: &Json) -> anyhow::Result<Json> {
        self.input.write_all(format!("{request}\n").as_bytes()).context("the oracle has ended")?;
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("the oracle has ended at {}", request.to_string().chars().take(2000).collect::<String>());
        }
        serde_json::from_str(&line).with_context(|| format!("the oracle's answer: {line}"))
    }

    /// Java's answer to a case.
    ///
    /// # Errors
    /// The program has ended, or answers something else.
    pub fn answer(&mut self, case: &Case) -> anyhow::Result<Answer> {
        let mut answer = self.ask(&case.request())?;
        if let Some(error) = answer.get("refused") {
            return Ok(Answer::Refused(outermost(error)));
        }
        let Json::Array(results) = answer["results"].take() else { bail!("the oracle's answer: {answer}") };
        Ok(Answer::Results(results.into_iter().map(plain).collect::<anyhow::Result<_>>()?))
    }
}

fn plain(result: Json) -> anyhow::Result<Json> {
    if let Some(error) = result.get("error") {
        return Ok(serde_json::json!({"error": outermost(error)}));
    }
    match result.get("bytes") {
        Some(Json::String(text)) => Ok(wire::bytes(Some(&hex::decode(text)?))),
        Some(_) => Ok(wire::bytes(None)),
        None => Ok(result),
    }
}

fn outermost(chain: &Json) -> Json {
    serde_json::json!({"class": chain[0][0], "message": chain[0][1]})
}
