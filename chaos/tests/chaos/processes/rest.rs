//! Asks workers for things.

use std::time::Duration;

use serde_json::Value as Json;

/// The longest that an answer may take.
const LIMIT: Duration = Duration::from_secs(3);

/// Sends requests to workers of this machine.
pub struct Client(ureq::Agent);

impl Client {
    /// A client.
    pub fn new() -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        Self(config.timeout_global(Some(LIMIT)).build().into())
    }

    /// The answer's status and body.
    ///
    /// # Errors
    /// There is none.
    pub fn send(
        &self,
        method: &str,
        port: u16,
        path: &str,
        body: Option<&Json>,
    ) -> Result<(u16, String), String> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{port}{path}"))
            .header("content-type", "application/json");
        let body = body.map(Json::to_string).unwrap_or_default();
        let request = request.body(body).map_err(|error| error.to_string())?;
        let mut answer = self.0.run(request).map_err(|error| error.to_string())?;
        let text = answer.body_mut().read_to_string().map_err(|error| error.to_string())?;
        Ok((answer.status().as_u16(), text))
    }
}
