use std::sync::Arc;

use super::*;
use crate::librdkafka::RdKafkaClients;
use crate::librdkafka::java_keys::{Role, Translated, translate};
use crate::{ClientSettings, Error};

const MODULE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required";
const URL: &str = "sasl.oauthbearer.token.endpoint.url";

fn settings(pairs: &[(&str, &str)]) -> ClientSettings {
    let mut raw: api::config::RawConfig = [
        ("bootstrap.servers", "localhost:1"),
        ("security.protocol", "SASL_SSL"),
        ("sasl.mechanism", "OAUTHBEARER"),
        (URL, "https://idp.example/oauth2/token"),
    ]
    .into_iter()
    .collect();
    for (key, value) in pairs {
        raw.set(*key, *value);
    }
    ClientSettings(raw)
}

fn read(pairs: &[(&str, &str)]) -> Translated {
    translate(Role::Producer, &settings(pairs)).unwrap_or_else(|error| panic!("{pairs:?}: {error}"))
}

fn login(pairs: &[(&str, &str)]) -> Arc<LoginSettings> {
    read(pairs).login.expect("the mechanism has a login")
}

/// Is refused with a text that says this, and does not show a secret.
fn refused(pairs: &[(&str, &str)], says: &[&str]) {
    match translate(Role::Producer, &settings(pairs)) {
        Ok(_) => panic!("{pairs:?} was taken"),
        Err(error @ Error::Misconfigured { .. }) => {
            let text = error.to_string();
            assert!(says.iter().all(|says| text.contains(says)), "{pairs:?}: {text}");
            assert!(!text.contains("canary"), "{pairs:?}: {text}");
        }
        Err(error) => panic!("{pairs:?}: {error:?}"),
    }
}

fn jaas(options: &str) -> String {
    format!("{MODULE} clientId=\"the-client\" clientSecret=\"canary\" {options};")
}

#[test]
fn credentials_as_options_of_the_module() {
    let jaas =
        jaas("scope=\"kafka read\" extension_logicalCluster=\"lkc-1\" extension_identityPoolId=\"pool-2\"");
    let login = login(&[("sasl.jaas.config", &jaas)]);
    assert_eq!((login.client_id.as_str(), login.client_secret.expose()), ("the-client", "canary"));
    assert_eq!(login.scope.as_deref(), Some("kafka read"));
    let extension = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        login.extensions,
        [extension("identityPoolId", "pool-2"), extension("logicalCluster", "lkc-1")]
    );
    assert_eq!(login.place(), "https://idp.example/oauth2/token");
    assert_eq!((login.retry_backoff.as_millis(), login.retry_backoff_max.as_millis()), (100, 10_000));
    let window = &login.refresh;
    assert_eq!((window.factor, window.jitter), (0.8, 0.05));
    assert_eq!((window.period_min.as_secs(), window.buffer.as_secs()), (60, 300));
}

#[test]
fn keys_of_kafka_4_win_over_the_options() {
    let jaas = jaas("scope=\"old\"");
    let login = login(&[
        ("sasl.jaas.config", &jaas),
        ("sasl.oauthbearer.client.credentials.client.id", "new-client"),
        ("sasl.oauthbearer.client.credentials.client.secret", "new-canary"),
        ("sasl.oauthbearer.scope", "new"),
        ("sasl.oauthbearer.header.urlencode", "true"),
        ("sasl.oauthbearer.sub.claim.name", "client_id"),
        (
            "sasl.login.callback.handler.class",
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
        ),
        (
            "sasl.oauthbearer.jwt.retriever.class",
            "org.apache.kafka.common.security.oauthbearer.ClientCredentialsJwtRetriever",
        ),
        (
            "sasl.oauthbearer.jwt.validator.class",
            "org.apache.kafka.common.security.oauthbearer.ClientJwtValidator",
        ),
        ("sasl.login.connect.timeout.ms", "1000"),
        ("sasl.login.read.timeout.ms", "2000"),
        ("sasl.login.retry.backoff.ms", "10"),
        ("sasl.login.retry.backoff.max.ms", "20"),
        ("sasl.login.refresh.window.factor", "0.5"),
        ("sasl.login.refresh.window.jitter", "0"),
        ("sasl.login.refresh.min.period.seconds", "1"),
        ("sasl.login.refresh.buffer.seconds", "2"),
    ]);
    assert_eq!((login.client_id.as_str(), login.client_secret.expose()), ("new-client", "new-canary"));
    assert_eq!((login.scope.as_deref(), login.url_encode), (Some("new"), true));
    assert_eq!(login.subject_claim, "client_id");
    assert_eq!((login.connect_timeout.as_millis(), login.read_timeout.as_millis()), (1000, 2000));
    assert_eq!((login.retry_backoff.as_millis(), login.retry_backoff_max.as_millis()), (10, 20));
    assert_eq!(login.refresh.pause(Duration::from_secs(10), 1.0), Duration::from_secs(5));
}

#[test]
fn keys_alone_are_enough() {
    let login = login(&[
        ("sasl.oauthbearer.client.credentials.client.id", "c"),
        ("sasl.oauthbearer.client.credentials.client.secret", "canary"),
    ]);
    assert_eq!((login.client_id.as_str(), &login.scope), ("c", &None));
}

