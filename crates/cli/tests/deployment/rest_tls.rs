//! REST for those who show a certificate: blueprint/kubernetes/tls, and `rest_tls` of the Terraform module.

use std::process::Command;

use serde_json::{Value, json};
use testkit::certificates::{Authority, Pair};

use crate::container::{metadata_of_ecs, properties_of_the_module};
use crate::files::{Root, must_be_clean, on_embedded_broker};
use crate::kubernetes::{PASSWORD, lay_out, set_variables, yaml};
use crate::process::{SLUICE, Worker, health};

const REST: &str = "/run/secrets/rest";

// The secret that cert-manager makes of the certificate in certificates.yaml.
fn secret(root: &Root) {
    let certificates = yaml("tls/certificates.yaml");
    let worker =
        certificates.iter().find(|document| document["spec"]["secretName"] == "rest-worker").unwrap();
    assert_eq!(worker["spec"]["additionalOutputFormats"], json!([{"type": "CombinedPEM"}]));
    for usage in ["server auth", "client auth"] {
        assert!(worker["spec"]["usages"].as_array().unwrap().contains(&json!(usage)), "{usage}");
    }
    let names: Vec<String> = serde_json::from_value(worker["spec"]["dnsNames"].clone()).unwrap();
    let (pair, authority) = certificates_for(&names);
    root.write(&format!("{REST}/tls-combined.pem"), &pair.store(), &[]);
    root.write(&format!("{REST}/ca.crt"), &authority, &[]);
}

// A key and its certificate, and the certificate of the authority that signed it.
fn certificates_for(hosts: &[String]) -> (Pair, String) {
    let authority = Authority::new("authority");
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    (authority.sign_for("worker", &hosts), authority.pem)
}

fn container() -> Value {
    let patch = yaml("tls/deployment.yaml").remove(0);
    let secret = &patch["spec"]["template"]["spec"]["volumes"][0]["secret"]["secretName"];
    assert_eq!(secret, "rest-worker");
    patch["spec"]["template"]["spec"]["containers"][0].clone()
}

fn start(root: &Root, arguments: &[String], bootstrap: &str) -> Worker {
    let mut command = on_embedded_broker(arguments, bootstrap);
    set_variables(&mut command);
    for variable in container()["env"].as_array().unwrap() {
        let (name, value) = (variable["name"].as_str().unwrap(), variable["value"].as_str().unwrap());
        let value = root.led_here(value, &[REST]);
        // The listeners of the patch, at free ports.
        let value =
            value.replace("https://:8443", "https://0.0.0.0:0").replace("127.0.0.1:8083", "127.0.0.1:0");
        command.env(name, value);
    }
    Worker::start(&mut command).asked_by("ann", PASSWORD)
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_ask_each_other_with_certificates_and_nobody_gets_in_without() {
    let broker = dev_broker::Options::default().start().await.unwrap();
    let root = Root::new();
    let arguments = lay_out(&root);
    secret(&root);
    let start = || start(&root, &arguments, &broker.bootstrap());
    let (first, second) = (start(), start());
    must_be_clean(&first.log);
    assert!(first.log.iter().all(|line| !line.contains("without authentication")), "{:#?}", first.log);
    for worker in [&first, &second] {
        worker.wait("/connectors", |answer| *answer == json!(["orders-source"])).await;
    }
    // Only the leader pauses a connector: the other one sends it on, over https.
    for worker in [&first, &second] {
        let request = worker.request(reqwest::Method::PUT, "/connectors/orders-source/pause");
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, 202, "{text}");
    }
    let port = first.log.iter().find_map(|line| {
        let address = line.split("REST listens on https://0.0.0.0:").nth(1)?;
        Some(address.chars().take_while(char::is_ascii_digit).collect::<String>())
    });
    let url = format!("https://127.0.0.1:{}/", port.unwrap());
    let anybody = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).build().unwrap();
    assert!(anybody.get(&url).send().await.is_err(), "{url} lets anybody in");
    // The probes' own command, at the port of this test.
    let probe = container()["livenessProbe"]["exec"]["command"].clone();
    assert_eq!(
        probe,
        json!(["/usr/local/bin/sluice", "worker", "--check-health", "http://127.0.0.1:8083/health"])
    );
    let (code, text) = health(&format!("http://127.0.0.1:{}/health", first.port));
    assert_eq!(code, Some(0), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_rest_tls_workers_of_ecs_ask_each_other_with_certificates() {
    let broker = dev_broker::Options::default().start().await.unwrap();
    let properties = properties_of_the_module("rest_closed", &broker.bootstrap());
    let metadata = metadata_of_ecs();
    let (pair, authority) = certificates_for(&["workers.example.com".to_owned()]);
    let start = || {
        let mut command = Command::new(SLUICE);
        command.arg("worker").env_clear().envs(properties.clone());
        command.envs([("ECS_CONTAINER_METADATA_URI_V4", &metadata), ("SLUICE_REST_KEY", &pair.key)]);
        command.envs([("SLUICE_REST_CERTIFICATE", &pair.certificate), ("SLUICE_REST_AUTHORITY", &authority)]);
        Worker::start(&mut command)
    };
    let (first, second) = (start(), start());
    must_be_clean(&first.log);
    assert!(first.log.iter().all(|line| !line.contains("PRIVATE KEY")), "{:#?}", first.log);
    assert!(first.log.iter().all(|line| !line.contains("without authentication")), "{:#?}", first.log);
    let config = json!({"connector.class": "FileStreamSource", "file": "/etc/hosts", "topic": "t"});
    for (worker, name) in [(&first, "of-first"), (&second, "of-second")] {
        let path = format!("/connectors/{name}/config");
        let answer = worker.request(reqwest::Method::PUT, &path).json(&config).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, 201, "{text}");
    }
}
