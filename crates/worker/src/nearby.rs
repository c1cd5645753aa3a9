//! One request to what runs on this machine: no proxy stands in between, and it does not send us elsewhere.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response};

/// The answer to a `GET`, whatever its status. Reading its body counts into the limit.
///
/// # Errors
/// There is none within the limit, or the URL is wrong: why.
pub(crate) async fn get(url: &str, limit: Duration) -> Result<Response, String> {
    let client = Client::builder().no_proxy().redirect(Policy::none()).timeout(limit).build();
    let client = client.map_err(|error| error.to_string())?;
    client.get(url).send().await.map_err(|error| told(&error, limit))
}

// Why is in what an error of the client is made of.
fn told(error: &reqwest::Error, limit: Duration) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    match error.is_timeout() {
        true => format!("no answer within {} s", limit.as_secs()),
        false => format!("no answer: {source}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_says_why_there_is_no_answer() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let why = get("http://127.0.0.1:1/", Duration::from_secs(10)).await.unwrap_err();
        assert!(why.starts_with("no answer: ") && why.to_lowercase().contains("refused"), "{why}");
        // Nobody answers here: connections wait in the queue of a socket that is never accepted from.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", silent.local_addr().unwrap());
        let why = get(&url, Duration::from_millis(1)).await.unwrap_err();
        assert_eq!(why, "no answer within 0 s");
    }
}
