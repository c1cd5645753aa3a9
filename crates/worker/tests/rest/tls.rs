//! REST over TLS: whom clients trust, what they show, and new certificates without a restart.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use api::{ManualClock, SystemClock};
use kafka::memory::{Cluster, WorkerGroups};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;

use crate::certificates::{Authority, Pair, ask, send};
use crate::client::eventually;
use crate::worker::TestWorker;

fn is_ok(asked: &Result<(String, CertificateDer<'static>), String>) -> bool {
    asked.as_ref().is_ok_and(|(answer, _)| answer.starts_with("HTTP/1.1 200 "))
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// A worker on https with a key store and a trust store in files.
fn worker(folder: &Path, server: &Pair, clients: &Authority, client_auth: &str) -> TestWorker {
    TestWorker::with(&[
        ("listeners", "https://127.0.0.1:0"),
        ("listeners.https.ssl.keystore.location", &write(folder, "server.pem", &server.store())),
        ("listeners.https.ssl.truststore.location", &write(folder, "ca.pem", &clients.pem)),
        ("listeners.https.ssl.client.auth", client_auth),
    ])
}

#[test]
fn only_who_trusts_the_authority_is_answered() {
    let (folder, authority, other) = (tempfile::tempdir().unwrap(), Authority::new("a"), Authority::new("b"));
    let worker = worker(folder.path(), &authority.sign("worker"), &authority, "none");
    assert!(is_ok(&ask(worker.address, &authority, None, "/")));
    let error = ask(worker.address, &other, None, "/").unwrap_err();
    assert!(error.contains("UnknownIssuer"), "{error}");
    // Who speaks in clear gets no answer, and disturbs nobody.
    let mut clear = TcpStream::connect(worker.address).unwrap();
    clear.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = clear.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    assert!(is_ok(&ask(worker.address, &authority, None, "/connectors")));
}

#[test]
fn clients_show_a_certificate_if_they_must() {
    let (folder, authority, other) = (tempfile::tempdir().unwrap(), Authority::new("a"), Authority::new("b"));
    let (known, stranger) = (authority.sign("client"), other.sign("stranger"));
    for (client_auth, without) in [("required", false), ("requested", true), ("none", true)] {
        let worker = worker(folder.path(), &authority.sign("worker"), &authority, client_auth);
        assert!(is_ok(&ask(worker.address, &authority, Some(&known), "/")), "{client_auth}");
        assert_eq!(is_ok(&ask(worker.address, &authority, None, "/")), without, "{client_auth}: none shown");
        let asked = is_ok(&ask(worker.address, &authority, Some(&stranger), "/"));
        assert_eq!(asked, client_auth == "none", "{client_auth}: a stranger's");
    }
}

#[test]
fn http_and_https_stand_beside_each_other_and_admin_has_keys_of_its_own() {
    let (authority, admins) = (Authority::new("a"), Authority::new("admins"));
    let (server, admin) = (authority.sign("worker"), admins.sign("admin"));
    let worker = TestWorker::with(&[
        ("listeners", "http://127.0.0.1:0,https://127.0.0.1:0"),
        ("ssl.keystore.type", "PEM"),
        ("ssl.keystore.key", &server.key),
        ("ssl.keystore.certificate.chain", &server.certificate),
        ("admin.listeners", "https://127.0.0.1:0"),
        ("admin.listeners.https.ssl.keystore.key", &admin.key),
        ("admin.listeners.https.ssl.keystore.certificate.chain", &admin.certificate),
        ("admin.listeners.https.ssl.truststore.certificates", &admins.pem),
        ("admin.listeners.https.ssl.client.auth", "required"),
    ]);
    assert_eq!(worker.send("GET", "/connectors").status, 200);
    assert!(is_ok(&ask(worker.addresses[1], &authority, None, "/connectors")));
    assert!(!is_ok(&ask(worker.addresses[1], &admins, None, "/connectors")));
    assert!(is_ok(&ask(worker.admin[0], &admins, Some(&admins.sign("operator")), "/admin/loggers")));
    assert!(!is_ok(&ask(worker.admin[0], &admins, None, "/admin/loggers")));
    assert!(!is_ok(&ask(worker.admin[0], &admins, Some(&server), "/admin/loggers")));
}

#[test]
fn stores_that_cannot_be_used_keep_a_worker_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let broken = write(folder.path(), "broken.pem", "nothing");
    let error = TestWorker::refused(&[
        ("listeners", "https://127.0.0.1:0"),
        ("listeners.https.ssl.keystore.location", &broken),
        ("admin.listeners", "https://127.0.0.1:0"),
        ("admin.listeners.https.ssl.keystore.location", "/no/such/file"),
    ]);
    assert!(error.contains("listeners.https.ssl.keystore.location: ") && error.contains(&broken), "{error}");
    assert!(error.contains("admin.listeners.https.ssl.keystore.location: /no/such/file"), "{error}");
}

#[test]
fn new_certificates_are_taken_without_a_restart() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("a"));
    let (old, new) = (authority.sign("old"), authority.sign("new"));
    let file = write(folder.path(), "server.pem", &old.store());
    let clock = ManualClock::at(0);
    let keys =
        [("listeners", "https://127.0.0.1:0"), ("listeners.https.ssl.keystore.location", file.as_str())];
    let worker = TestWorker::with_clock(&keys, clock.clone());
    let shown = || ask(worker.address, &authority, None, "/").map(|(_, certificate)| certificate);
    let der = |pair: &Pair| CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap();
    assert_eq!(shown(), Ok(der(&old)));
    // A certificate whose key has not come yet is not taken.
    let half = format!("{}{}", old.key, new.certificate);
    write(folder.path(), "server.pem", &half);
    let looks = |times: usize| {
        for _ in 0..times {
            eventually("it waits for its next look", || match clock.sleepers() {
                0 => Err("it looks".to_owned()),
                _ => Ok(()),
            });
            clock.advance(Duration::from_secs(10));
        }
    };
    looks(3);
    assert_eq!(shown(), Ok(der(&old)));
    write(folder.path(), "server.pem", &new.store());
    eventually("the new certificate is shown", || {
        looks(1);
        match shown() {
            Ok(certificate) if certificate == der(&new) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
}

// What one cannot do, another does, over TLS in both directions; and after all certificates were replaced, authority and all.
#[test]
fn workers_of_a_group_ask_each_other_over_tls() {
    let (cluster, groups) = (Cluster::new(), WorkerGroups::new(SystemClock::new()));
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let issue = |authority: &Authority| {
        for name in ["a", "b"] {
            write(folder.path(), &format!("{name}.pem"), &authority.sign(name).store());
        }
        write(folder.path(), "ca.pem", &authority.pem)
    };
    let trusted = issue(&old);
    let clock = ManualClock::at(0);
    let worker = |name: &str| {
        let store = folder.path().join(format!("{name}.pem")).display().to_string();
        let keys = [
            ("listeners", "https://127.0.0.1:0"),
            ("ssl.keystore.location", store.as_str()),
            ("ssl.truststore.location", trusted.as_str()),
            ("ssl.client.auth", "required"),
        ];
        TestWorker::in_group_by(name, &cluster, &groups, &keys, clock.clone())
    };
    let (a, b) = (worker("a"), worker("b"));
    // One of them is the leader, so one of the requests is sent on, and configs of tasks are handed in at it.
    let works = |authority: &Authority, tasks: usize| {
        let client = authority.sign("client");
        let config = json!({"connector.class": "FakeSource", "tasks": tasks.to_string(), "tasks.max": "9"});
        for (worker, name) in [(&a, "of-a"), (&b, "of-b")] {
            eventually("it is made, or changed", || {
                match put(worker, authority, &client, name, &config.to_string()) {
                    Ok(answer) if answer.starts_with("HTTP/1.1 20") => Ok(()),
                    other => Err(format!("{other:?}")),
                }
            });
        }
        for (worker, name) in [(&a, "of-a"), (&a, "of-b"), (&b, "of-a"), (&b, "of-b")] {
            eventually("all runs", || {
                let path = format!("/connectors/{name}/status");
                let (answer, _) = ask(worker.address, authority, Some(&client), &path)?;
                match answer.matches("\"RUNNING\"").count() == tasks + 1 {
                    true => Ok(()),
                    false => Err(answer),
                }
            });
        }
    };
    works(&old, 2);
    issue(&new);
    for worker in [&a, &b] {
        eventually("the new authority is trusted", || {
            clock.advance(Duration::from_secs(10));
            match is_ok(&ask(worker.address, &new, Some(&new.sign("client")), "/")) {
                true => Ok(()),
                false => Err("not yet".to_owned()),
            }
        });
    }
    works(&new, 3);
    assert!(!is_ok(&ask(a.address, &old, Some(&old.sign("client")), "/")));
}

fn put(
    worker: &TestWorker,
    authority: &Authority,
    client: &Pair,
    connector: &str,
    config: &str,
) -> Result<String, String> {
    let request = format!(
        "PUT /connectors/{connector}/config HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{config}",
        config.len()
    );
    send(worker.address, authority, Some(client), &request).map(|(answer, _)| answer)
}

// A REST API that everybody in the network could use.
#[test]
fn cve_2024_36543_an_open_listener_keeps_a_worker_from_starting() {
    for listener in ["http://0.0.0.0:0", "https://0.0.0.0:0", "http://:0"] {
        let error = TestWorker::refused(&[("listeners", listener)]);
        assert!(error.contains("listeners") && error.contains("sluice.rest.insecure=true"), "{error}");
    }
    let open = TestWorker::with(&[("listeners", "http://0.0.0.0:0"), ("sluice.rest.insecure", "true")]);
    open.stop();
}

// `ssl.*` says whom a worker trusts that itself listens in clear, as in Kafka Connect; it shows its certificate, too.
#[test]
fn a_worker_in_clear_asks_others_over_tls_with_its_own_keys() {
    let (cluster, groups) = (Cluster::new(), WorkerGroups::new(SystemClock::new()));
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("a"));
    let trusted = write(folder.path(), "ca.pem", &authority.pem);
    let store = |name: &str| write(folder.path(), &format!("{name}.pem"), &authority.sign(name).store());
    let tls = [
        ("listeners", "https://127.0.0.1:0"),
        ("ssl.keystore.location", &*store("b")),
        ("ssl.truststore.location", &*trusted),
        ("ssl.client.auth", "required"),
    ];
    let leads = TestWorker::in_group_with("b", &cluster, &groups, &tls);
    let clear = [("ssl.keystore.location", &*store("a")), ("ssl.truststore.location", &*trusted)];
    let asks = TestWorker::in_group_with("a", &cluster, &groups, &clear);
    let config = json!({"connector.class": "FakeSource", "tasks": "1", "tasks.max": "1"});
    eventually("a request is sent on", || match asks.send_json("PUT", "/connectors/x/config", &config) {
        answer if answer.status == 201 => Ok(()),
        answer => Err(answer.body),
    });
    let workers = asks.send("GET", "/sluice/v1/workers");
    assert_eq!(workers.status, 200, "{}", workers.body);
    let leader = workers.json();
    let leader = leader.as_array().unwrap().iter().find(|it| it["leader"] == true).unwrap().clone();
    assert_eq!(leader["url"], format!("https://{}/", leads.id()));
    asks.stop();

    // They may be there for Kafka's brokers only: what cannot be used keeps no worker from starting.
    let unusable = [("ssl.truststore.location", "/no/such/file")];
    let alone = TestWorker::in_group_with("c", &cluster, &groups, &unusable);
    assert_eq!(alone.send("GET", "/").status, 200);
}
