//! One signed call, again when AWS is busy. The forms of a call are in [`crate::query`] and [`crate::json`].
//!
//! Signing and the chain of credentials (environment, web identity, container, instance) are `object_store`'s.

use std::sync::Arc;
use std::time::Duration;

use object_store::CredentialProvider;
use object_store::StaticCredentialProvider;
use object_store::aws::{AmazonS3Builder, AwsAuthorizer, AwsCredential};
use object_store::client::{HttpRequest, HttpRequestBody};
use url::Url;

use crate::Error;

/// A request that has no answer by then has failed.
const TIME_OUT: Duration = Duration::from_secs(20);
/// How often a call is made when AWS is busy or broken, and the pause before the second time; it doubles.
const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest answer.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// Who signs calls.
pub type Credentials = Arc<dyn CredentialProvider<Credential = AwsCredential>>;

/// The credentials that the surroundings give: environment, web identity, container, instance, in this order.
///
/// # Errors
/// The environment names them in a form that cannot be used.
pub fn surroundings(region: &str) -> Result<Credentials, Error> {
    // The builder wants a bucket's name; only its credentials are used.
    let chain = AmazonS3Builder::from_env()
        .with_region(region)
        .with_bucket_name("none")
        .with_allow_http(true)
        .build()
        .map_err(|error| Error::Permission(format!("AWS credentials: {}", Error::chain(&error))))?;
    Ok(chain.credentials().clone())
}

/// One pair of keys.
pub fn keys(key_id: &str, secret_key: &str, token: Option<&str>) -> Credentials {
    Arc::new(StaticCredentialProvider::new(AwsCredential {
        key_id: key_id.to_owned(),
        secret_key: secret_key.to_owned(),
        token: token.map(str::to_owned),
    }))
}

/// Where calls go, and who signs them.
pub struct Endpoint {
    url: Url,
    region: String,
    service: &'static str,
    credentials: Credentials,
    http: reqwest::Client,
}

impl Endpoint {
    /// The endpoint of a service in a region, or `url` instead (an emulator, a VPC endpoint).
    ///
    /// # Errors
    /// The address is none.
    pub fn new(
        service: &'static str,
        partition: &str,
        region: &str,
        url: Option<&str>,
        credentials: Credentials,
    ) -> Result<Self, Error> {
        let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        let address = url.map_or_else(|| format!("https://{service}.{region}.{suffix}/"), str::to_owned);
        let url = Url::parse(&address)
            .ok()
            .filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| {
                Error::Usage(format!("{address:?} is no address of a service; give http(s)://HOST"))
            })?;
        let http = reqwest::Client::builder()
            .timeout(TIME_OUT)
            .redirect(reqwest::redirect::Policy::none()) // a signature is for one host
            .build()
            .map_err(|error| Error::Refused(Error::chain(&error)))?;
        Ok(Self { url, region: region.to_owned(), service, credentials, http })
    }

    /// Makes a call, again when AWS is busy. `headers` go with it; `why` reads what AWS says when it refuses.
    pub(crate) async fn send(
        &self,
        headers: &[(&'static str, &str)],
        body: &str,
        why: impl Fn(&str) -> Option<Refusal>,
    ) -> Result<String, Error> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            match self.once(headers, body, &why).await {
                Err(Failed::ForNow(_)) if attempt < ATTEMPTS => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                    attempt += 1;
                }
                Err(Failed::ForNow(error) | Failed::ForGood(error)) => return Err(error),
                Ok(document) => return Ok(document),
            }
        }
    }

    async fn once(
        &self,
        headers: &[(&'static str, &str)],
        body: &str,
        why: &impl Fn(&str) -> Option<Refusal>,
    ) -> Result<String, Failed> {
        let request = http::Request::post(self.url.as_str());
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let mut request: HttpRequest = request
            .body(HttpRequestBody::from(body.to_owned()))
            .map_err(|error| Failed::ForGood(Error::Usage(error.to_string())))?;
        let credential = self.credentials.get_credential().await.map_err(|error| {
            Failed::ForGood(Error::Permission(format!(
                "no AWS credentials: {}; looked at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a web identity, the \
                 container's role, the instance's role",
                Error::chain(&error)
            )))
        })?;
        AwsAuthorizer::new(&credential, self.service, &self.region)
            .try_authorize(&mut request, None)
            .map_err(|error| Failed::ForGood(Error::Permission(Error::chain(&error))))?;
        let (parts, _) = request.into_parts();
        let sent = self.http.post(self.url.clone()).headers(parts.headers).body(body.to_owned()).send().await;
        let unreachable = |error: reqwest::Error| {
            let text = Error::chain(&error.without_url());
            Failed::ForNow(Error::Unreachable(format!("{} does not answer: {text}", self.url)))
        };
        let mut answer = sent.map_err(unreachable)?;
        let status = answer.status().as_u16();
        let mut document = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            document.extend_from_slice(&chunk);
            if document.len() > ANSWER_BYTES_MAX {
                let text = format!("{} answered more than {ANSWER_BYTES_MAX} bytes", self.url);
                return Err(Failed::ForGood(Error::Refused(text)));
            }
        }
        let document = String::from_utf8_lossy(&document).into_owned();
        match status {
            200 => Ok(document),
            _ => Err(refused(&self.url, status, why(&document))),
        }
    }
}

enum Failed {
    ForNow(Error),
    ForGood(Error),
}

/// What AWS says when it refuses.
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
}

fn refused(url: &Url, status: u16, refusal: Option<Refusal>) -> Failed {
    let Some(Refusal { code, message }) = refusal else {
        let error = Error::Refused(format!("{url} answered {status} without saying why"));
        return if status == 429 || status >= 500 { Failed::ForNow(error) } else { Failed::ForGood(error) };
    };
    let text = format!("AWS refuses ({code}): {message}");
    let busy = status == 429 || status >= 500 || code.contains("Throttl") || code == "RequestLimitExceeded";
    let denied = status == 403
        || matches!(
            code.as_str(),
            "AccessDenied"
                | "AccessDeniedException"
                | "InvalidClientTokenId"
                | "UnrecognizedClientException"
                | "SignatureDoesNotMatch"
                | "InvalidSignatureException"
                | "ExpiredToken"
                | "ExpiredTokenException"
        );
    match (busy, denied) {
        (true, _) => Failed::ForNow(Error::Refused(text)),
        (false, true) => Failed::ForGood(Error::Permission(text)),
        (false, false) => Failed::ForGood(Error::Refused(text)),
    }
}
