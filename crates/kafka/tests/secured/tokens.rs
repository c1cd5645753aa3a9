//! What is asked of a token endpoint, and what becomes of its answers. No broker is needed for that.

use sluice_kafka::librdkafka::RdKafkaClients;
use sluice_kafka::{Clients, Subscription};

use super::*;
use crate::certificates::Authority;
use crate::token_endpoint::{Answer, TokenEndpoint, opaque};

const MODULE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required";
/// `the-client:` and the secret in base64.
const CREDENTIALS: &str = "dGhlLWNsaWVudDpjYW5hcnktc2VjcmV0LThmMmM=";

fn oauth(url: &str, options: &str, pairs: &[(&str, &str)]) -> ClientSettings {
    let jaas = format!("{MODULE} clientId=\"the-client\" clientSecret=\"{SECRET}\" {options};");
    let mut settings = settings(&[
        ("bootstrap.servers", "localhost:1"),
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "OAUTHBEARER"),
        ("sasl.oauthbearer.token.endpoint.url", url),
        ("sasl.jaas.config", &jaas),
    ]);
    for (key, value) in pairs {
        settings.0.set(*key, *value);
    }
    settings
}

/// Nothing that was logged, and nothing in this text, lets anybody in.
fn clean(text: &str) {
    for text in [text, &logs::text()] {
        for secret in [SECRET, CREDENTIALS, "canary-token"] {
            let at = text.find(secret);
            assert!(at.is_none(), "a secret: {:?}", at.map(|at| &text[at.saturating_sub(300)..at]));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_asked_for_as_java_does() {
    logs::listen();
    let mut endpoint = TokenEndpoint::start(|_| opaque("canary-token", 3600)).await;
    let clients = RdKafkaClients::new();
    let settings = oauth(&endpoint.url, "scope=\"a/.default b%20c\" extension_logicalCluster=\"lkc-1\"", &[]);
    let producer = clients.producer(&settings).unwrap();
    let request = endpoint.request().await;
    assert!(request.head.starts_with("POST /oauth2/token HTTP/1.1\r\n"), "{}", request.head);
    let header = |name: &str| {
        let lines = request.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
    };
    assert_eq!(header("authorization").unwrap(), format!("Basic {CREDENTIALS}"));
    assert_eq!(header("content-type").unwrap(), "application/x-www-form-urlencoded");
    assert_eq!(header("accept").unwrap(), "application/json");
    assert_eq!(request.body, "grant_type=client_credentials&scope=a/.default%20b%20c");
    clean(&format!("{clients:?} {producer:?} {settings:?}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn id_secret_and_scope_are_encoded_on_demand() {
    logs::listen();
    let mut endpoint = TokenEndpoint::start(|_| opaque("canary-token", 3600)).await;
    let pairs = [
        ("sasl.oauthbearer.header.urlencode", "true"),
        ("sasl.oauthbearer.client.credentials.client.id", "a:b"),
        ("sasl.oauthbearer.client.credentials.client.secret", "c d/"),
        ("sasl.oauthbearer.scope", "x y"),
    ];
    let _producer = RdKafkaClients::new().producer(&oauth(&endpoint.url, "", &pairs)).unwrap();
    let request = endpoint.request().await;
    // a%3Ab:c%20d%2F
    assert!(request.head.contains("Basic YSUzQWI6YyUyMGQlMkY="), "{}", request.head);
    assert_eq!(request.body, "grant_type=client_credentials&scope=x%20y");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_renewed_before_it_expires() {
    logs::listen();
    let mut endpoint = TokenEndpoint::start(|number| opaque(&format!("canary-token-{number}"), 1)).await;
    let clients = RdKafkaClients::new();
    let subscription = Subscription::Topics(vec!["t".to_owned()]);
    let settings = oauth(&endpoint.url, "", &[("group.id", "g")]);
    let _consumer = clients.consumer(&settings, &subscription).unwrap();
    for _ in 0..3 {
        endpoint.request().await;
    }
    clean("");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_fails_what_waits_and_says_where_and_why() {
    logs::listen();
    let refusal = format!(
        r#"{{"error":"invalid_client","error_description":"no client with {SECRET} or {CREDENTIALS}","x":"canary-token"}}"#
    );
    let endpoint = TokenEndpoint::start(move |_| Answer::Json(401, refusal.clone())).await;
    let clients = RdKafkaClients::new();
    let producer = clients.producer(&oauth(&endpoint.url, "", &[])).unwrap();
    let error = not_delivered(&*producer).await;
    let text = error.to_string();
    assert!(matches!(error, Error::Fatal { .. }), "{error:?}");
    for part in [&endpoint.url, "HTTP 401", "invalid_client", "[hidden]", "client.id", "clientSecret"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    clean(&text);

    let subscription = Subscription::Topics(vec!["t".to_owned()]);
    let mut consumer =
        clients.consumer(&oauth(&endpoint.url, "", &[("group.id", "g")]), &subscription).unwrap();
    let error = consumer.poll(LONG).await.unwrap_err();
    assert!(matches!(error, Error::Fatal { .. }), "{error:?}");
    assert!(error.to_string().contains("invalid_client"), "{error}");
    clean(&error.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_without_a_token_is_a_refusal() {
    logs::listen();
    for (status, body, says) in [
        (200, "{\"token\":\"canary-token\"}".to_owned(), "no access_token"),
        (302, String::new(), "redirection"),
        (404, "canary-token".to_owned(), "token.endpoint.url"),
        (200, "x".repeat((1 << 20) + 1), "longer than 1 MB"),
    ] {
        let endpoint = TokenEndpoint::start(move |_| Answer::Json(status, body.clone())).await;
        let producer = RdKafkaClients::new().producer(&oauth(&endpoint.url, "", &[])).unwrap();
        let error = not_delivered(&*producer).await;
        assert!(matches!(error, Error::Fatal { .. }), "{status}: {error:?}");
        assert!(error.to_string().contains(says), "{status}: {error}");
        clean(&error.to_string());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_pass_is_waited_for() {
    logs::listen();
    let answers = |number| match number {
        0 | 1 => Answer::Json(503, "{}".to_owned()),
        2 => Answer::Json(429, r#"{"error":"slow_down"}"#.to_owned()),
        _ => opaque("canary-token", 1),
    };
    let mut endpoint = TokenEndpoint::start(answers).await;
    let pairs = [("sasl.login.retry.backoff.ms", "1"), ("delivery.timeout.ms", "60000")];
    let producer = RdKafkaClients::new().producer(&oauth(&endpoint.url, "", &pairs)).unwrap();
    for _ in 0..5 {
        endpoint.request().await; // the fifth renews the token of the fourth
    }
    drop(producer);

    let endpoint = TokenEndpoint::start(|_| Answer::Json(503, String::new())).await;
    let pairs = [("delivery.timeout.ms", "1000"), ("linger.ms", "0")];
    let producer = RdKafkaClients::new().producer(&oauth(&endpoint.url, "", &pairs)).unwrap();
    let error = not_delivered(&*producer).await;
    assert!(matches!(error, Error::Retriable { .. }), "{error:?}");
    for part in ["delivery.timeout.ms", &endpoint.url, "HTTP 503"] {
        assert!(error.to_string().contains(part), "{part}: {error}");
    }
    clean(&error.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_hangs_up_at_once() {
    logs::listen();
    let mut endpoint = TokenEndpoint::start(|_| Answer::Silence).await;
    let producer = RdKafkaClients::new().producer(&oauth(&endpoint.url, "", &[])).unwrap();
    endpoint.request().await;
    drop(producer);
    endpoint.hung_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_is_silent_is_given_up() {
    logs::listen();
    let mut endpoint = TokenEndpoint::start(|_| Answer::Silence).await;
    let pairs = [
        ("sasl.login.connect.timeout.ms", "100"),
        ("sasl.login.read.timeout.ms", "100"),
        ("sasl.login.retry.backoff.ms", "1"),
    ];
    let _producer = RdKafkaClients::new().producer(&oauth(&endpoint.url, "", &pairs)).unwrap();
    endpoint.request().await;
    endpoint.hung_up().await;
    endpoint.request().await; // and asked again
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_endpoint_with_the_right_certificate_is_asked() {
    logs::listen();
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    let mut endpoint =
        TokenEndpoint::start_tls(ours.sign("localhost").server(), |_| opaque("canary-token", 3600)).await;
    let trust = |authority: &Authority| {
        format!("ssl.truststore.type=\"PEM\" ssl.truststore.certificates=\"{}\"", authority.pem)
    };
    let producer =
        |options: &str| RdKafkaClients::new().producer(&oauth(&endpoint.url, options, &[])).unwrap();
    for options in [trust(&other), String::new()] {
        let error = not_delivered(&*producer(&options)).await;
        assert!(matches!(error, Error::Fatal { .. }), "{error:?}");
        assert!(error.to_string().contains("ssl.truststore"), "{error}");
    }
    let _trusting = producer(&trust(&ours));
    endpoint.request().await;
    clean("");
}
