//! A registry for a test, and a client that asks it.

use serde_json::{Value, json};
use sluice_registry::log::{Log, MemoryLog};
use sluice_registry::{Options, Server};
use tokio::runtime::Runtime;

/// A running registry on a free port.
pub struct Registry {
    runtime: Runtime,
    server: Option<Server>,
    agent: ureq::Agent,
    pub log: MemoryLog,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub media: String,
    pub text: String,
    pub body: Value,
}

impl Registry {
    pub fn start() -> Self {
        Self::start_with(Options::default())
    }

    pub fn start_with(options: Options) -> Self {
        Self::start_on(options, MemoryLog::new())
    }

    /// Starts on a log that may have records.
    pub fn start_on(options: Options, log: MemoryLog) -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Server::start(options, log.clone())).unwrap();
        Self::around(runtime, server, log)
    }

    /// Starts on any log; `log` is not used then.
    pub fn start_on_log(runtime: Runtime, options: Options, log: impl Log + 'static) -> Self {
        let server = runtime.block_on(Server::start(options, log)).unwrap();
        Self::around(runtime, server, MemoryLog::new())
    }

    fn around(runtime: Runtime, server: Server, log: MemoryLog) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build();
        Self { runtime, server: Some(server), agent: config.into(), log }
    }

    pub fn url(&self) -> &str {
        self.server.as_ref().unwrap().url()
    }

    pub fn stop(mut self) {
        self.runtime.block_on(self.server.take().unwrap().shutdown());
    }

    /// Sends a request with a body that may be anything.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = self.agent.run(request.body(body.to_vec()).unwrap()).unwrap();
        let status = response.status().as_u16();
        let media = response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
        let text = response.body_mut().read_to_string().unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, media: media.unwrap_or_default(), text, body }
    }

    fn send_json(&self, method: &str, path: &str, body: &Value) -> Answer {
        let media = ("content-type", "application/vnd.schemaregistry.v1+json");
        self.send(method, path, &[media], body.to_string().as_bytes())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], b"")
    }

    pub fn post(&self, path: &str, body: Value) -> Answer {
        self.send_json("POST", path, &body)
    }

    pub fn put(&self, path: &str, body: Value) -> Answer {
        self.send_json("PUT", path, &body)
    }

    /// Registers and gives the id.
    #[track_caller]
    pub fn register(&self, subject: &str, body: Value) -> i64 {
        let answer = self.post(&format!("/subjects/{subject}/versions"), body);
        answer.ok()["id"].as_i64().unwrap()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.shutdown());
        }
    }
}

impl Answer {
    /// The body of an answer that is well.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body
    }

    /// The answer is a refusal with this code; gives its text.
    #[track_caller]
    pub fn refused(self, code: u32) -> String {
        assert_eq!(self.body["error_code"], code, "{} {}", self.status, self.text);
        let status = if code > 999 { code / 100 } else { code };
        assert_eq!(u32::from(self.status), status);
        self.body["message"].as_str().unwrap().to_owned()
    }
}

/// An Avro record with these fields, each with its type and whether it has a default.
pub fn record(fields: &[(&str, Value)]) -> Value {
    let fields: Vec<_> = fields.iter().map(|(name, schema)| json!({"name": name, "type": schema})).collect();
    avro(&json!({"type": "record", "name": "Order", "namespace": "shop", "fields": fields}))
}

/// The body with an Avro schema.
pub fn avro(schema: &Value) -> Value {
    json!({"schema": schema.to_string()})
}

/// Three different Avro schemas that can read each other's data and more.
pub fn order(number: usize) -> Value {
    let fields: Vec<_> = (0..=number)
        .map(|field| json!({"name": format!("f{field}"), "type": "long", "default": 0}))
        .collect();
    avro(&json!({"type": "record", "name": "Order", "namespace": "shop", "fields": fields}))
}
