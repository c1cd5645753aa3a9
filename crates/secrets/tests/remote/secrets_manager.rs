//! AWS Secrets Manager, as its API reference has it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::stub::{Asked, Stub};
use crate::{CANARY, error, provider, resolve, try_provider, value};

pub const AWS: &str = "com.amazonaws.kafka.config.providers.SecretsManagerConfigProvider";
const LENSES: &str = "io.lenses.connect.secrets.providers.AWSSecretProvider";

fn answer(asked: &Asked) -> (u16, String) {
    assert_eq!(asked.header("x-amz-target"), "secretsmanager.GetSecretValue");
    assert_eq!(asked.header("content-type"), "application/x-amz-json-1.1");
    let authorization = asked.header("authorization");
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
    assert!(authorization.contains("/eu-central-1/secretsmanager/aws4_request"), "{authorization}");
    let id: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    let string =
        |text: &str| (200, serde_json::json!({"Name": id["SecretId"], "SecretString": text}).to_string());
    match id["SecretId"].as_str().unwrap() {
        "team/db" => string(&format!(r#"{{"password":"{CANARY}","port":5432}}"#)),
        "arn:aws:secretsmanager:eu-central-1:1:secret:db-AbCdEf" => string(r#"{"k":"by arn"}"#),
        "plain" => string(CANARY),
        "binary" => (200, r#"{"SecretBinary":"AQID"}"#.to_owned()),
        "denied" => (400, r#"{"__type":"AccessDeniedException","Message":"not authorized"}"#.to_owned()),
        _ => (400, r#"{"__type":"ResourceNotFoundException","Message":"can't find it"}"#.to_owned()),
    }
}

fn params(url: &str) -> Vec<(&str, &str)> {
    vec![
        ("aws.region", "eu-central-1"),
        ("aws.endpoint.override", url),
        ("aws.auth.method", "credentials"),
        ("aws.access.key", "AKIDEXAMPLE"),
        ("aws.secret.key", "secret-key-of-aws"),
    ]
}

#[tokio::test]
async fn keys_whole_secrets_and_arns_are_given() {
    let stub = Stub::start(answer).await;
    let providers = provider(LENSES, &params(&stub.url));
    assert_eq!(value(&providers, "${p:team/db:password}/${p:team/db:port}").await, format!("{CANARY}/5432"));
    assert_eq!(stub.asked().len(), 1, "one request a secret");
    let arn = "${p:arn%3Aaws%3Asecretsmanager%3Aeu-central-1%3A1%3Asecret%3Adb-AbCdEf:k}";
    assert_eq!(value(&providers, arn).await, "by arn");
    assert_eq!(value(&providers, "${p:plain}").await, CANARY);
    assert_eq!(value(&providers, "${p:binary}").await, "AQID");
    let timed = resolve(&providers, "${p:team/db:port?ttl=300000}").await.unwrap();
    assert_eq!((timed.config.get("key"), timed.ttl), (Some("5432"), Some(Duration::from_secs(300))));
    assert!(!format!("{providers:?}").contains("secret-key-of-aws"));

    let encoding = provider(AWS, &[&params(&stub.url)[..], &[("RawSecretEncoding", "base64")]].concat());
    assert_eq!(value(&encoding, "${p:plain}").await, "Y2FuYXJ5LTI3MTgyODE=");
    let prefixed = provider(LENSES, &[&params(&stub.url)[..], &[("secret.prefix", "team/")]].concat());
    assert_eq!(value(&prefixed, "${p:db:port}").await, "5432");
}

#[tokio::test]
async fn errors_name_the_secret_and_what_aws_says() {
    let stub = Stub::start(answer).await;
    let providers = provider(LENSES, &params(&stub.url));
    let absent = error(&providers, "${p:nope:k}").await.trace();
    assert!(absent.contains("nope") && absent.contains("ResourceNotFoundException"), "{absent}");
    let denied = error(&providers, "${p:denied:k}").await.trace();
    assert!(denied.contains("not authorized"), "{denied}");
    let no_object = error(&providers, "${p:plain:k}").await;
    assert!(no_object.to_string().contains("not a JSON object"), "{no_object}");
    let kept = resolve(&providers, "${p:team/db:nope}").await.unwrap();
    assert_eq!(kept.unresolved[0].reference, "${p:team/db:nope}");
}

#[tokio::test]
async fn aws_is_asked_again_when_it_is_busy() {
    let tries = AtomicUsize::new(0);
    let stub = Stub::start(move |asked| match tries.fetch_add(1, Ordering::SeqCst) {
        0 => (400, r#"{"__type":"ThrottlingException","message":"slow down"}"#.to_owned()),
        _ => answer(asked),
    })
    .await;
    assert_eq!(value(&provider(LENSES, &params(&stub.url)), "${p:plain}").await, CANARY);
    assert_eq!(stub.asked().len(), 2);
}

#[test]
fn wrong_parameters_are_refused_by_name() {
    let region = ("region", "eu-central-1");
    for (params, expected) in [
        (vec![region, ("aws.auth.method", "credentials")], "param.aws.auth.method"),
        (vec![region, ("aws.auth.method", "magic")], "magic is not credentials or default"),
        (vec![region, ("endpoint", "nowhere")], "param.endpoint"),
        (vec![region, ("RawSecretEncoding", "rot13")], "rot13 is not none or base64"),
    ] {
        let problem = try_provider(AWS, &params).unwrap_err();
        assert!(problem.contains(expected), "{params:?}: {problem}");
    }
}
