//! A registry behind TLS: whose authority nobody else knows, and who wants to see a certificate.

use std::sync::Arc;

use api::ErrorKind;
use sluice_schema_registry::AvroConverter;
use testkit::certificates::{Authority, Pair};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::{built, config, converter, decode, encode, order, order_schema, server};

const QUICK: [(&str, &str); 2] = [("max.retries", "0"), ("retries.wait.ms", "1")];

/// TLS in front of a registry; with `clients`, only for who shows a certificate of that authority, in PEM.
async fn behind_tls(url: &str, pair: Pair, clients: Option<&str>) -> String {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let config = builder.with_single_cert(vec![pair.der()], pair.key_der()).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let target = url.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, target) = (acceptor.clone(), target.clone());
            tokio::spawn(async move {
                let Ok(mut outer) = acceptor.accept(stream).await else { return };
                let mut inner = TcpStream::connect(target).await.unwrap();
                let _ = copy_bidirectional(&mut outer, &mut inner).await;
            });
        }
    });
    format!("https://localhost:{port}")
}

async fn works(url: &str, more: &[(&str, &str)]) -> api::Result<()> {
    let all: Vec<_> = QUICK.into_iter().chain(more.iter().copied()).collect();
    let mut converter = converter(url, &all);
    let (bytes, _) = encode(&mut converter, "orders", &order(&order_schema(), 1)).await?;
    decode(&mut converter, "orders", &[], &bytes.unwrap()).await?;
    Ok(())
}

