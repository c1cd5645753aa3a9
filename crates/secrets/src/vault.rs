//! HashiCorp Vault, key-value engines of both versions: `${vault:MOUNT/PATH:KEY}`.
//!
//! The API is that of Vault's documentation: `GET /v1/MOUNT/data/PATH` (version 2) or `GET /v1/MOUNT/PATH` (version 1) with
//! the token in `X-Vault-Token`; an AppRole gets its token with `POST /v1/auth/approle/login`.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use api::config::{RawConfig, Secret};
use api::{BoxFuture, Error, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::HeaderValue;
use reqwest::{Certificate, Client, Method, StatusCode, Url, redirect};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::ConfigProvider;
use crate::params::{first, millis, split_ttl, text_of};

const ADDRESS: [&str; 3] = ["vault.addr", "vault.address", "uri"];
const METHOD: [&str; 2] = ["vault.auth.method", "vault.login.by"];
const TOKEN: [&str; 2] = ["vault.token", "token"];
const ROLE: [&str; 3] = ["app.role.id", "vault.app.role.id", "vault.role.id"];
const ROLE_SECRET: [&str; 3] = ["app.role.secret.id", "vault.app.role.secret.id", "vault.secret.id"];
const ENGINE: &str = "vault.engine.version";
const PEM: &str = "vault.pem";
const PREFIX: [&str; 2] = ["vault.prefix", "secret.prefix"];
const TTL: [&str; 2] = ["secret.default.ttl", "secret.ttl.ms"];

/// A request that has no answer by then has failed.
const TIME_OUT: Duration = Duration::from_secs(20);
/// How often a request is made when Vault is busy or away, and the pause before the second time; it doubles.
const ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const ANSWER_BYTES_MAX: usize = 4 << 20;
/// What stays as it is in one segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Looks secrets up in Vault.
pub struct VaultProvider {
    http: Client,
    address: Url,
    namespace: Option<HeaderValue>,
    engine: Engine,
    prefix: String,
    login: Login,
    token: Mutex<Option<Token>>,
    default_ttl: Option<Duration>,
}

/// Shows no credential.
impl fmt::Debug for VaultProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultProvider").field("address", &self.address.as_str()).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Engine {
    V1,
    V2,
}

enum Login {
    Token(Secret),
    AppRole { role: String, secret: Secret },
}

#[derive(Clone)]
struct Token {
    value: HeaderValue,
    /// When it is too old to be used.
    until: Option<Instant>,
}

#[derive(Deserialize)]
struct Answer {
    data: Option<Map<String, Value>>,
    auth: Option<Auth>,
    #[serde(default)]
    errors: Vec<String>,
}

#[derive(Deserialize)]
struct Auth {
    client_token: String,
    #[serde(default)]
    lease_duration: u64,
}

impl VaultProvider {
    /// The classes of the providers for Java that this one stands for, with their parameters.
    pub const CLASSES: [&'static str; 4] = [
        "io.lenses.connect.secrets.providers.VaultSecretProvider",
        "io.confluent.csid.config.provider.vault.VaultConfigProvider",
        "com.github.jcustenborder.kafka.config.vault.VaultConfigProvider",
        "com.provectus.kafka.connect.config.VaultConfigProvider",
    ];
    /// The parameters that have an effect.
    pub const PARAMS: [&'static str; 20] = [
        "vault.addr",
        "vault.address",
        "uri",
        "vault.auth.method",
        "vault.login.by",
        "vault.token",
        "token",
        "app.role.id",
        "vault.app.role.id",
        "vault.role.id",
        "app.role.secret.id",
        "vault.app.role.secret.id",
        "vault.secret.id",
        "vault.namespace",
        "vault.engine.version",
        "vault.pem",
        "vault.prefix",
        "secret.prefix",
        "secret.default.ttl",
        "secret.ttl.ms",
    ];

    /// Takes the address, and a token or an AppRole.
    ///
    /// # Errors
    /// The parameter that is wrong, and why.
    pub fn new(params: &RawConfig) -> std::result::Result<Self, (String, String)> {
        let wrong = |name: &str, why: String| (name.to_owned(), why);
        let text = first(params, &ADDRESS).ok_or_else(|| {
            wrong(ADDRESS[0], "there must be Vault's address, as https://HOST:PORT".to_owned())
        })?;
        let address = address(text).map_err(|why| wrong(ADDRESS[0], why))?;
        let engine = match first(params, &[ENGINE]).unwrap_or("2") {
            "1" => Engine::V1,
            "2" => Engine::V2,
            other => return Err(wrong(ENGINE, format!("{other} is not 1 or 2"))),
        };
        let namespace = first(params, &["vault.namespace"]).map(HeaderValue::from_str).transpose();
        let namespace = namespace.map_err(|error| wrong("vault.namespace", error.to_string()))?;
        let http = client(&address, first(params, &[PEM])).map_err(|why| wrong(PEM, why))?;
        Ok(Self {
            http,
            address,
            namespace,
            engine,
            prefix: first(params, &PREFIX).unwrap_or_default().trim_matches('/').to_owned(),
            login: login(params)?,
            token: Mutex::new(None),
            default_ttl: millis(params, &TTL)?,
        })
    }

