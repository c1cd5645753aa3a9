//! HTTP under the S3 client: retries, time limits, and failures that say what the server answered.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use http::{HeaderValue, Method, header::IF_NONE_MATCH};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
    ReqwestConnector,
};

/// How often and how soon a request is tried again.
#[derive(Debug, Clone)]
pub struct Retry {
    /// Attempts after the first.
    pub retries: u32,
    /// Wait before the first of them; doubled for each further one.
    pub backoff: Duration,
}

/// What came instead of success. Kept as the innermost cause of the S3 client's errors, see [`Failure::of`].
#[derive(Debug, Clone)]
pub struct Failure {
    /// HTTP status; `None` when there was no (whole) answer.
    pub status: Option<u16>,
    /// S3's error code, such as `NoSuchBucket`; empty when there was none.
    pub code: String,
    /// S3's message, or what happened to the connection.
    pub message: String,
    /// How often it was tried.
    pub attempts: u32,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.status, self.code.as_str()) {
            (Some(status), "") => write!(f, "the server answered {status}")?,
            (Some(status), code) => write!(f, "the server answered {status} {code}")?,
            (None, _) => f.write_str("no answer")?,
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        match self.attempts {
            1 => Ok(()),
            attempts => write!(f, " (after {attempts} attempts)"),
        }
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// The failure behind an error of the S3 client, if it came from the wire.
    pub fn of<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Failure> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(failure) = error.downcast_ref::<Failure>() {
                return Some(failure);
            }
            cause = error.source();
        }
        None
    }

    /// Whether the same request may succeed later. S3 also reports trouble of its own in answers with status 200.
    fn passes(&self) -> bool {
        match self.status {
            None => true,
            Some(status) => {
                status >= 500
                    || status == 429
                    || status == 408
                    || matches!(self.code.as_str(), "InternalError" | "SlowDown" | "RequestTimeout")
            }
        }
    }
}

/// Makes clients whose requests are retried. The S3 library's own retries must be off: they know neither our clock nor
/// an answer that was cut.
#[derive(Debug, Clone)]
pub struct Connector {
    /// How often.
    pub retry: Retry,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Whether multipart uploads complete only when there is no object of their name.
    pub conditional: bool,
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let inner = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(Transport { inner, settings: self.clone() }))
    }
}

#[derive(Debug)]
struct Transport {
    inner: HttpClient,
    settings: Connector,
}

// A signature is good for 15 minutes; a request that is retried for longer must be made anew.
const RETRIES_TOGETHER_MAX: Duration = Duration::from_secs(600);
const BACKOFF_MAX: Duration = Duration::from_secs(24 * 3600);
// An upload slower than this is taken for dead.
const BYTES_PER_SECOND_MIN: u64 = 64 * 1024;
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

impl HttpService for Transport {
    // The trait is an `async_trait`; this is its signature written out.
    fn call<'a, 'b>(
        &'a self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.send(request))
    }
}

impl Transport {
    async fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let completes = request.method() == Method::POST
            && request.uri().query().is_some_and(|query| query.starts_with("uploadId="));
        if completes && self.settings.conditional {
            // Not part of the signature; S3 does not ask that it be.
            request.headers_mut().insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
        }
        let clock = &self.settings.clock;
        let started = clock.elapsed();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut failure = match self.attempt(request.clone(), completes).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            failure.attempts = attempts;
            let spent = clock.elapsed().saturating_sub(started);
            if !failure.passes() || attempts > self.settings.retry.retries || spent > RETRIES_TOGETHER_MAX {
                return Err(HttpError::new(HttpErrorKind::Unknown, failure));
            }
            let wait = backoff(self.settings.retry.backoff, attempts);
            tracing::info!(%failure, ?wait, method = %request.method(), path = request.uri().path(), "S3 request is tried again");
            clock.sleep(wait).await;
        }
    }

    async fn attempt(&self, request: HttpRequest, completes: bool) -> Result<HttpResponse, Failure> {
        let seconds = request.body().content_length() as u64 / BYTES_PER_SECOND_MIN;
        let limit = ANSWER_WITHIN + Duration::from_secs(seconds);
        let method = request.method().clone();
        let exchange = async {
            let response = self.inner.execute(request).await.map_err(|error| cut(&error))?;
            let (parts, body) = response.into_parts();
            if parts.status.is_success() && method == Method::GET {
                return Ok(HttpResponse::from_parts(parts, body)); // listings and tokens; read by who asked
            }
            // Answers to everything else are short, and only a whole one counts.
            let body = body.bytes().await.map_err(|error| cut(&error))?;
            let text = String::from_utf8_lossy(&body);
            if parts.status.is_success() && !(completes && text.contains("<Error>")) {
                return Ok(HttpResponse::from_parts(parts, body.into()));
            }
            Err(Failure {
                status: Some(parts.status.as_u16()),
                code: element(&text, "Code").unwrap_or_default(),
                message: element(&text, "Message").unwrap_or_default(),
                attempts: 1,
            })
        };
        tokio::select! {
            result = exchange => result,
            () = self.settings.clock.sleep(limit) => Err(Failure {
                status: None,
                code: String::new(),
                message: format!("nothing came within {} seconds", limit.as_secs()),
                attempts: 1,
            }),
        }
    }
}

fn cut(error: &(dyn std::error::Error + 'static)) -> Failure {
    // The innermost cause says it best: "connection refused", "connection reset by peer".
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Failure { status: None, code: String::new(), message: cause.to_string(), attempts: 1 }
}

// Half of the doubled wait is certain, the other half is chance.
fn backoff(base: Duration, attempt: u32) -> Duration {
    let doubled = base.saturating_mul(1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX)).min(BACKOFF_MAX);
    doubled / 2 + (doubled / 2).mul_f64(rand::random::<f64>())
}

// The text of the first element of this name; S3's error answers are flat.
fn element(xml: &str, name: &str) -> Option<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let start = xml.find(&open)? + open.len();
    let end = xml[start..].find(&close)? + start;
    Some(xml[start..end].chars().take(500).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_with_jitter_up_to_a_day() {
        for attempt in 1..200 {
            let wait = backoff(Duration::from_millis(200), attempt);
            let full =
                Duration::from_millis(200).saturating_mul(2_u32.saturating_pow(attempt - 1)).min(BACKOFF_MAX);
            assert!(wait >= full / 2 && wait <= full, "{attempt}: {wait:?}");
        }
        assert_eq!(backoff(Duration::ZERO, 5), Duration::ZERO);
    }

    #[test]
    fn an_answer_is_taken_apart() {
        let xml = "<Error><Code>NoSuchBucket</Code><Message>The bucket</Message></Error>";
        assert_eq!(element(xml, "Code").as_deref(), Some("NoSuchBucket"));
        assert_eq!(element(xml, "Message").as_deref(), Some("The bucket"));
        assert_eq!(element("<Code>", "Code"), None);
    }
}
