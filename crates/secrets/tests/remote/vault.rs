//! Vault, as its API's documentation has it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use api::ErrorKind;

use crate::stub::{Asked, Stub};
use crate::{CANARY, error, provider, resolve, try_provider, value};

const LENSES: &str = "io.lenses.connect.secrets.providers.VaultSecretProvider";
const CONFLUENT: &str = "io.confluent.csid.config.provider.vault.VaultConfigProvider";

fn not_found() -> (u16, String) {
    (404, r#"{"errors":[]}"#.to_owned())
}

/// Version 2 under `secret`, version 1 under `old`, for this token.
fn vault(token: &'static str) -> impl Fn(&Asked) -> (u16, String) + Send + Sync {
    move |asked| {
        if asked.header("x-vault-token") != token {
            return (403, r#"{"errors":["permission denied"]}"#.to_owned());
        }
        match asked.path.as_str() {
            "/v1/secret/data/team/db" => {
                let fields = format!(r#"{{"password":"{CANARY}","port":5432,"none":null}}"#);
                let data = format!(r#"{{"data":{fields},"metadata":{{"version":3}}}}"#);
                (200, format!(r#"{{"lease_duration":0,"data":{data}}}"#))
            }
            "/v1/old/db" => {
                (200, format!(r#"{{"lease_duration":2764800,"data":{{"password":"{CANARY}"}}}}"#))
            }
            _ => not_found(),
        }
    }
}

#[tokio::test]
async fn both_versions_of_the_engine_give_their_keys() {
    let stub = Stub::start(vault("s.token")).await;
    let params =
        [("vault.addr", stub.url.as_str()), ("vault.auth.method", "token"), ("vault.token", "s.token")];
    let two = provider(LENSES, &params);
    assert_eq!(
        value(&two, "x-${p:secret/team/db:password}-${p:secret/team/db:port}").await,
        format!("x-{CANARY}-5432")
    );
    assert_eq!(stub.asked().len(), 1, "one request a path");
    assert_eq!(value(&two, "${p:secret/data/team/db:port}").await, "5432", "as Vault itself writes the path");
    let kept = resolve(&two, "${p:secret/team/db:none}").await.unwrap();
    assert_eq!(kept.unresolved.len(), 1);

    let params =
        [("vault.address", stub.url.as_str()), ("vault.token", "s.token"), ("vault.engine.version", "1")];
    let one = provider(CONFLUENT, &params);
    assert_eq!(value(&one, "${p:old/db:password}").await, CANARY);
    let prefixed = provider("VaultConfigProvider", &[&params[..], &[("vault.prefix", "old/")]].concat());
    assert_eq!(value(&prefixed, "${p:db:password}").await, CANARY);
}

#[tokio::test]
async fn an_app_role_logs_in_once_and_again_when_its_token_is_gone() {
    let logins = AtomicUsize::new(0);
    let stub = Stub::start(move |asked| {
        if asked.path == "/v1/auth/approle/login" {
            assert_eq!(asked.method, "POST");
            assert_eq!(asked.body, format!(r#"{{"role_id":"r","secret_id":"{CANARY}"}}"#));
            let number = logins.fetch_add(1, Ordering::SeqCst) + 1;
            let auth = format!(r#"{{"client_token":"t{number}","lease_duration":3600}}"#);
            return (200, format!(r#"{{"auth":{auth}}}"#));
        }
        // The first token is revoked after its first use.
        match (asked.header("x-vault-token"), asked.path.as_str()) {
            ("t1", "/v1/secret/data/a") | ("t2", _) => (200, r#"{"data":{"data":{"k":"v"}}}"#.to_owned()),
            _ => (403, r#"{"errors":["permission denied"]}"#.to_owned()),
        }
    })
    .await;
    let providers = provider(
        LENSES,
        &[
            ("vault.addr", &stub.url),
            ("vault.auth.method", "approle"),
            ("app.role.id", "r"),
            ("app.role.secret.id", CANARY),
            ("vault.namespace", "team-a"),
        ],
    );
    for path in ["a", "a", "b", "c"] {
        assert_eq!(value(&providers, &format!("${{p:secret/{path}:k}}")).await, "v");
    }
    let asked = stub.asked();
    assert_eq!(asked.iter().filter(|asked| asked.path.ends_with("login")).count(), 2);
    assert!(asked.iter().all(|asked| asked.header("x-vault-namespace") == "team-a"));
    assert!(!format!("{providers:?}").contains(CANARY));
}

#[tokio::test]
async fn errors_name_the_reference_and_never_the_value() {
    let stub = Stub::start(vault(CANARY)).await;
    let right = provider(LENSES, &[("vault.addr", &stub.url), ("vault.token", CANARY)]);
    let absent = error(&right, "${p:secret/nope:k}").await;
    assert!(
        absent.to_string().contains("no such secret") && absent.to_string().contains("secret/nope"),
        "{absent}"
    );
    let nameless = error(&right, "${p:secret:k}").await;
    assert!(nameless.to_string().contains("MOUNT/PATH"), "{nameless}");
    for path in ["secret/../sys/seal", "secret//x", "secret/./x"] {
        let refused = error(&right, &format!("${{p:{path}:k}}")).await;
        assert!(refused.to_string().contains("'..'"), "{refused}");
    }
    let wrong = provider(LENSES, &[("vault.addr", &stub.url), ("vault.token", "other")]);
    let denied = error(&wrong, "${p:secret/team/db:password}").await;
    assert!(denied.to_string().contains("permission denied"), "{denied}");
    assert_eq!(denied.kind(), ErrorKind::Misconfigured);

    let broken = Stub::start(|_| (200, format!("<html>{CANARY}"))).await;
    let broken = provider(LENSES, &[("vault.addr", &broken.url), ("vault.token", "t")]);
    assert!(error(&broken, "${p:secret/a:k}").await.to_string().contains("does not answer as Vault"));
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let tries = AtomicUsize::new(0);
    let stub = Stub::start(move |_| match tries.fetch_add(1, Ordering::SeqCst) {
        0 => (503, r#"{"errors":["Vault is sealed"]}"#.to_owned()),
        _ => (200, r#"{"data":{"data":{"k":"v"}}}"#.to_owned()),
    })
    .await;
    let providers = provider(LENSES, &[("vault.addr", &stub.url), ("vault.token", "t")]);
    assert_eq!(value(&providers, "${p:secret/a:k}").await, "v");

    let sealed = Stub::start(|_| (503, r#"{"errors":["Vault is sealed"]}"#.to_owned())).await;
    let providers = provider(LENSES, &[("vault.addr", &sealed.url), ("vault.token", "t")]);
    let error = error(&providers, "${p:secret/a:k}").await;
    assert!(error.is_retriable() && error.to_string().contains("Vault is sealed"), "{error}");
}

#[tokio::test]
async fn values_may_have_an_end() {
    let stub = Stub::start(|_| (200, r#"{"data":{"data":{"a":"1","b":"2"}}}"#.to_owned())).await;
    let params = [("vault.addr", stub.url.as_str()), ("vault.token", "t")];
    let providers = provider(LENSES, &params);
    assert_eq!(resolve(&providers, "${p:s/x:a}").await.unwrap().ttl, None);
    let both = resolve(&providers, "${p:s/x:a?ttl=900}${p:s/x:b?ttl=500}").await.unwrap();
    assert_eq!((both.config.get("key"), both.ttl), (Some("12"), Some(Duration::from_millis(500))));
    let by_default = provider(LENSES, &[&params[..], &[("secret.default.ttl", "700")]].concat());
    assert_eq!(resolve(&by_default, "${p:s/x:a}").await.unwrap().ttl, Some(Duration::from_millis(700)));
}

#[test]
fn wrong_parameters_are_refused_by_name() {
    let address = ("vault.addr", "https://vault:8200");
    for (params, expected) in [
        (vec![], "param.vault.addr"),
        (vec![("vault.addr", "vault:8200")], "param.vault.addr"),
        (vec![("vault.addr", "https://u:p@vault")], "must not hold credentials"),
        (vec![address], "param.vault.token"),
        (vec![address, ("vault.auth.method", "ldap")], "there are: token, approle"),
        (vec![address, ("vault.auth.method", "approle"), ("app.role.id", "r")], "param.app.role.secret.id"),
        (vec![address, ("vault.token", "t"), ("vault.engine.version", "3")], "3 is not 1 or 2"),
        (vec![address, ("vault.token", "t"), ("secret.default.ttl", "1h")], "number of milliseconds"),
        (vec![address, ("vault.token", CANARY), ("vault.pem", "/no/such.pem")], "cannot be read"),
    ] {
        let problem = try_provider(LENSES, &params).unwrap_err();
        assert!(problem.contains(expected) && !problem.contains(CANARY), "{params:?}: {problem}");
    }
}
