//! One call of an AWS Query API: form fields out, XML back.
//!
//! The format is that of the Elastic Load Balancing API reference, version 2015-12-01; signing and the chain of
//! credentials (environment, web identity, container, instance) are `object_store`'s.

use std::sync::Arc;
use std::time::Duration;

use object_store::CredentialProvider;
use object_store::aws::{AmazonS3Builder, AwsAuthorizer, AwsCredential};
use object_store::client::{HttpRequest, HttpRequestBody};
use serde::Deserialize;
use url::Url;

use crate::Error;

/// A request that has no answer by then has failed.
const TIME_OUT: Duration = Duration::from_secs(20);
/// How often a call is made when AWS is busy or broken, and the pause before the second time; it doubles.
const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(500);

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

    /// Makes a call, again when AWS is busy. Answers the XML document.
    ///
    /// # Errors
    /// No credentials, no connection, or AWS refuses; the texts of AWS are quoted.
    pub async fn call(&self, fields: &[(String, String)]) -> Result<String, Error> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            match self.once(fields).await {
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

    async fn once(&self, fields: &[(String, String)]) -> Result<String, Failed> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request: HttpRequest = http::Request::post(self.url.as_str())
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(HttpRequestBody::from(body.clone()))
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
        let sent = self.http.post(self.url.clone()).headers(parts.headers).body(body).send().await;
        let unreachable = |error: reqwest::Error| {
            let text = Error::chain(&error.without_url());
            Failed::ForNow(Error::Unreachable(format!("{} does not answer: {text}", self.url)))
        };
        let answer = sent.map_err(unreachable)?;
        let status = answer.status().as_u16();
        let document = answer.text().await.map_err(unreachable)?;
        match status {
            200 => Ok(document),
            _ => Err(refusal(&self.url, status, &document)),
        }
    }
}

enum Failed {
    ForNow(Error),
    ForGood(Error),
}

#[derive(Deserialize)]
struct ErrorResponse {
    #[serde(rename = "Error")]
    error: Refusal,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refusal {
    code: String,
    #[serde(default)]
    message: String,
}

fn refusal(url: &Url, status: u16, document: &str) -> Failed {
    let Ok(ErrorResponse { error: Refusal { code, message } }) = quick_xml::de::from_str(document) else {
        let error = Error::Refused(format!("{url} answered {status} without saying why"));
        return if status == 429 || status >= 500 { Failed::ForNow(error) } else { Failed::ForGood(error) };
    };
    let text = format!("AWS refuses ({code}): {message}");
    let busy = status == 429 || status >= 500 || code.contains("Throttl") || code == "RequestLimitExceeded";
    let denied = status == 403
        || matches!(
            code.as_str(),
            "AccessDenied" | "InvalidClientTokenId" | "SignatureDoesNotMatch" | "ExpiredToken"
        );
    match (busy, denied) {
        (true, _) => Failed::ForNow(Error::Refused(text)),
        (false, true) => Failed::ForGood(Error::Permission(text)),
        (false, false) => Failed::ForGood(Error::Refused(text)),
    }
}
