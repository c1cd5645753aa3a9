//! How a client finds the registry and is let in.

use std::time::Duration;

use api::Error;
use api::config::{Config, FieldType, Parsed, Report, Secret, Type, Validator};
use url::Url;

/// A list of URLs, which may hold passwords.
#[derive(Debug, Clone)]
pub struct Urls(Vec<Secret>);

impl FieldType for Urls {
    const TYPE: Type = Type::List;

    fn from_value(value: Option<&Parsed>) -> Result<Self, String> {
        let urls = Vec::<String>::from_value(value)?;
        Ok(Self(urls.into_iter().map(Secret::new).collect()))
    }
}

/// Keys of the client, which all registry converters share.
#[derive(Debug, Clone, Config)]
#[config(group = "Schema Registry", check = check)]
pub struct ClientKeys {
    /// Comma-separated list of URLs of schema registry instances. They are tried in order. A URL may hold a user and a
    /// password, and the path of a context (`https://host/contexts/.team`).
    #[config(key = "schema.registry.url", importance = High)]
    pub urls: Urls,
    /// Whether a call begins with any URL of the list, so that the load is spread.
    #[config(key = "schema.registry.url.randomize", default = "false", importance = Low)]
    pub randomize: bool,
    /// How many schemas are remembered.
    #[config(key = "max.schemas.per.subject", default = "1000", importance = Low, validator = Validator::at_least(1.0))]
    pub max_schemas: i32,
    /// For how many seconds the latest version of a subject is remembered; -1 is for ever.
    #[config(key = "latest.cache.ttl.sec", default = "60", importance = Low, validator = Validator::at_least(-1.0))]
    pub latest_ttl_sec: i64,
    /// How many times a call is tried again at each URL.
    #[config(key = "max.retries", default = "3", importance = Low, validator = Validator::between(0.0, 1000.0))]
    pub max_retries: i32,
    /// How long is waited before the first retry, at most, in milliseconds. It doubles with each retry.
    #[config(key = "retries.wait.ms", default = "1000", importance = Low)]
    pub retries_wait: Duration,
    /// How long is waited before any retry, at most, in milliseconds.
    #[config(key = "retries.max.wait.ms", default = "20000", importance = Low)]
    pub retries_max_wait: Duration,
    /// How long to wait for a connection, in milliseconds.
    #[config(key = "http.connect.timeout.ms", default = "60000", importance = Low)]
    pub connect_timeout: Duration,
    /// How long to wait for an answer, in milliseconds.
    #[config(key = "http.read.timeout.ms", default = "60000", importance = Low)]
    pub read_timeout: Duration,
    /// Where user and password are: `URL` or `USER_INFO`.
    #[config(key = "basic.auth.credentials.source", default = "URL", importance = Medium)]
    pub basic_source: String,
    /// `user:password`, for the source `USER_INFO`.
    #[config(key = "basic.auth.user.info", importance = Medium)]
    pub user_info: Option<Secret>,
    /// The old name of `basic.auth.user.info`.
    #[config(key = "schema.registry.basic.auth.user.info", importance = Low)]
    pub old_user_info: Option<Secret>,
    /// Where a bearer token comes from: `STATIC_TOKEN` or `OAUTHBEARER` (client credentials).
    #[config(key = "bearer.auth.credentials.source", importance = Medium)]
    pub bearer_source: Option<String>,
    /// The token, for the source `STATIC_TOKEN`.
    #[config(key = "bearer.auth.token", importance = Medium)]
    pub token: Option<Secret>,
    /// The token endpoint of the identity provider, for the source `OAUTHBEARER`.
    #[config(key = "bearer.auth.issuer.endpoint.url", importance = Medium)]
    pub issuer: Option<String>,
    /// The client's id at the identity provider.
    #[config(key = "bearer.auth.client.id", importance = Medium)]
    pub client_id: Option<String>,
    /// The client's secret at the identity provider.
    #[config(key = "bearer.auth.client.secret", importance = Medium)]
    pub client_secret: Option<Secret>,
    /// The scope to ask for.
    #[config(key = "bearer.auth.scope", importance = Medium)]
    pub scope: Option<String>,
    /// How many seconds before its end a token is renewed.
    #[config(key = "bearer.auth.cache.expiry.buffer.seconds", default = "300", importance = Low, validator = Validator::at_least(0.0))]
    pub expiry_buffer_sec: i32,
    /// Sent as the header `target-sr-cluster` with a token.
    #[config(key = "bearer.auth.logical.cluster", importance = Medium)]
    pub logical_cluster: Option<String>,
    /// Sent as the header `Confluent-Identity-Pool-Id` with a token.
    #[config(key = "bearer.auth.identity.pool.id", importance = Medium)]
    pub identity_pool: Option<String>,
    /// The host of a proxy in between.
    #[config(key = "proxy.host", default = "", importance = Low)]
    pub proxy_host: String,
    /// The port of the proxy.
    #[config(key = "proxy.port", default = "-1", importance = Low)]
    pub proxy_port: i32,
    /// The file with the certificates of trusted authorities, in PEM, PKCS12 or JKS; without, the machine's are trusted.
    #[config(key = "schema.registry.ssl.truststore.location", importance = Medium)]
    pub truststore: Option<String>,
    /// The form of the trust store: `PEM`, `PKCS12` or `JKS`. When unset, the file's first bytes tell.
    #[config(key = "schema.registry.ssl.truststore.type", importance = Low)]
    pub truststore_type: Option<String>,
    /// The password of a trust store in PKCS12 or JKS.
    #[config(key = "schema.registry.ssl.truststore.password", importance = Medium)]
    pub truststore_password: Option<Secret>,
    /// The certificates of trusted authorities themselves, in PEM.
    #[config(key = "schema.registry.ssl.truststore.certificates", importance = Low)]
    pub trusted: Option<Secret>,
    /// The file with the client's key and certificate, in PEM, PKCS12 or JKS.
    #[config(key = "schema.registry.ssl.keystore.location", importance = Medium)]
    pub keystore: Option<String>,
    /// The form of the key store: `PEM`, `PKCS12` or `JKS`. When unset, the file's first bytes tell.
    #[config(key = "schema.registry.ssl.keystore.type", importance = Low)]
    pub keystore_type: Option<String>,
    /// The password of a key store in PKCS12 or JKS.
    #[config(key = "schema.registry.ssl.keystore.password", importance = Medium)]
    pub keystore_password: Option<Secret>,
    /// The password of an encrypted key in PEM, or of a key in JKS that has another one than its store.
    #[config(key = "schema.registry.ssl.key.password", importance = Medium)]
    pub key_password: Option<Secret>,
    /// The client's key itself, in PEM.
    #[config(key = "schema.registry.ssl.keystore.key", importance = Medium)]
    pub key: Option<Secret>,
    /// The client's certificate itself, in PEM.
    #[config(key = "schema.registry.ssl.keystore.certificate.chain", importance = Medium)]
    pub chain: Option<Secret>,
    /// The newest version of TLS: `TLSv1.3` or `TLSv1.2`.
    #[config(key = "schema.registry.ssl.protocol", importance = Low)]
    pub protocol: Option<String>,
    /// The versions of TLS to speak, of `TLSv1.2` and `TLSv1.3`.
    #[config(key = "schema.registry.ssl.enabled.protocols", importance = Low)]
    pub enabled_protocols: Option<String>,
    /// The cipher suites to offer, by IANA's names; without, all that are known.
    #[config(key = "schema.registry.ssl.cipher.suites", importance = Low)]
    pub cipher_suites: Option<String>,
    /// `https` checks that the registry's certificate is for the host that was asked for; empty does not.
    #[config(key = "schema.registry.ssl.endpoint.identification.algorithm", importance = Low)]
    pub endpoint_algorithm: Option<String>,
}

