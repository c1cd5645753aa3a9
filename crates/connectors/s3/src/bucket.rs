//! The bucket: requests to it, and what their failures mean.

use std::sync::Arc;
use std::time::Duration;

use api::config::Secret;
use api::{Clock, Error, ErrorKind, Result};
use http::{HeaderMap, HeaderValue};
use object_store::RetryConfig;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{
    ClientOptions, MultipartId, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload,
};

use crate::S3SinkConfig;
use crate::credentials::{self, Source, Surroundings};
use crate::transport::{Connector, Failure, Retry};

/// A client of one bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bucket(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: AmazonS3,
    // Sends the canned ACL, which only requests that make an object may carry.
    creator: AmazonS3,
    name: String,
    endpoint: String,
    credentials: Source,
    conditional: bool,
}

/// How a request ended that was not to overwrite anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The object is there now.
    Yes,
    /// An object of this name was there before.
    Exists,
}

impl Bucket {
    /// A client for the config's bucket. Nothing is sent yet.
    ///
    /// # Errors
    /// A setting that the client library refuses.
    pub fn new(config: &S3SinkConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        // The first who needs TLS chooses its provider; a program that has chosen before is not disturbed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let conditional = config.conditional();
        let connector = Connector {
            retry: Retry {
                retries: u32::try_from(config.s3.part_retries).unwrap_or(0),
                backoff: config.s3.retry_backoff,
            },
            clock,
            conditional,
        };
        let endpoint = Endpoint::of(config);
        let (builder, credentials) = builder(config, &endpoint, connector)?;
        let acl = config.s3.canned_acl.as_deref().and_then(|acl| HeaderValue::from_str(acl).ok());
        let mut headers = HeaderMap::new();
        headers.extend(acl.map(|acl| (http::HeaderName::from_static("x-amz-acl"), acl)));
        let refused = |error: object_store::Error| {
            Error::misconfigured("the S3 client cannot be made")
                .with("bucket", &config.s3.bucket)
                .caused_by(error)
        };
        let options = |headers| client_options(config, headers);
        let creator = builder.clone().with_client_options(options(headers)?).build().map_err(refused)?;
        let store = builder.with_client_options(options(HeaderMap::new())?).build().map_err(refused)?;
        Ok(Self(Arc::new(Inner {
            store,
            creator,
            name: config.s3.bucket.clone(),
            endpoint: endpoint.shown,
            credentials,
            conditional,
        })))
    }

    /// Looks whether the bucket exists. Like the Java twin it takes a denied access (403) or a redirect for a yes: rights
    /// to write need not include rights to list. Credentials that are wrong fail here, before a record is read.
    ///
    /// # Errors
    /// It does not exist, the credentials are wrong, or nothing answers.
    pub async fn check(&self) -> Result<()> {
        let options = PaginatedListOptions { max_keys: Some(1), ..Default::default() };
        match self.0.store.list_paginated(None, options).await {
            Ok(_) => Ok(()),
            Err(error) => match Failure::of(&error).map(|failure| (failure.status, failure.code.as_str())) {
                // A server in between may deny without a code.
                Some((Some(301), _) | (Some(403), "AccessDenied" | "")) => Ok(()),
                // Made anew just now: no later attempt has another token.
                Some((Some(400 | 401 | 403), "ExpiredToken")) => Err(self.place(
                    Error::misconfigured("the bucket cannot be reached: the session token has expired")
                        .with("credentials", self.0.credentials.describe())
                        .caused_by(error)
                        .hint("renew the credentials"),
                    None,
                )),
                _ => Err(self.failed("the bucket cannot be reached", None, error)),
            },
        }
    }

    /// Writes a whole object.
    ///
    /// # Errors
    /// It was not written, or the answer was lost for good.
    pub async fn put(&self, key: &Path, body: PutPayload) -> Result<Written> {
        let mode = if self.0.conditional { PutMode::Create } else { PutMode::Overwrite };
        let result = self.0.creator.put_opts(key, body, PutOptions { mode, ..Default::default() }).await;
        self.written("an object cannot be written", key, result.map(drop))
    }

    /// Begins a multipart upload.
    ///
    /// # Errors
    /// It was not begun.
    pub async fn begin(&self, key: &Path) -> Result<MultipartId> {
        let begun = self.0.creator.create_multipart(key).await;
        begun.map_err(|error| self.failed("an upload cannot be begun", Some(key), error))
    }

    /// Sends a part, counted from 0. Sending the same part again replaces it.
    ///
    /// # Errors
    /// It was not taken.
    pub async fn part(&self, key: &Path, id: &MultipartId, index: usize, body: PutPayload) -> Result<PartId> {
        let sent = self.0.store.put_part(key, id, index, body).await;
        sent.map_err(|error| self.failed("a part cannot be uploaded", Some(key), error))
    }

