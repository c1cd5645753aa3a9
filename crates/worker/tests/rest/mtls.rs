//! Who asks: certificates of clients.

use serde_json::Value;

use crate::certificates::{Authority, Pair, send};
use crate::worker::TestWorker;

fn ask(worker: &TestWorker, authority: &Authority, shows: Option<&Pair>, request: &str) -> (u16, String) {
    let request =
        format!("{request} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    let (answer, _) = send(worker.address, authority, shows, &request).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[test]
fn a_certificates_name_stands_for_a_role() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let authority = Authority::new("authority");
    let audit = folder.path().join("audit").display().to_string();
    let worker = TestWorker::with(&[
        ("listeners", "https://127.0.0.1:0"),
        ("listeners.https.ssl.keystore.location", &write("server.pem", &authority.sign("worker").store())),
        ("listeners.https.ssl.truststore.location", &write("ca.pem", &authority.pem)),
        ("listeners.https.ssl.client.auth", "requested"),
        ("sluice.rest.authentication", "mtls"),
        ("sluice.rest.mtls.roles", "admin=subject:CN=ops-[0-9]+;viewer=subject:CN=monitoring"),
        ("sluice.rest.audit.file", &audit),
    ]);
    let (ops, monitoring, other) =
        (authority.sign("ops-1"), authority.sign("monitoring"), authority.sign("ops-x"));
    let delete = "DELETE /connectors/x";
    assert_eq!(ask(&worker, &authority, None, "GET /health").0, 200);
    let (status, body) = ask(&worker, &authority, None, "GET /connectors");
    assert!(status == 401 && body.contains("show a certificate"), "{body}");
    assert_eq!(ask(&worker, &authority, Some(&monitoring), "GET /connectors"), (200, "[]".to_owned()));
    let (status, body) = ask(&worker, &authority, Some(&monitoring), delete);
    assert!(status == 403 && body.contains("CN=monitoring has the role viewer"), "{body}");
    assert_eq!(ask(&worker, &authority, Some(&ops), delete).0, 404, "there is none");
    let (status, body) = ask(&worker, &authority, Some(&other), "GET /connectors");
    assert!(status == 403 && body.contains("CN=ops-x has no role here"), "{body}");
    let text = std::fs::read_to_string(&audit).unwrap();
    let who: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| Value::Array(vec![line["who"].clone(), line["by"].clone(), line["status"].clone()]))
        .collect();
    let expected = serde_json::json!([
        [null, null, 401],
        ["CN=monitoring", "mtls", 403],
        ["CN=ops-1", "mtls", 404],
        ["CN=ops-x", "mtls", 403],
    ]);
    assert_eq!(Value::Array(who), expected);
}