#[test]
fn what_is_missing_or_not_there_is_said() {
    let with = |options: &str| jaas(options);
    let whole = with("");
    refused(
        &[("sasl.jaas.config", &format!("{MODULE} clientId=\"c\";"))],
        &["client.secret", "clientSecret"],
    );
    refused(
        &[("sasl.jaas.config", &format!("{MODULE} clientSecret=\"canary\";"))],
        &["client.id", "clientId"],
    );
    refused(&[("sasl.jaas.config", &whole), (URL, "")], &[URL, "missing"]);
    let plain = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"canary\";";
    refused(&[("sasl.jaas.config", plain)], &["OAuthBearerLoginModule"]);
    let old = with("unsecuredLoginStringClaim_sub=\"alice\"");
    refused(&[("sasl.jaas.config", &old)], &["unsecuredLoginStringClaim_sub", "not supported"]);
    for (key, value) in [
        ("sasl.login.callback.handler.class", "com.example.MyHandler"),
        ("sasl.client.callback.handler.class", "com.example.MyHandler"),
        (
            "sasl.oauthbearer.jwt.retriever.class",
            "org.apache.kafka.common.security.oauthbearer.JwtBearerJwtRetriever",
        ),
        ("sasl.oauthbearer.jwt.validator.class", "com.example.MyValidator"),
        ("sasl.oauthbearer.assertion.private.key.passphrase", "canary"),
        ("sasl.oauthbearer.header.urlencode", "perhaps"),
        ("sasl.login.read.timeout.ms", "0"),
        ("sasl.login.retry.backoff.ms", "soon"),
        ("sasl.login.refresh.window.factor", "0.4"),
        ("sasl.login.refresh.window.jitter", "NaN"),
        ("sasl.login.refresh.min.period.seconds", "901"),
        ("sasl.login.refresh.buffer.seconds", "-1"),
        ("sasl.oauthbearer.token.endpoint.uri", "https://idp.example"),
    ] {
        refused(&[("sasl.jaas.config", &whole), (key, value)], &[key]);
    }
}

#[test]
fn a_secret_goes_to_no_wrong_place() {
    let jaas = jaas("");
    for (url, says) in [
        ("http://idp.example/token", "in clear"),
        ("http://10.0.0.1/token", "in clear"),
        ("file:///etc/passwd", "file"),
        ("ftp://idp.example/token", "ftp is not supported"),
        ("https://user:canary@idp.example/token", "credentials"),
        ("https://169.254.169.254/token", "link-local"),
        ("https://[fe80::1]/token", "link-local"),
        ("https://[::ffff:169.254.169.254]/token", "link-local"),
        ("idp.example/token", "not a URL"),
    ] {
        refused(&[("sasl.jaas.config", &jaas), (URL, url)], &[URL, says]);
    }
    for url in ["http://localhost:1/t", "http://127.0.0.1:1/t", "http://[::1]:1/t", "https://10.0.0.1/t"] {
        login(&[("sasl.jaas.config", &jaas), (URL, url)]);
    }
    let login = login(&[("sasl.jaas.config", &jaas), (URL, "https://idp.example/t?key=canary#canary")]);
    assert_eq!(login.place(), "https://idp.example/t");
}

#[test]
fn extensions_are_those_of_rfc_7628() {
    for (extension, says) in [
        ("extension_auth=\"x\"", "the token's own"),
        ("extension_=\"x\"", "letters"),
        ("extension_pool1=\"x\"", "letters"),
        ("extension_pool=\"canary\u{1}\"", "printable"),
        ("extension_pool=\"canäry\"", "printable"),
        ("extension_pool=\"\"", "not empty"),
    ] {
        refused(&[("sasl.jaas.config", &jaas(extension))], &["sasl.jaas.config", says]);
    }
}

#[test]
fn the_trust_store_of_the_endpoint_is_opened() {
    let store = concat!(env!("CARGO_MANIFEST_DIR"), "/../tls/tests/stores/java-trust.jks");
    let options = |password: &str| {
        jaas(&format!(
            "ssl.protocol=\"TLSv1.3\" ssl.truststore.location=\"{store}\" ssl.truststore.password=\"{password}\""
        ))
    };
    // Versions of TLS as options are ignored.
    let authorities = login(&[("sasl.jaas.config", &options("changeit"))]).authorities.clone();
    assert!(authorities.unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    refused(&[("sasl.jaas.config", &options("canary"))], &["sasl.jaas.config", "password is wrong"]);
    for (options, says) in [
        ("ssl.truststore.location=\"/etc/trust.jks\"", "/etc/trust.jks: cannot be read"),
        ("ssl.truststore.type=\"PEM\" ssl.truststore.location=\"/no/such.pem\"", "/no/such.pem"),
        (
            "ssl.truststore.type=\"PEM\" ssl.truststore.certificates=\"canary\"",
            "there is no certificate in it",
        ),
        ("ssl.keystore.location=\"/etc/key.p12\"", "ssl.keystore.location"),
    ] {
        refused(&[("sasl.jaas.config", &jaas(options))], &["sasl.jaas.config", says]);
    }
}

#[tokio::test]
async fn clients_with_equal_logins_share_one() {
    let clients = RdKafkaClients::new();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap(); // takes connections, answers none
    let url = format!("http://{}/token", nobody.local_addr().unwrap());
    let of = |scope: &str, linger: &str| {
        let translated = read(&[
            (URL, &url),
            ("sasl.jaas.config", &jaas(&format!("scope=\"{scope}\""))),
            ("linger.ms", linger),
        ]);
        (clients.login(&translated).unwrap().unwrap(), translated.sharing_key())
    };
    let ((first, first_key), (second, second_key), (third, third_key)) =
        (of("a", "1"), of("a", "2"), of("b", "1"));
    assert!(Arc::ptr_eq(&first, &second) && first_key != second_key);
    assert!(!Arc::ptr_eq(&first, &third));
    assert!(first_key != third_key, "producers that log in otherwise are not shared");
    let shown = format!("{clients:?} {first:?}");
    assert!(!shown.contains("canary"), "{shown}");
}
