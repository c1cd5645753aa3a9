//! What is sent besides the bytes.

use dev_s3::Seen;

use crate::support::{Task, World, records, with_value};

async fn requests(pairs: &[(&str, &str)], big: bool) -> Vec<Seen> {
    let world = World::new().await;
    let mut config = world.config();
    for (key, value) in pairs {
        config.set(*key, *value);
    }
    let mut task = Task::start(config).await;
    world.server.faults().take_seen();
    match big {
        true => {
            use api::data::{Datum, Value};
            let text = || Datum::schemaless(Value::string("x".repeat(3 << 20)));
            task.accept(&[with_value(0, text()), with_value(1, text()), with_value(2, text())]).await;
        }
        false => task.accept(&records(0..3)).await,
    }
    task.flush().await;
    assert_eq!(task.committed(), Some(3));
    world.server.faults().take_seen()
}

#[tokio::test]
async fn a_small_object_is_one_signed_request() {
    let seen = requests(&[], false).await;
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].method, "PUT");
    let authorization = seen[0].header("authorization").unwrap();
    assert!(authorization.contains("/eu-central-1/s3/"), "{authorization}");
    // Over plain HTTP the body is signed.
    assert_eq!(seen[0].header("x-amz-content-sha256").unwrap().len(), 64);
    assert_eq!(seen[0].header("if-none-match"), None);
}

#[tokio::test]
async fn acl_and_encryption_go_with_what_makes_an_object() {
    let pairs = [
        ("s3.acl.canned", "bucket-owner-full-control"),
        ("s3.ssea.name", "aws:kms"),
        ("s3.sse.kms.key.id", "key-1"),
    ];
    let check = |seen: &Seen| {
        assert_eq!(seen.header("x-amz-acl"), Some("bucket-owner-full-control"), "{seen:?}");
        assert_eq!(seen.header("x-amz-server-side-encryption"), Some("aws:kms"));
        assert_eq!(seen.header("x-amz-server-side-encryption-aws-kms-key-id"), Some("key-1"));
    };
    check(&requests(&pairs, false).await[0]);
    let seen = requests(&pairs, true).await;
    let (begins, others): (Vec<_>, Vec<_>) = seen.iter().partition(|seen| seen.target.contains("?uploads"));
    assert_eq!(begins.len(), 1);
    check(begins[0]);
    assert!(others.len() >= 3);
    assert!(others.iter().all(|seen| seen.header("x-amz-acl").is_none()));
}

#[tokio::test]
async fn a_customer_key_goes_with_every_part() {
    let key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    let seen = requests(&[("s3.ssea.name", "AES256"), ("s3.sse.customer.key", key)], true).await;
    let sends =
        seen.iter().filter(|seen| seen.target.contains("partNumber") || seen.target.contains("?uploads"));
    for seen in sends {
        assert_eq!(seen.header("x-amz-server-side-encryption-customer-key"), Some(key), "{}", seen.target);
        assert!(seen.header("x-amz-server-side-encryption-customer-key-md5").is_some());
    }
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_endpoint() {
    // The server itself stands for the proxy: what reaches it is meant for another host, so it refuses the signature,
    // but it was asked.
    let world = World::new().await;
    let config = world
        .config()
        .with("store.url", "http://s3.invalid")
        .with("s3.proxy.url", world.server.endpoint())
        .with("s3.proxy.user", "me")
        .with("s3.proxy.password", "canary")
        .with("s3.part.retries", "0");
    let _ = Task::with(config, testkit::contexts::Lent::default()).await;
    let seen = world.server.faults().take_seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].header("host"), Some("s3.invalid"));
    assert_eq!(seen[0].header("proxy-authorization"), Some("Basic bWU6Y2FuYXJ5"));
}