/// What a client is made of.
pub struct ClientSettings {
    pub(super) keys: ClientKeys,
    pub(super) headers: Vec<(String, Secret)>,
    pub(super) cache_size: usize,
    pub(super) latest_ttl: Option<Duration>,
    pub(super) urls: Vec<Url>,
}

const REGISTRY_URL: &str = "schema.registry.url";

fn check(keys: &ClientKeys, report: &mut Report) {
    if let Err(why) = keys.parsed_urls() {
        report.add(REGISTRY_URL, why);
    }
    if let Err((key, why)) = super::credentials::check(keys) {
        report.add(key, why);
    }
    super::tls::check(keys, report);
}

impl ClientKeys {
    /// The URLs of the list. Texts of errors show neither user nor password.
    fn parsed_urls(&self) -> Result<Vec<Url>, String> {
        let mut urls = Vec::with_capacity(self.urls.0.len());
        for (index, text) in self.urls.0.iter().map(|url| url.expose().trim()).enumerate() {
            let nth = index + 1;
            if text.starts_with("mock:") {
                return Err(format!("URL {nth} is a Java client's mock; give the URL of a registry"));
            }
            let url = Url::parse(text)
                .map_err(|error| format!("URL {nth} of schema.registry.url is none: {error}"))?;
            match url.scheme() {
                "http" | "https" if url.has_host() => urls.push(url),
                // `user:password@host` reads as a scheme and its rest.
                _ if !text.contains("://") => {
                    return Err(format!(
                        "URL {nth} of schema.registry.url does not begin with http:// or https://"
                    ));
                }
                other => {
                    return Err(format!(
                        "URL {nth} of schema.registry.url begins with {other}:, not with http: or https:"
                    ));
                }
            }
        }
        match urls.is_empty() {
            true => Err("schema.registry.url is empty; give the URL of a registry".to_owned()),
            false => Ok(urls),
        }
    }

    /// The settings, with the values of `request.header.NAME`.
    ///
    /// # Errors
    /// A URL that is none.
    pub fn settings(self, headers: Vec<(String, Secret)>) -> api::Result<ClientSettings> {
        let urls = self.parsed_urls().map_err(Error::misconfigured)?;
        Ok(ClientSettings {
            headers,
            cache_size: usize::try_from(self.max_schemas).unwrap_or(1),
            latest_ttl: u64::try_from(self.latest_ttl_sec).ok().map(Duration::from_secs),
            urls,
            keys: self,
        })
    }
}
