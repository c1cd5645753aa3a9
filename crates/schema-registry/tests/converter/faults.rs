//! Registries that are away, slow, wrong, or do not let us in; and configs that cannot work.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use api::ErrorKind;
use api::config::Config;
use api::converter::BuildConverter;
use api::data::Bytes;
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use sluice_schema_registry::AvroConverter;

use crate::{built, config, converter, decode, encode, order, order_schema, server};

const QUICK: [(&str, &str); 3] =
    [("max.retries", "2"), ("retries.wait.ms", "1"), ("retries.max.wait.ms", "1")];

/// A server that answers every call alike, and counts the calls.
async fn answering(status: u16, body: &'static str) -> (String, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let answer = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async move { (StatusCode::from_u16(status).unwrap(), body).into_response() }
    };
    (serve(Router::new().fallback(answer)).await, calls)
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn failure(url: &str, more: &[(&str, &str)]) -> api::Error {
    let all: Vec<_> = QUICK.into_iter().chain(more.iter().copied()).collect();
    encode(&mut converter(url, &all), "orders", &order(&order_schema(), 1)).await.unwrap_err()
}

#[tokio::test]
async fn each_answer_has_its_kind_and_number_of_tries() {
    for (status, body, kind, calls) in [
        (401, r#"{"error_code":401,"message":"Unauthorized"}"#, ErrorKind::Misconfigured, 1),
        (403, r#"{"error_code":40301,"message":"no"}"#, ErrorKind::Misconfigured, 1),
        (404, r#"{"error_code":40401,"message":"Subject not found"}"#, ErrorKind::BadRecord, 1),
        (409, r#"{"error_code":40901,"message":"incompatible"}"#, ErrorKind::BadRecord, 1),
        (422, r#"{"error_code":42201,"message":"invalid"}"#, ErrorKind::BadRecord, 1),
        (500, r#"{"error_code":50001,"message":"store"}"#, ErrorKind::Retry, 3),
        (503, "busy", ErrorKind::Retry, 3),
        (429, "", ErrorKind::Retry, 3),
        (200, "<html>log in first</html>", ErrorKind::Misconfigured, 1),
        (404, "<html>no such page</html>", ErrorKind::Misconfigured, 1),
        (302, "", ErrorKind::Misconfigured, 1),
        (200, r#"{"nothing":1}"#, ErrorKind::Misconfigured, 1),
        (200, r#"["other"]"#, ErrorKind::Misconfigured, 1),
    ] {
        let (url, counted) = answering(status, body).await;
        let error = failure(&url, &[]).await;
        assert_eq!(error.kind(), kind, "{status} {body}: {error}");
        assert_eq!(counted.load(Ordering::SeqCst), calls, "{status} {body}");
        let text = error.to_string();
        for part in ["orders-value", &url, &format!("HTTP {status}")] {
            assert!(text.contains(part), "{part}: {text}");
        }
        // A sink sees the same. What the registry says of an id is the record's fault.
        let mut sink = converter(&url, &QUICK);
        let error = decode(&mut sink, "orders", &[], &Bytes::from_static(&[0, 0, 0, 0, 9, 1])).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {body}: {error}");
        let text = error.to_string();
        for part in ["schema id 9", "topic orders", &url, &format!("HTTP {status}")] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[tokio::test]
async fn each_error_says_what_to_do() {
    for (status, body, says) in [
        (401, r#"{"error_code":401,"message":"Unauthorized"}"#, "basic.auth.user.info"),
        (403, r#"{"error_code":40301,"message":"no"}"#, "grant the account access"),
        (404, r#"{"error_code":40401,"message":"Subject not found"}"#, "auto.register.schemas"),
        (404, "<html>no such page</html>", "is schema.registry.url right"),
        (409, r#"{"error_code":40901,"message":"incompatible"}"#, "compatibility level"),
        (422, r#"{"error_code":42205,"message":"read-only"}"#, "READWRITE"),
        (500, r#"{"error_code":50001,"message":"store"}"#, "asked again later"),
        (502, "<html>bad gateway</html>", "asked again later"),
        (200, "<html>log in first</html>", "is schema.registry.url right"),
        (302, "", "is schema.registry.url right"),
    ] {
        let (url, _) = answering(status, body).await;
        let text = failure(&url, &[]).await.to_string();
        assert!(text.contains(says), "{status} {body}: {text}");
    }
    let down = failure("http://127.0.0.1:1", &[]).await.to_string();
    assert!(down.contains("http://127.0.0.1:1") && down.contains("is the registry up"), "{down}");
}

#[tokio::test]
async fn a_registry_that_does_not_answer_is_given_up_after_the_time_that_was_set() {
    // It accepts, and says nothing: the connections are kept open.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
        }
    });
    let error = failure(&url, &[("http.read.timeout.ms", "20"), ("max.retries", "1")]).await;
    assert_eq!(error.kind(), ErrorKind::Retry, "{error}");
    let text = error.to_string();
    assert!(text.contains(&url) && text.contains("timed out"), "{text}");
    // One that answers after all is asked no longer than needed.
    let server = server().await;
    let urls = format!("{url},{}", server.url());
    let keys = [("http.read.timeout.ms", "1000"), ("http.connect.timeout.ms", "1000"), ("max.retries", "0")];
    let mut converter = converter(&urls, &keys);
    assert!(encode(&mut converter, "orders", &order(&order_schema(), 1)).await.is_ok());
    server.shutdown().await;
}

#[tokio::test]
async fn a_conflict_is_explained_however_its_code_is_written() {
    for body in
        [r#"{"error_code":409,"message":"incompatible"}"#, r#"{"error_code":40901,"message":"incompatible"}"#]
    {
        let (url, _) = answering(409, body).await;
        let error = failure(&url, &[]).await;
        assert!(error.trace().contains("compatibility level"), "{}", error.trace());
    }
}

#[tokio::test]
async fn every_url_of_the_list_is_tried() {
    let server = server().await;
    let (busy, calls) = answering(503, "").await;
    let urls = format!("http://127.0.0.1:1,{busy},{}", server.url());
    let mut converter = converter(&urls, &QUICK);
    assert!(encode(&mut converter, "orders", &order(&order_schema(), 1)).await.is_ok());
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    server.shutdown().await;
    let gone = failure("http://127.0.0.1:1", &[]).await;
    assert_eq!(gone.kind(), ErrorKind::Retry, "{gone}");
}

#[tokio::test]
async fn no_secret_is_in_an_error() {
    let (url, _) = answering(500, "").await;
    let with_user = url.replace("http://", "http://user:canary@");
    let error = failure(&with_user, &[]).await;
    assert!(!format!("{error:?} {}", error.trace()).contains("canary"), "{error:?}");
    let error = failure("http://user:canary@127.0.0.1:1", &[]).await;
    assert!(!format!("{error:?} {}", error.trace()).contains("canary"), "{error:?}");
    let keys =
        <AvroConverter as BuildConverter>::Config::parse(&config("http://user:canary@host", &[])).unwrap();
    assert!(!format!("{keys:?}").contains("canary"), "{keys:?}");
    for url in ["http://user:canary@", "ftp://user:canary@host", "user:canary@host", "canary:user@host"] {
        let error = built::<AvroConverter>(&config(url, &[])).err().unwrap();
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn credentials_and_headers_are_sent() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    let answer = move |headers: HeaderMap| {
        let get = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        kept.lock().unwrap().push((get("authorization"), get("x-team"), get("target-sr-cluster")));
        async { r#"{"id":1}"# }
    };
    let url = serve(Router::new().fallback(answer)).await;
    let schema = order_schema();
    for (url, more) in [
        (url.clone(), vec![]),
        (url.replace("http://", "http://u:p%40@"), vec![]),
        (url.clone(), vec![("basic.auth.credentials.source", "USER_INFO"), ("basic.auth.user.info", "a:b")]),
        (
            url.clone(),
            vec![
                ("bearer.auth.credentials.source", "STATIC_TOKEN"),
                ("bearer.auth.token", "tok"),
                ("bearer.auth.logical.cluster", "lsrc-1"),
                ("request.header.X-Team", "blue"),
            ],
        ),
    ] {
        encode(&mut converter(&url, &more), "orders", &order(&schema, 1)).await.unwrap();
    }
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        *seen.lock().unwrap(),
        [
            (None, None, None),
            (some("Basic dTpwQA=="), None, None),
            (some("Basic YTpi"), None, None),
            (some("Bearer tok"), some("blue"), some("lsrc-1")),
        ]
    );
}

#[tokio::test]
async fn a_token_is_fetched_once_and_renewed_when_it_is_refused() {
    let issued = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&issued);
    let issuer = serve(Router::new().fallback(move |headers: HeaderMap, body: String| {
        assert_eq!(headers["authorization"], "Basic bWU6c2VjcmV0");
        assert_eq!(body, "grant_type=client_credentials&scope=a%20b");
        let number = counted.fetch_add(1, Ordering::SeqCst);
        async move { format!(r#"{{"access_token":"t{number}","expires_in":3600}}"#) }
    }))
    .await;
    let url = serve(Router::new().fallback(|headers: HeaderMap| async move {
        match headers["authorization"].to_str().unwrap() {
            "Bearer t0" => (StatusCode::UNAUTHORIZED, r#"{"error_code":401,"message":"expired"}"#),
            _ => (StatusCode::OK, r#"{"id":1}"#),
        }
    }))
    .await;
    let keys = [
        ("bearer.auth.credentials.source", "OAUTHBEARER"),
        ("bearer.auth.issuer.endpoint.url", issuer.as_str()),
        ("bearer.auth.client.id", "me"),
        ("bearer.auth.client.secret", "secret"),
        ("bearer.auth.scope", "a b"),
    ];
    let mut converter = converter(&url, &keys);
    let schema = order_schema();
    // A task that fails has no second try: the new token is fetched within the call.
    encode(&mut converter, "orders", &order(&schema, 1)).await.unwrap();
    encode(&mut converter, "others", &order(&schema, 1)).await.unwrap();
    assert_eq!(issued.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_token_that_is_never_taken_is_fetched_twice_and_then_the_configs_fault() {
    let issued = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&issued);
    let issuer = serve(Router::new().fallback(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { r#"{"access_token":"t","expires_in":3600}"# }
    }))
    .await;
    let (url, calls) = answering(401, r#"{"error_code":401,"message":"Unauthorized"}"#).await;
    let (no_issuer, _) = answering(401, "").await;
    let keys = |issuer: &str| {
        [
            ("bearer.auth.credentials.source", "OAUTHBEARER".to_owned()),
            ("bearer.auth.issuer.endpoint.url", issuer.to_owned()),
            ("bearer.auth.client.id", "me".to_owned()),
            ("bearer.auth.client.secret", "canary".to_owned()),
        ]
    };
    for (issuer, tokens, asked) in [(&issuer, 2, 2), (&no_issuer, 2, 2)] {
        let keys = keys(issuer);
        let keys: Vec<_> = keys.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let error = failure(&url, &keys).await;
        assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error}");
        assert!(!format!("{error:?} {}", error.trace()).contains("canary"), "{error:?}");
        assert_eq!((issued.load(Ordering::SeqCst), calls.load(Ordering::SeqCst)), (tokens, asked));
    }
}

#[tokio::test]
async fn bytes_that_name_no_schema_or_none_that_is_there() {
    let server = server().await;
    let mut converter = converter(server.url(), &QUICK);
    for (bytes, says) in [
        (&[][..], "shorter"),
        (&[0, 0, 1], "shorter"),
        (b"{\"a\":1}", "Unknown magic byte!"),
        (&[0, 0, 0, 0, 77, 1], "77"),
    ] {
        let error = decode(&mut converter, "orders", &[], &Bytes::copy_from_slice(bytes)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRecord, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    let schema = order_schema();
    encode(&mut converter, "orders", &order(&schema, 1)).await.unwrap();
    let cut = decode(&mut converter, "orders", &[], &Bytes::from_static(&[0, 0, 0, 0, 1, 14, 2, 9])).await;
    assert_eq!(cut.unwrap_err().kind(), ErrorKind::BadRecord);
    server.shutdown().await;
}

#[test]
fn what_cannot_work_is_said_by_key() {
    let check = |more: &[(&str, &str)], key: &str, says: &str| {
        let raw = config("https://sr", more);
        let report = <AvroConverter as BuildConverter>::Config::parse(&raw).err();
        let report = report.unwrap_or_else(|| panic!("{more:?} was taken"));
        let problems = report.of(key).join(" ");
        assert!(problems.contains(says), "{more:?}: {report}");
    };
    check(&[("schema.registry.url", "")], "schema.registry.url", "empty");
    check(&[("schema.registry.url", "mock://x")], "schema.registry.url", "mock");
    check(&[("schema.registry.url", "file:///etc/passwd")], "schema.registry.url", "file:");
    check(&[("basic.auth.credentials.source", "SASL_INHERIT")], "basic.auth.credentials.source", "USER_INFO");
    check(&[("basic.auth.credentials.source", "USER_INFO")], "basic.auth.user.info", "user:password");
    check(&[("bearer.auth.credentials.source", "STATIC_TOKEN")], "bearer.auth.token", "needed");
    check(&[("bearer.auth.credentials.source", "CUSTOM")], "bearer.auth.credentials.source", "not supported");
    check(
        &[
            ("bearer.auth.credentials.source", "OAUTHBEARER"),
            ("bearer.auth.issuer.endpoint.url", "http://idp/token"),
            ("bearer.auth.client.id", "a"),
            ("bearer.auth.client.secret", "b"),
        ],
        "bearer.auth.issuer.endpoint.url",
        "in clear",
    );
    check(
        &[("schema.registry.ssl.truststore.type", "BCFKS")],
        "schema.registry.ssl.truststore.type",
        "BCFKS is none of PEM, PKCS12 and JKS",
    );
    check(
        &[("schema.registry.ssl.keystore.key", "canary")],
        "schema.registry.ssl.keystore.certificate.chain",
        "it belongs to schema.registry.ssl.keystore.key",
    );
    check(
        &[("value.subject.name.strategy", "com.acme.S")],
        "value.subject.name.strategy",
        "cannot be loaded",
    );
    check(&[("use.schema.guid", "x")], "use.schema.guid", "GUID");
    check(&[("use.latest.with.metadata", "x")], "use.latest.with.metadata", "name=value");
}