    /// `/v1/…` of a secret.
    fn url(&self, path: &str) -> Result<Url> {
        let wrong = |why: &'static str| Error::misconfigured(why).with("secret", path);
        let whole = match self.prefix.is_empty() {
            true => path.trim_matches('/').to_owned(),
            false => format!("{}/{}", self.prefix, path.trim_matches('/')),
        };
        let (mount, rest) = whole.split_once('/').ok_or_else(|| {
            wrong("a secret of Vault is named by its engine's mount and its path: MOUNT/PATH")
        })?;
        let data = (self.engine == Engine::V2 && !rest.starts_with("data/")).then_some("data");
        let segments = [mount].into_iter().chain(data).chain(rest.split('/'));
        let mut text = "v1".to_owned();
        for segment in segments {
            if matches!(segment, "" | "." | "..") {
                return Err(wrong("the path of a secret has an empty part, '.' or '..'"));
            }
            text.push('/');
            text.extend(utf8_percent_encode(segment, SEGMENT));
        }
        self.address.join(&text).map_err(|_| wrong("the path of a secret makes no address"))
    }

    async fn fields(&self, path: &str) -> Result<Map<String, Value>> {
        let url = self.url(path)?;
        let failed = |error: Error| error.with("secret", path).with("vault", &self.address);
        let mut token = self.token(false).await?;
        let mut answer = self.ask(Method::GET, &url, Some(&token), None).await.map_err(failed)?;
        if answer.0 == StatusCode::FORBIDDEN && matches!(self.login, Login::AppRole { .. }) {
            token = self.token(true).await?; // it was revoked, or its lease has ended
            answer = self.ask(Method::GET, &url, Some(&token), None).await.map_err(failed)?;
        }
        let (status, Answer { data, errors, .. }) = answer;
        let data = match (status, self.engine) {
            (StatusCode::OK, Engine::V1) => data,
            (StatusCode::OK, Engine::V2) => match data.and_then(|mut data| data.remove("data")) {
                Some(Value::Object(fields)) => Some(fields),
                _ => None, // deleted, or an engine of version 1
            },
            (StatusCode::NOT_FOUND, _) => None,
            _ => {
                let error = Error::misconfigured(format!(
                    "Vault does not give this secret: {}",
                    said(status, &errors)
                ));
                return Err(failed(error).hint("look at the policies of the worker's token or role"));
            }
        };
        data.ok_or_else(|| {
            failed(Error::misconfigured("Vault has no such secret"))
                .hint("look at the path and at vault.engine.version: kv engines have version 1 or 2")
        })
    }

    async fn token(&self, anew: bool) -> Result<HeaderValue> {
        let (role, secret) = match &self.login {
            Login::Token(token) => return sensitive(token.expose()),
            Login::AppRole { role, secret } => (role, secret),
        };
        let mut known = self.token.lock().await;
        let fresh = |token: &&Token| token.until.is_none_or(|until| Instant::now() < until);
        if let Some(token) = known.as_ref().filter(fresh).filter(|_| !anew) {
            return Ok(token.value.clone());
        }
        let failed = |error: Error| error.with("vault", &self.address);
        let url = self.address.join("v1/auth/approle/login");
        let url = url.map_err(|_| failed(Error::misconfigured("Vault's address cannot be used")))?;
        let body = serde_json::json!({ "role_id": role, "secret_id": secret.expose() }).to_string();
        let (status, answer) = self.ask(Method::POST, &url, None, Some(body)).await.map_err(failed)?;
        let Some(Auth { client_token, lease_duration }) = answer.auth.filter(|_| status.is_success()) else {
            let text =
                format!("Vault does not let the worker's AppRole in: {}", said(status, &answer.errors));
            return Err(failed(Error::misconfigured(text)));
        };
        let value = sensitive(&client_token)?;
        // A fifth before its end, so that no request comes too late. 0 is a token without an end.
        let lease = Duration::from_secs(lease_duration.min(1 << 31)).mul_f64(0.8);
        let until = (lease_duration > 0).then(|| Instant::now() + lease);
        *known = Some(Token { value: value.clone(), until });
        Ok(value)
    }

