//! Who asks: tokens of an identity provider.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::client::{Answer, send};
use crate::issuer::{Issuer, Key};
use crate::worker::TestWorker;

fn worker(issuer: &Issuer, keys: &[(&str, &str)]) -> TestWorker {
    let bearer = [
        ("sluice.rest.authentication", "bearer"),
        ("sluice.rest.bearer.issuer", issuer.url.as_str()),
        ("sluice.rest.bearer.audience", "connect"),
        ("sluice.rest.bearer.roles.claim", "groups"),
        ("sluice.rest.bearer.roles", "admin=connect-admins;viewer=everybody"),
    ];
    TestWorker::with(&[&bearer[..], keys].concat())
}

fn ask(worker: &TestWorker, method: &str, path: &str, token: &str) -> Answer {
    let authorization = format!("Bearer {token}");
    send(worker.address, method, path, &[("Authorization", &authorization)], b"")
}

fn status(worker: &TestWorker, token: &str) -> u16 {
    ask(worker, "GET", "/connectors", token).status
}

#[test]
fn tokens_of_the_issuer_are_taken() {
    let (ec, rsa) = (Key::ec("1"), Key::rsa("2"));
    let issuer = Issuer::start(&[&ec, &rsa]);
    let worker = worker(&issuer, &[]);
    assert_eq!(worker.send("GET", "/connectors").header("www-authenticate"), Some("Bearer realm=\"Sluice\""));
    assert!(issuer.asked().is_empty(), "nobody showed a token yet");
    let reader = issuer.claims(&["x", "everybody"], json!({}));
    for token in [ec.token("ES256", &reader), rsa.token("RS256", &reader), rsa.token("PS256", &reader)] {
        assert_eq!(status(&worker, &token), 200);
        let answer = ask(&worker, "DELETE", "/connectors/x", &token);
        assert_eq!(answer.status, 403, "{}", answer.body);
        assert_eq!(answer.message(), "ann has the role viewer; this request takes the role admin");
    }
    let admin = ec.token("ES256", &issuer.claims(&["everybody", "connect-admins"], json!({})));
    assert_eq!(ask(&worker, "DELETE", "/connectors/x", &admin).status, 404, "there is none");
    let nobody = ec.token("ES256", &issuer.claims(&["guests"], json!({})));
    let answer = ask(&worker, "GET", "/connectors", &nobody);
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (403, "ann has no role here; this request takes the role viewer")
    );
    assert_eq!(issuer.asked(), ["/.well-known/openid-configuration", "/keys"], "once for all");
}

#[test]
fn what_is_not_a_good_token_is_refused() {
    let (ec, rsa, other) = (Key::ec("1"), Key::rsa("2"), Key::ec("1"));
    let issuer = Issuer::start(&[&ec, &rsa]);
    let worker = worker(&issuer, &[]);
    let good = issuer.claims(&["connect-admins"], json!({}));
    assert_eq!(status(&worker, &ec.token("ES256", &good)), 200);
    let token = |changes: Value| ec.token("ES256", &issuer.claims(&["connect-admins"], changes));
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let whole = ec.token("ES256", &good);
    let (signed, signature) = whole.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let forged = part(&issuer.claims(&["connect-admins"], json!({"sub": "eve"})).to_string());
    let none = part(r#"{"alg":"none"}"#);
    let secret = part(r#"{"alg":"HS256","kid":"1"}"#);
    for (what, bad) in [
        ("another key of this name", other.token("ES256", &good)),
        ("an algorithm that is not the key's", ec.token("RS256", &good)),
        ("expired", token(json!({"exp": 1}))),
        ("a date that is a text", token(json!({"exp": "9999999999"}))),
        ("not yet", token(json!({"nbf": 99_999_999_999_u64}))),
        ("another issuer", token(json!({"iss": "https://evil.example.com"}))),
        ("for another", token(json!({"aud": "other"}))),
        ("nobody", token(json!({"sub": ""}))),
        ("other claims", format!("{header}.{forged}.{signature}")),
        ("not signed", format!("{none}.{}.", part(&good.to_string()))),
        ("signed by a secret", format!("{secret}.{}.{signature}", part(&good.to_string()))),
        ("no signature", format!("{signed}.")),
        ("cut off", signed.to_owned()),
        ("nothing", String::new()),
        ("long", "a".repeat(7000) + &".b".repeat(6000)),
    ] {
        let answer = ask(&worker, "GET", "/connectors", &bad);
        assert_eq!(answer.status, 401, "{what}: {}", answer.body);
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(
            challenge.starts_with("Bearer realm=\"Sluice\", error=\"invalid_token\""),
            "{what}: {challenge}"
        );
        for shown in [&answer.body, challenge] {
            assert!(bad.len() < 20 || !shown.contains(&bad[..20]), "{what}: a token is shown: {shown}");
        }
    }
}

#[test]
fn a_new_key_is_found_and_the_issuer_is_not_asked_all_the_time() {
    let (old, new) = (Key::ec("old"), Key::ec("new"));
    let issuer = Issuer::start(&[&old, &new]);
    let worker = worker(&issuer, &[]);
    let claims = issuer.claims(&["everybody"], json!({}));
    assert_eq!(status(&worker, &old.token("ES256", &claims)), 200);
    assert_eq!(status(&worker, &new.token("ES256", &claims)), 200);
    for number in 0..20 {
        let unknown = Key::ec(&format!("unknown-{number}"));
        assert_eq!(status(&worker, &unknown.token("ES256", &claims)), 401);
    }
    let keys = issuer.asked().iter().filter(|path| *path == "/keys").count();
    assert_eq!(keys, 1, "tokens of others do not make the worker ask");
}

#[test]
fn cve_2025_27817_keys_are_read_from_the_issuer_only() {
    let key = Key::ec("1");
    let elsewhere = Issuer::start(&[&key]);
    let claims = |issuer: &Issuer| key.token("ES256", &issuer.claims(&["everybody"], json!({})));
    for url in
        ["file:///etc/passwd", "http://idp.example.com/keys", "https://169.254.169.254/keys", "nonsense"]
    {
        let issuer = Issuer::start(&[&key]);
        issuer.keys_are_at(url);
        let worker = worker(&issuer, &[]);
        assert_eq!(status(&worker, &claims(&issuer)), 503, "{url}");
    }
    // Another host than the issuer's must be named.
    let there = format!("{}/keys", elsewhere.url.replace("127.0.0.1", "localhost"));
    let issuer = Issuer::start(&[&key]);
    issuer.keys_are_at(&there);
    let refuses = worker(&issuer, &[]);
    assert_eq!(status(&refuses, &claims(&issuer)), 503);
    assert!(elsewhere.asked().is_empty());
    let takes = worker(&issuer, &[("sluice.rest.bearer.jwks.hosts", "localhost")]);
    assert_eq!(status(&takes, &claims(&issuer)), 200);
    // Neither is a redirection followed, nor a long answer read to its end.
    for (code, body) in [(302, ""), (200, "x"), (200, &*"[".repeat(300_000)), (500, "")] {
        let issuer = Issuer::start(&[&key]);
        issuer.answer(code, body);
        let worker = worker(&issuer, &[]);
        assert_eq!(status(&worker, &claims(&issuer)), 503);
    }
}