struct Files(std::path::PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("sluice-tls-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn an_authority_of_ones_own_must_be_trusted() {
    let server = server().await;
    let (authority, other) = (Authority::new("ours"), Authority::new("other"));
    let url = behind_tls(server.url(), authority.sign("localhost"), None).await;
    let files = Files::new("authority");
    let file = files.write("ca.pem", &authority.pem);
    let both = format!("{}{}", other.pem, authority.pem);
    for trust in [
        [
            ("schema.registry.ssl.truststore.type", "PEM"),
            ("schema.registry.ssl.truststore.location", file.as_str()),
        ],
        [
            ("schema.registry.ssl.truststore.type", "PEM"),
            ("schema.registry.ssl.truststore.certificates", both.as_str()),
        ],
    ] {
        works(&url, &trust).await.unwrap();
    }
    let stranger = [
        ("schema.registry.ssl.truststore.type", "PEM"),
        ("schema.registry.ssl.truststore.certificates", other.pem.as_str()),
    ];
    for trust in [&[][..], &stranger[..]] {
        let error = works(&url, trust).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Retry, "{error}");
        let text = error.to_string();
        for part in [url.as_str(), "certificate", "schema.registry.ssl.truststore.location"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    // Trusted, but for another host.
    let elsewhere =
        behind_tls(server.url(), authority.sign_for("registry", &["registry.example"]), None).await;
    let trust = [
        ("schema.registry.ssl.truststore.type", "PEM"),
        ("schema.registry.ssl.truststore.location", file.as_str()),
    ];
    let error = works(&elsewhere, &trust).await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    // A registry that is asked in clear.
    let error = works(&url.replace("https", "http"), &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Retry, "{error}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_registry_may_ask_for_a_certificate() {
    let server = server().await;
    let (authority, other) = (Authority::new("ours"), Authority::new("other"));
    let url = behind_tls(server.url(), authority.sign("localhost"), Some(&authority.pem)).await;
    let files = Files::new("client");
    let trust = [
        ("schema.registry.ssl.truststore.type", "PEM"),
        ("schema.registry.ssl.truststore.certificates", authority.pem.as_str()),
    ];
    let with = |more: [(&'static str, String); 2]| {
        let (trust, url) = (trust.map(|(key, value)| (key, value.to_owned())), url.clone());
        async move {
            let all: Vec<(&str, String)> = trust.into_iter().chain(more).collect();
            let all: Vec<(&str, &str)> = all.iter().map(|(key, value)| (*key, value.as_str())).collect();
            works(&url, &all).await
        }
    };
    let Pair { certificate, key } = authority.sign("sluice");
    let file = files.write("client.pem", &format!("{key}{certificate}"));
    with([
        ("schema.registry.ssl.keystore.type", "PEM".to_owned()),
        ("schema.registry.ssl.keystore.location", file),
    ])
    .await
    .unwrap();
    with([
        ("schema.registry.ssl.keystore.key", key.clone()),
        ("schema.registry.ssl.keystore.certificate.chain", certificate.clone()),
    ])
    .await
    .unwrap();
    // Without one, and with one that nobody knows.
    let error = works(&url, &trust).await.unwrap_err();
    assert!(error.to_string().contains(&url), "{error}");
    let Pair { certificate: stranger, key: stranger_key } = other.sign("stranger");
    let error = with([
        ("schema.registry.ssl.keystore.key", stranger_key.clone()),
        ("schema.registry.ssl.keystore.certificate.chain", stranger),
    ])
    .await
    .unwrap_err();
    assert!(!format!("{error:?}").contains(stranger_key.lines().nth(1).unwrap()), "{error:?}");
    server.shutdown().await;
}

#[test]
fn a_file_without_a_key_is_said_by_the_key_that_names_it() {
    let files = Files::new("no-key");
    let file = files.write("client.pem", &Authority::new("ours").sign("sluice").certificate);
    let keys = [
        ("schema.registry.ssl.keystore.type", "PEM"),
        ("schema.registry.ssl.keystore.location", file.as_str()),
    ];
    let error = built::<AvroConverter>(&config("https://localhost", &keys)).err().unwrap().to_string();
    assert!(error.contains("schema.registry.ssl.keystore.location"), "{error}");
    let keys = [
        ("bearer.auth.credentials.source", "STATIC_TOKEN"),
        ("bearer.auth.token", "t"),
        ("bearer.auth.identity.pool.id", "a\u{7f}b"),
    ];
    let error = built::<AvroConverter>(&config("https://localhost", &keys)).err().unwrap().to_string();
    assert!(error.contains("bearer.auth.identity.pool.id"), "{error}");
}

/// A store of the crate that reads them.
fn store(name: &str) -> String {
    format!("{}/../tls/tests/stores/{name}", env!("CARGO_MANIFEST_DIR"))
}

// What a Java worker's config has: both stores in Java's own form, with their passwords.
#[tokio::test]
async fn stores_are_read_in_each_form_that_java_has() {
    let server = server().await;
    let authority = std::fs::read_to_string(store("ca.pem")).unwrap();
    let of_server = |key: &str| std::fs::read_to_string(store(key)).unwrap();
    let raw =
        [("ssl.keystore.location", store("java.jks")), ("ssl.keystore.password", "changeit".to_owned())];
    let raw = raw.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let (_, key) = tls::Settings::of(raw, "").0.load().unwrap().identity_pem().unwrap();
    let pair = Pair { certificate: of_server("server.pem"), key: key.expose().to_owned() };
    let url = behind_tls(server.url(), pair, Some(&authority)).await;
    for (trust, identity) in [
        ("java-trust.jks", "java.jks"),
        ("keytool-trust.jks", "keytool-key.p12"),
        ("openssl-trust.p12", "openssl-key.p12"),
    ] {
        let (trust, identity) = (store(trust), store(identity));
        let keys = [
            ("schema.registry.ssl.truststore.location", trust.as_str()),
            ("schema.registry.ssl.truststore.type", "JKS"),
            ("schema.registry.ssl.truststore.password", "changeit"),
            ("schema.registry.ssl.keystore.location", &identity),
            ("schema.registry.ssl.keystore.type", "JKS"),
            ("schema.registry.ssl.keystore.password", "changeit"),
        ];
        works(&url, &keys).await.unwrap_or_else(|error| panic!("{trust}, {identity}: {error}"));
    }
    let keys = [
        ("schema.registry.ssl.truststore.location", &*store("java-trust.jks")),
        ("schema.registry.ssl.truststore.password", "canary"),
    ];
    let error = built::<AvroConverter>(&config(&url, &keys)).err().unwrap().to_string();
    for part in ["schema.registry.ssl.truststore.location", "java-trust.jks", "password is wrong"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(!error.contains("canary"), "{error}");
    server.shutdown().await;
}
