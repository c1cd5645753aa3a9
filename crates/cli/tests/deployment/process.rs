//! A worker's process.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

pub const SLUICE: &str = env!("CARGO_BIN_EXE_sluice");

pub struct Worker {
    child: Child,
    /// What it said until REST listened.
    pub log: Vec<String>,
    pub port: String,
    user: Option<(String, String)>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Worker {
    /// Starts it and waits until REST listens.
    pub fn start(command: &mut Command) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default(); // for this test's own questions
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut log = Vec::new();
        let mut port = String::new();
        while port.is_empty() {
            let Some(line) = lines.next() else { panic!("the worker did not start: {log:#?}") };
            let line = line.unwrap();
            let address = line.split("REST listens on http://").nth(1).unwrap_or_default();
            let address = address.split([' ', '"']).next().unwrap_or_default();
            let digits = address.rsplit_once(':').map_or("", |(_, port)| port);
            // A warning may name the listener as it was given, with port 0.
            port = digits.trim_start_matches('0').to_owned();
            log.push(line);
        }
        std::thread::spawn(move || lines.for_each(drop)); // so that the worker never waits for a reader
        Self { child, log, port, user: None }
    }

    /// Its REST is asked by this user from now on.
    pub fn asked_by(mut self, name: &str, password: &str) -> Self {
        self.user = Some((name.to_owned(), password.to_owned()));
        self
    }

    /// A request to its REST on http.
    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let request = reqwest::Client::new().request(method, url);
        match &self.user {
            Some((name, password)) => request.basic_auth(name, Some(password)),
            None => request,
        }
    }

    /// Asks REST until the answer is as wanted, for at most a minute.
    pub async fn wait(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let begin = Instant::now();
        loop {
            let answer = self.request(reqwest::Method::GET, path).send().await.unwrap();
            let answer = answer.json::<Value>().await.unwrap();
            if wanted(&answer) {
                return answer;
            }
            assert!(begin.elapsed() < Duration::from_secs(60), "{path} still answers {answer:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Tells it to stop as platforms do; its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

/// The exit code of the health check, and what it says.
pub fn health(url: &str) -> (Option<i32>, String) {
    let output = Command::new(SLUICE).args(["worker", "--check-health", url]).env_clear().output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// A line of the file of users.
pub fn user(name: &str, role: &str, password: &str) -> String {
    let mut command = Command::new(SLUICE);
    let command = command.args(["worker", "--hash-password"]).env_clear();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    format!("{name}:{role}:{}\n", String::from_utf8(output.stdout).unwrap().trim())
}