    /// Completes a multipart upload.
    ///
    /// # Errors
    /// It is not complete, or the answer was lost for good.
    pub async fn complete(&self, key: &Path, id: &MultipartId, parts: Vec<PartId>) -> Result<Written> {
        let result = self.0.store.complete_multipart(key, id, parts).await;
        self.written("an upload cannot be completed", key, result.map(drop))
    }

    /// Gives a multipart upload up, so that its parts cost nothing.
    ///
    /// # Errors
    /// The server keeps it until its lifecycle rule removes it.
    pub async fn abort(&self, key: &Path, id: &MultipartId) -> Result<()> {
        let aborted = self.0.store.abort_multipart(key, id).await;
        aborted.map_err(|error| self.failed("an upload cannot be aborted", Some(key), error))
    }

    /// The object of this name, if there is one.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn head(&self, key: &Path) -> Result<Option<ObjectMeta>> {
        match self.0.store.head(key).await {
            Ok(meta) => Ok(Some(meta)),
            Err(error) if Failure::of(&error).is_some_and(|failure| failure.status == Some(404)) => Ok(None),
            Err(error) => Err(self.failed("an object cannot be looked up", Some(key), error)),
        }
    }

    fn written(&self, what: &str, key: &Path, result: object_store::Result<()>) -> Result<Written> {
        let Err(error) = result else { return Ok(Written::Yes) };
        match Failure::of(&error) {
            Some(failure) if self.0.conditional && is_conflict(failure) => Ok(Written::Exists),
            _ => Err(self.failed(what, Some(key), error)),
        }
    }

    // The one table from a failure to what is done about it.
    fn failed(&self, what: &str, key: Option<&Path>, error: object_store::Error) -> Error {
        let Some(failure) = Failure::of(&error).cloned() else {
            // It never came to the wire: credentials that cannot be had, a name that cannot be sent.
            let error = Error::fatal(what).caused_by(error);
            return self.place(error, key).with("credentials", self.0.credentials.describe());
        };
        let (kind, hint) = match (failure.status, failure.code.as_str()) {
            (Some(404), "NoSuchBucket") => (
                ErrorKind::Misconfigured,
                Some("create the bucket, or correct s3.bucket.name, s3.region or store.url"),
            ),
            // The upload was aborted by somebody, or ended without our hearing of it: its file starts again.
            (Some(404), "NoSuchUpload") => (ErrorKind::Retry, None),
            (_, "ExpiredToken" | "RequestTimeTooSkewed" | "RequestExpired") => {
                (ErrorKind::Retry, Some("check the worker's clock, or renew its credentials"))
            }
            (
                _,
                "SignatureDoesNotMatch"
                | "InvalidAccessKeyId"
                | "InvalidToken"
                | "TokenRefreshRequired"
                | "InvalidClientTokenId"
                | "UnrecognizedClientException",
            ) => (ErrorKind::Misconfigured, Some("correct the access key, its secret or the session token")),
            (Some(401 | 403), _) => (
                ErrorKind::Misconfigured,
                Some("the credentials need s3:PutObject and s3:AbortMultipartUpload on the bucket's objects"),
            ),
            (Some(301 | 307 | 400), _) => (ErrorKind::Fatal, Some("check s3.region and store.url")),
            (Some(status), _) if status < 500 && status != 408 && status != 429 => (ErrorKind::Fatal, None),
            _ => (ErrorKind::Retry, None),
        };
        let mut said = self.place(Error::new(kind, format!("{what}: {failure}")), key);
        if kind != ErrorKind::Retry {
            said = said.with("credentials", self.0.credentials.describe());
        }
        if let Some(hint) = hint {
            said = said.hint(hint);
        }
        said
    }

    fn place(&self, error: Error, key: Option<&Path>) -> Error {
        let error = error.with("bucket", &self.0.name).with("endpoint", &self.0.endpoint);
        match key {
            Some(key) => error.with("object", key),
            None => error,
        }
    }
}

// 409: two conditional writes at the same time.
fn is_conflict(failure: &Failure) -> bool {
    failure.status == Some(412) || failure.status == Some(409) || failure.code == "PreconditionFailed"
}

struct Endpoint {
    // With the bucket where the library wants it; `None` is AWS's own.
    url: Option<String>,
    shown: String,
    virtual_hosted: bool,
}

impl Endpoint {
    fn of(config: &S3SinkConfig) -> Self {
        let virtual_hosted = !config.s3.path_style;
        let store_url = config.storage.store_url.as_deref().map(str::trim).filter(|url| !url.is_empty());
        let bucket = &config.s3.bucket;
        match store_url {
            _ if config.s3.wan_mode => {
                let host = format!("https://{bucket}.s3-accelerate.amazonaws.com");
                Self { shown: host.clone(), url: Some(host), virtual_hosted: true }
            }
            // For virtual hosting the library wants the bucket in the host name already.
            Some(given) if virtual_hosted => {
                let url = given.replacen("://", &format!("://{bucket}."), 1);
                Self { url: Some(url), shown: given.to_owned(), virtual_hosted }
            }
            Some(given) => Self { url: Some(given.to_owned()), shown: given.to_owned(), virtual_hosted },
            None => {
                let shown = format!("https://s3.{}.amazonaws.com", config.s3.region);
                Self { url: None, shown, virtual_hosted }
            }
        }
    }
}