    /// Asks, again when Vault is busy or away. The answer is whatever Vault says, but for what may pass.
    async fn ask(
        &self,
        method: Method,
        url: &Url,
        token: Option<&HeaderValue>,
        body: Option<String>,
    ) -> Result<(StatusCode, Answer)> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            match self.once(method.clone(), url, token, body.clone()).await {
                Err(error) if error.is_retriable() && attempt < ATTEMPTS => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                    attempt += 1;
                }
                answer => return answer,
            }
        }
    }

    async fn once(
        &self,
        method: Method,
        url: &Url,
        token: Option<&HeaderValue>,
        body: Option<String>,
    ) -> Result<(StatusCode, Answer)> {
        let mut request = self.http.request(method, url.clone()).header("X-Vault-Request", "true");
        if let Some(token) = token {
            request = request.header("X-Vault-Token", token.clone());
        }
        if let Some(namespace) = &self.namespace {
            request = request.header("X-Vault-Namespace", namespace.clone());
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body);
        }
        let away =
            |error: reqwest::Error| Error::retry("Vault does not answer").caused_by(error.without_url());
        let mut answer = request.send().await.map_err(away)?;
        let status = answer.status();
        let mut document = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(away)? {
            document.extend_from_slice(&chunk);
            if document.len() > ANSWER_BYTES_MAX {
                return Err(Error::fatal(format!("Vault answered more than {ANSWER_BYTES_MAX} bytes")));
            }
        }
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            let errors = serde_json::from_slice::<Answer>(&document).map(|answer| answer.errors);
            let text =
                format!("Vault is busy, sealed or broken: {}", said(status, &errors.unwrap_or_default()));
            return Err(Error::retry(text));
        }
        // The parser's own error may quote the document.
        let parsed = serde_json::from_slice(&document).map_err(|_| {
            Error::misconfigured(format!("what is there does not answer as Vault does, but {status}"))
        })?;
        Ok((status, parsed))
    }
}

fn said(status: StatusCode, errors: &[String]) -> String {
    let text: String = errors.join("; ").chars().take(300).collect();
    if text.is_empty() { status.to_string() } else { format!("{text} ({status})") }
}

fn sensitive(token: &str) -> Result<HeaderValue> {
    let value = HeaderValue::from_str(token);
    let mut value =
        value.map_err(|_| Error::misconfigured("Vault's token has characters that no token has"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn address(text: &str) -> std::result::Result<Url, String> {
    let mut url = Url::parse(text).map_err(|error| format!("it is not an address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("it must be https://HOST:PORT".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold credentials; they have parameters of their own".to_owned());
    }
    let local = url.host_str().is_some_and(|host| {
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    });
    if url.scheme() == "http" && !local {
        tracing::warn!(vault = %url, "secrets come from Vault in clear, since its address is not https");
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

fn client(address: &Url, pem: Option<&str>) -> std::result::Result<Client, String> {
    // The one provider of cryptography that is linked; another part of the program may have said so already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // A token is for one place.
    let mut builder = Client::builder().timeout(TIME_OUT).redirect(redirect::Policy::none());
    if address.scheme() == "http" {
        builder = builder.no_proxy();
    }
    if let Some(pem) = pem {
        let text = match pem.contains("-----BEGIN") {
            true => pem.to_owned(),
            false => {
                std::fs::read_to_string(pem).map_err(|error| format!("{pem} cannot be read: {error}"))?
            }
        };
        let certificates = Certificate::from_pem_bundle(text.as_bytes()).unwrap_or_default();
        if certificates.is_empty() {
            return Err("there is no PEM certificate in it".to_owned());
        }
        builder = builder.tls_certs_only(certificates);
    }
    builder.build().map_err(|error| format!("cannot prepare requests: {error}"))
}

fn login(params: &RawConfig) -> std::result::Result<Login, (String, String)> {
    let missing =
        |names: &[&str]| (names[0].to_owned(), "it must be given for this way to log in".to_owned());
    match first(params, &METHOD).unwrap_or("token").to_ascii_lowercase().as_str() {
        "token" => {
            let token = first(params, &TOKEN).ok_or_else(|| missing(&TOKEN))?;
            Ok(Login::Token(Secret::new(token)))
        }
        "approle" => Ok(Login::AppRole {
            role: first(params, &ROLE).ok_or_else(|| missing(&ROLE))?.to_owned(),
            secret: Secret::new(first(params, &ROLE_SECRET).ok_or_else(|| missing(&ROLE_SECRET))?),
        }),
        other => {
            let why = format!("there is no way to log in by {other} here; there are: token, approle");
            Err((METHOD[0].to_owned(), why))
        }
    }
}

impl ConfigProvider for VaultProvider {
    fn get<'a>(
        &'a self,
        path: &'a str,
        keys: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, Secret>>> {
        Box::pin(async move {
            if path.is_empty() {
                return Ok(BTreeMap::new());
            }
            let fields = self.fields(path).await?;
            let value =
                |key: &String| Some((key.clone(), Secret::new(text_of(fields.get(split_ttl(key).0)?)?)));
            Ok(keys.iter().filter_map(value).collect())
        })
    }

    fn ttl(&self, _path: &str, key: &str) -> Option<Duration> {
        split_ttl(key).1.or(self.default_ttl)
    }
}
