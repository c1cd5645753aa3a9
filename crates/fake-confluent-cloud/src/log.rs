//! The log of requests, without secrets.

use serde_json::{Value, json};

use crate::exchange::Request;

/// Requests that are kept; the oldest go first.
const KEPT: usize = 10_000;

/// What was asked, in order.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: std::collections::VecDeque<Value>,
    seen: u64,
}

impl Log {
    /// Notes a request. `body` and `query` have been masked.
    pub fn add(
        &mut self,
        request: &Request,
        status: u16,
        query: Value,
        body: Value,
        failed_on_purpose: bool,
    ) {
        self.seen += 1;
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(json!({
            "number": self.seen, "method": request.method.as_str(), "path": request.path, "query": query,
            "status": status, "body": body, "api_key": request.credentials.as_ref().map(|(key, _)| key),
            "failed_on_purpose": failed_on_purpose,
        }));
    }

    pub fn show(&self) -> Value {
        json!({"seen": self.seen, "requests": self.entries})
    }

    pub fn clear(&mut self) {
        self.entries.clear();
        self.seen = 0;
    }
}
