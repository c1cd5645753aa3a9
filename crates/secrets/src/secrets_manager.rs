//! AWS Secrets Manager: `${secretsmanager:NAME:KEY}`, where the secret is a JSON object with this key, and
//! `${secretsmanager:NAME}` for the whole secret. An ARN is written percent-encoded, since references end at colons.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use api::config::{RawConfig, Secret};
use api::{BoxFuture, Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::ConfigProvider;
use crate::params::{first, millis, split_ttl, text_of};

const REGION: [&str; 2] = ["region", "aws.region"];
const ENDPOINT: [&str; 2] = ["endpoint", "aws.endpoint.override"];
const TTL: [&str; 2] = ["secret.default.ttl", "secret.ttl.ms"];

/// Looks secrets up with `GetSecretValue`.
pub struct SecretsManagerProvider {
    endpoint: aws::Endpoint,
    region: String,
    prefix: String,
    default_ttl: Option<Duration>,
    encodes_whole: bool,
}

/// Shows no credential.
impl fmt::Debug for SecretsManagerProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretsManagerProvider").field("region", &self.region).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    secret_string: Option<String>,
    secret_binary: Option<String>,
}

impl SecretsManagerProvider {
    /// The classes of the providers for Java that this one stands for, with their parameters.
    pub const CLASSES: [&'static str; 4] = [
        "com.amazonaws.kafka.config.providers.SecretsManagerConfigProvider",
        "io.lenses.connect.secrets.providers.AWSSecretProvider",
        "io.confluent.csid.config.provider.aws.SecretsManagerConfigProvider",
        "com.github.jcustenborder.kafka.config.aws.SecretsManagerConfigProvider",
    ];
    /// The parameters that have an effect.
    pub const PARAMS: [&'static str; 12] = [
        "region",
        "aws.region",
        "endpoint",
        "aws.endpoint.override",
        "aws.auth.method",
        "aws.access.key",
        "aws.secret.key",
        "aws.session.token",
        "secret.prefix",
        "secret.default.ttl",
        "secret.ttl.ms",
        "RawSecretEncoding",
    ];

    /// Takes the region and, if given, keys; without keys the surroundings give credentials.
    ///
    /// # Errors
    /// The parameter that is wrong, and why.
    pub fn new(params: &RawConfig) -> std::result::Result<Self, (String, String)> {
        let environment =
            || ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().find_map(|name| std::env::var(name).ok());
        let region = first(params, &REGION).map(str::to_owned).or_else(environment).ok_or_else(|| {
            let why = "there must be a region, here or in the environment variable AWS_REGION";
            (REGION[0].to_owned(), why.to_owned())
        })?;
        let wanted = first(params, &["aws.auth.method"]).unwrap_or_default().to_ascii_lowercase();
        let pair = first(params, &["aws.access.key"]).zip(first(params, &["aws.secret.key"]));
        let credentials = match (wanted.as_str(), pair) {
            ("" | "credentials", Some((id, secret))) => {
                aws::keys(id, secret, first(params, &["aws.session.token"]))
            }
            ("credentials", None) => {
                let why = "it says credentials, but aws.access.key and aws.secret.key are not both given";
                return Err(("aws.auth.method".to_owned(), why.to_owned()));
            }
            ("" | "default", _) => {
                aws::surroundings(&region).map_err(|error| (REGION[0].to_owned(), error.to_string()))?
            }
            (other, _) => {
                let why = format!("{other} is not credentials or default");
                return Err(("aws.auth.method".to_owned(), why));
            }
        };
        let encoding = first(params, &["RawSecretEncoding"]).unwrap_or("none").to_ascii_lowercase();
        let encodes_whole = match encoding.as_str() {
            "none" => false,
            "base64" => true,
            other => {
                return Err(("RawSecretEncoding".to_owned(), format!("{other} is not none or base64")));
            }
        };
        let partition = if region.starts_with("cn-") { "aws-cn" } else { "aws" };
        let url = first(params, &ENDPOINT);
        // The one provider of cryptography that is linked; another part of the program may have said so already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let endpoint = aws::Endpoint::new("secretsmanager", partition, &region, url, credentials)
            .map_err(|error| (ENDPOINT[0].to_owned(), error.to_string()))?;
        let prefix = first(params, &["secret.prefix"]).unwrap_or_default().to_owned();
        Ok(Self { endpoint, region, prefix, default_ttl: millis(params, &TTL)?, encodes_whole })
    }

    async fn fetch(&self, name: &str) -> Result<Answer> {
        let decoded = percent_decode_str(name).decode_utf8();
        let decoded =
            decoded.map_err(|_| Error::misconfigured("a secret's name is not UTF-8").with("secret", name))?;
        let id = format!("{}{decoded}", self.prefix);
        let body = serde_json::json!({ "SecretId": id }).to_string();
        let answer = self.endpoint.call_json("secretsmanager.GetSecretValue", &body).await;
        let document = answer.map_err(|error| {
            let text = "AWS Secrets Manager does not give this secret";
            let failed = match error {
                aws::Error::Unreachable(_) => Error::retry(text),
                _ => Error::misconfigured(text),
            };
            failed.with("secret", &id).with("region", &self.region).caused_by(error)
        })?;
        // The parser's own error may quote the document.
        serde_json::from_str(&document).map_err(|_| {
            Error::fatal("AWS Secrets Manager answered something that is not its JSON").with("secret", &id)
        })
    }

    async fn whole(&self, name: &str) -> Result<Option<Secret>> {
        let Answer { secret_string, secret_binary } = self.fetch(name).await?;
        let text = match (secret_string, secret_binary) {
            (Some(text), _) if self.encodes_whole => Some(STANDARD.encode(text)),
            (Some(text), _) => Some(text),
            (None, binary) => binary, // it comes as base64
        };
        Ok(text.map(Secret::new))
    }

    async fn fields(&self, name: &str, keys: &[String]) -> Result<BTreeMap<String, Secret>> {
        let text = self.fetch(name).await?.secret_string.unwrap_or_default();
        let fields: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).map_err(|_| {
                Error::misconfigured("the secret is not a JSON object, so it has no keys")
                    .with("secret", name)
                    .hint("store it as {\"KEY\": \"VALUE\"}, or refer to the whole of it, without a key")
            })?;
        let value = |key: &String| Some((key.clone(), Secret::new(text_of(fields.get(split_ttl(key).0)?)?)));
        Ok(keys.iter().filter_map(value).collect())
    }
}

impl ConfigProvider for SecretsManagerProvider {
    fn get<'a>(
        &'a self,
        path: &'a str,
        keys: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, Secret>>> {
        Box::pin(async move {
            if !path.is_empty() {
                return self.fields(path, keys).await;
            }
            let mut found = BTreeMap::new();
            for key in keys {
                if let Some(secret) = self.whole(split_ttl(key).0).await? {
                    found.insert(key.clone(), secret);
                }
            }
            Ok(found)
        })
    }

    fn ttl(&self, _path: &str, key: &str) -> Option<Duration> {
        split_ttl(key).1.or(self.default_ttl)
    }
}
