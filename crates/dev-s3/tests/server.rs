//! The server as a client sees it.
#![allow(clippy::unwrap_used)] // helpers of tests, which clippy does not know for such

use std::net::SocketAddr;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, RetryConfig};
use sluice_dev_s3::{Error, Fault, Gate, Options, Server};
use tempfile::TempDir;

async fn server() -> (TempDir, Server) {
    let root = tempfile::tempdir().unwrap();
    let server = Options::new(root.path()).bucket("bucket").start().await.unwrap();
    (root, server)
}

fn client(server: &Server, secret: &str) -> AmazonS3 {
    let _ = rustls::crypto::ring::default_provider().install_default();
    AmazonS3Builder::new()
        .with_bucket_name("bucket")
        .with_endpoint(server.endpoint())
        .with_allow_http(true)
        .with_access_key_id("sluice")
        .with_secret_access_key(secret)
        .with_retry(RetryConfig { max_retries: 0, ..Default::default() })
        .build()
        .unwrap()
}

fn path() -> Path {
    Path::from("a/b.txt")
}

#[tokio::test]
async fn objects_are_plain_files() {
    let (root, server) = server().await;
    client(&server, "sluice-secret").put(&path(), "text".into()).await.unwrap();
    assert_eq!(std::fs::read_to_string(root.path().join("bucket/a/b.txt")).unwrap(), "text");
    let seen = server.faults().take_seen();
    assert_eq!((seen.len(), seen[0].method.as_str(), seen[0].target.as_str()), (1, "PUT", "/bucket/a/b.txt"));
    assert!(seen[0].header("authorization").is_some());
    assert!(server.faults().seen().is_empty());
    server.shutdown().await;
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let (_root, server) = server().await;
    let error = client(&server, "wrong").put(&path(), "text".into()).await.unwrap_err();
    assert!(matches!(error, StoreError::PermissionDenied { .. }), "{error}");
}

#[tokio::test]
async fn an_object_is_created_once() {
    let (_root, server) = server().await;
    let client = client(&server, "sluice-secret");
    let path = path();
    let create = || client.put_opts(&path, "text".into(), PutMode::Create.into());
    create().await.unwrap();
    assert!(matches!(create().await.unwrap_err(), StoreError::AlreadyExists { .. }));
}

#[tokio::test]
async fn only_loopback_is_served() {
    let root = tempfile::tempdir().unwrap();
    let listen: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let error = Options { listen, ..Options::new(root.path()) }.start().await.unwrap_err();
    assert!(matches!(error, Error::NotLoopback(_)), "{error}");
    let error = Options::new(root.path()).bucket("../out").start().await.unwrap_err();
    assert!(matches!(error, Error::BucketName(_)), "{error}");
    let error = Options::new(root.path().join("missing")).start().await.unwrap_err();
    assert!(matches!(error, Error::Root { .. }), "{error}");
}

#[tokio::test]
async fn faults_meet_as_many_requests_as_asked() {
    let (root, server) = server().await;
    let client = client(&server, "sluice-secret");
    let path = path();
    let put = || client.put(&path, "text".into());
    let written = || root.path().join("bucket/a/b.txt").exists();

    server.faults().inject(2, Fault::Status(503, "SlowDown"), |seen| seen.method == "PUT");
    for _ in 0..2 {
        assert!(put().await.unwrap_err().to_string().contains("SlowDown"));
    }
    server.faults().inject(1, Fault::Cut, |seen| seen.method == "PUT");
    put().await.unwrap_err();
    assert!(!written());
    server.faults().inject(1, Fault::LoseReply, |seen| seen.method == "PUT");
    put().await.unwrap_err();
    assert!(written(), "the work was done");
    put().await.unwrap();

    let gate = Gate::new();
    server.faults().inject(1, Fault::Hold(gate.clone()), |_| true);
    server.faults().inject(1, Fault::Slow(Duration::from_millis(1)), |_| true);
    let (held, slow) = tokio::join!(put(), async {
        let slow = client.head(&path).await;
        gate.open();
        slow
    });
    held.unwrap();
    slow.unwrap();
    server.faults().inject(1, Fault::Cut, |_| true);
    server.faults().clear();
    put().await.unwrap();
}
