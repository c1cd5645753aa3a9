//! A client that sends what a test says, byte for byte, and shows what came back.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use testkit::scenario;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn message(&self) -> String {
        let body = self.json();
        assert_eq!(body["error_code"], self.status, "{}", self.body);
        body["message"].as_str().unwrap_or_default().to_owned()
    }
}

/// Sends one request on a connection of its own.
pub fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (method, path) = (method.to_owned(), path.to_owned());
    let request = scenario::Request { method, path, headers, body: body.to_vec() };
    let answer = scenario::request(&address.to_string(), &request);
    let scenario::Answer { status, headers, body } = answer.unwrap_or_else(|why| panic!("{why}"));
    Answer { status, headers, body }
}

/// Asks for something until it is so, for at most 30 s.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let begin = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(last) if begin.elapsed() > Duration::from_secs(30) => panic!("{what}: {last}"),
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}