fn builder(
    config: &S3SinkConfig,
    endpoint: &Endpoint,
    connector: Connector,
) -> Result<(AmazonS3Builder, Source)> {
    let s3 = &config.s3;
    let encrypted = endpoint.shown.starts_with("https://");
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&s3.bucket)
        .with_region(&s3.region)
        .with_virtual_hosted_style_request(endpoint.virtual_hosted)
        .with_allow_http(!encrypted)
        // Under TLS the body needs no signature of its own, as in Java's SDK.
        .with_unsigned_payload(encrypted && !s3.send_digest)
        .with_http_connector(connector)
        .with_retry(RetryConfig { max_retries: 0, ..Default::default() });
    if let Some(url) = &endpoint.url {
        builder = builder.with_endpoint(url);
    }
    let customer_key = s3.customer_key.as_ref().map(Secret::expose).filter(|key| !key.trim().is_empty());
    builder = match (s3.encryption.as_str(), customer_key) {
        ("AES256", Some(key)) => builder.with_ssec_encryption(key),
        ("AES256", None) => encryption(builder, "aws_server_side_encryption", "AES256")?,
        ("aws:kms", _) if !s3.kms_key.is_empty() => builder.with_sse_kms_encryption(&s3.kms_key),
        _ => builder,
    };
    Ok(credentials::set(s3, &Surroundings::PROCESS, builder))
}

fn encryption(builder: AmazonS3Builder, key: &str, value: &str) -> Result<AmazonS3Builder> {
    let key: AmazonS3ConfigKey = key.parse().map_err(|error: object_store::Error| {
        Error::fatal("the S3 client does not know how to encrypt").caused_by(error)
    })?;
    Ok(builder.with_config(key, value))
}

fn client_options(config: &S3SinkConfig, headers: HeaderMap) -> Result<ClientOptions> {
    let mut options = ClientOptions::new()
        .with_default_headers(headers)
        .with_timeout_disabled() // limits are set for each attempt, by size
        .with_connect_timeout(Duration::from_secs(10))
        .with_pool_idle_timeout(Duration::from_secs(30));
    if !Endpoint::of(config).shown.starts_with("https://") {
        options = options.with_allow_http(true);
    }
    let proxy = config.s3.proxy_url.trim();
    if !proxy.is_empty() {
        options = options.with_proxy_url(proxy_url(proxy, config)?);
    }
    Ok(options)
}

fn proxy_url(proxy: &str, config: &S3SinkConfig) -> Result<String> {
    let invalid = || Error::misconfigured("s3.proxy.url is no URL").with("s3.proxy.url", proxy);
    let mut url = url::Url::parse(proxy).map_err(|_| invalid())?;
    if let Some(user) = &config.s3.proxy_user {
        url.set_username(user).map_err(|()| invalid())?;
        let password = config.s3.proxy_password.as_ref().map(Secret::expose);
        url.set_password(password).map_err(|()| invalid())?;
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use api::SystemClock;
    use api::config::{Config, RawConfig};

    use super::*;

    fn endpoint(pairs: &[(&str, &str)]) -> (String, bool) {
        let base = [
            ("format.class", crate::config::JSON_FORMAT),
            ("storage.class", crate::config::S3_STORAGE),
            ("flush.size", "1"),
            ("s3.bucket.name", "mine"),
            ("s3.region", "eu-west-1"),
        ];
        let raw: RawConfig = base.into_iter().chain(pairs.iter().copied()).collect();
        let config = S3SinkConfig::parse(&raw).unwrap();
        let bucket = Bucket::new(&config, SystemClock::new()).unwrap();
        let endpoint = Endpoint::of(&config);
        assert_eq!(bucket.0.endpoint, endpoint.shown);
        (endpoint.url.unwrap_or(endpoint.shown), endpoint.virtual_hosted)
    }

    #[test]
    fn the_bucket_is_in_the_path_or_in_the_host() {
        let check = |pairs: &[(&str, &str)], url: &str, hosted: bool| {
            assert_eq!(endpoint(pairs), (url.to_owned(), hosted));
        };
        let in_host = ("s3.path.style.access.enabled", "false");
        check(&[], "https://s3.eu-west-1.amazonaws.com", false);
        check(&[in_host], "https://s3.eu-west-1.amazonaws.com", true);
        check(&[("store.url", "http://minio:9000")], "http://minio:9000", false);
        check(&[("store.url", "http://minio:9000"), in_host], "http://mine.minio:9000", true);
        check(&[("s3.wan.mode", "true"), in_host], "https://mine.s3-accelerate.amazonaws.com", true);
    }
}
