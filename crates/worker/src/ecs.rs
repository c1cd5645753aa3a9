//! The address of a task of Amazon ECS, by which the other workers of the group reach this one: no variable has it, the
//! endpoint for the task's metadata does.
//!
//! Form of the answer: "Task metadata endpoint version 4" in the documentation of Amazon ECS.

use std::time::Duration;

use ::config::RawConfig;

use crate::nearby;

/// The variable that ECS gives each container.
pub(crate) const METADATA: &str = "ECS_CONTAINER_METADATA_URI_V4";

const KEY: &str = "rest.advertised.host.name";
/// It is on this machine.
const LIMIT: Duration = Duration::from_secs(10);
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Sets `rest.advertised.host.name` to the task's address, where nothing else says how others reach this worker. `uri` is
/// the value of [`METADATA`].
///
/// # Errors
/// ECS does not tell the address.
pub(crate) async fn advertise(properties: &mut RawConfig, uri: &str) -> Result<(), String> {
    let given = properties.get(KEY).is_some_and(|host| !host.trim().is_empty());
    if given || !listens_everywhere(properties.get("listeners").unwrap_or_default()) {
        return Ok(());
    }
    let address = address(uri).await.map_err(|why| {
        format!("cannot learn this task's address from {METADATA}: {why}; set {KEY} to what other workers reach it by")
    })?;
    tracing::info!("{KEY} is {address}, the address of this ECS task");
    properties.set(KEY, address);
    Ok(())
}

// A listener with a host is known by that host.
fn listens_everywhere(listeners: &str) -> bool {
    let first = listeners.split(',').next().unwrap_or_default().trim();
    let Some((_, place)) = first.split_once("://") else { return false };
    let host = place.rsplit_once(':').map_or(place, |(host, _)| host);
    matches!(host, "" | "0.0.0.0" | "[::]")
}

async fn address(uri: &str) -> Result<String, String> {
    let answer = nearby::get(uri, LIMIT).await?;
    let mut answer = answer.error_for_status().map_err(|error| error.to_string())?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| error.to_string())? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_BYTES_MAX {
            return Err(format!("the answer is larger than {ANSWER_BYTES_MAX} bytes"));
        }
    }
    let metadata =
        serde_json::from_slice(&body).map_err(|error| format!("the answer is no JSON: {error}"))?;
    address_in(&metadata)
        .ok_or_else(|| "the answer has no address: the task needs the network mode awsvpc".to_owned())
}

fn address_in(metadata: &serde_json::Value) -> Option<String> {
    let networks = metadata["Networks"].as_array()?;
    let first = |kind: &str| {
        let mut addresses = networks.iter().filter_map(|network| network[kind].as_array()?.first()?.as_str());
        addresses.find(|address| address.parse::<std::net::IpAddr>().is_ok()).map(str::to_owned)
    };
    first("IPv4Addresses").or_else(|| first("IPv6Addresses"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    // Answers one request.
    async fn endpoint(status: &'static str, body: String) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 1024];
            let _ = stream.read(&mut head).await.unwrap();
            let length = body.len();
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        let _ = rustls::crypto::ring::default_provider().install_default();
        format!("http://{address}/v4/task-1")
    }

    fn open() -> RawConfig {
        RawConfig::new().with("listeners", "http://:8083")
    }

    #[tokio::test]
    async fn the_tasks_address_is_advertised() {
        let body = json!({"DockerId": "x", "Networks": [
            {"NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.2.106"], "IPv6Addresses": ["fd00::1"]}]});
        let uri = endpoint("200 OK", body.to_string()).await;
        let mut properties = open();
        advertise(&mut properties, &uri).await.unwrap();
        assert_eq!(properties.get(KEY), Some("10.0.2.106"));
    }

    #[tokio::test]
    async fn what_is_given_counts_and_nobody_is_asked() {
        for (key, value) in
            [(KEY, "connect"), ("listeners", "http://127.0.0.1:8083"), ("listeners", "http://10.0.0.1:1")]
        {
            let mut properties = open().with(key, value);
            advertise(&mut properties, "http://127.0.0.1:1/").await.unwrap();
            assert_eq!(properties.get(key), Some(value));
        }
    }

    #[tokio::test]
    async fn without_an_address_it_says_what_to_set() {
        for (status, body) in [
            ("404 Not Found", "{}"),
            ("200 OK", "no"),
            ("200 OK", r#"{"Networks":[{"IPv4Addresses":["x"]}]}"#),
        ] {
            let uri = endpoint(status, body.to_owned()).await;
            let why = advertise(&mut open(), &uri).await.unwrap_err();
            assert!(why.contains(METADATA) && why.contains("set rest.advertised.host.name"), "{why}");
        }
    }

    #[test]
    fn an_address_of_version_six_serves_alone() {
        let metadata = json!({"Networks": [{"IPv6Addresses": ["fd00::1"]}]});
        assert_eq!(address_in(&metadata).as_deref(), Some("fd00::1"));
        assert!(
            listens_everywhere("http://0.0.0.0:1,http://127.0.0.1:2") && listens_everywhere("http://[::]:1")
        );
        assert!(!listens_everywhere("") && !listens_everywhere("http://[::1]:1"));
    }
}
