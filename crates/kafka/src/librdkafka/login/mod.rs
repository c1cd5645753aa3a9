//! Tokens for OAUTHBEARER: fetched from an identity provider by the client credentials grant (RFC 6749 section 4.4),
//! renewed before they expire, and handed to every client that logs in with them.
//!
//! librdkafka's own way to fetch tokens needs libcurl, and the wrapper's callback runs while a consumer polls and
//! passes no SASL extensions. So a [`Login`] has a thread of its own, and one for all clients with equal settings, as
//! a Java process has one login for equal `sasl.jaas.config`.
//!
//! - `settings`: what a login needs, by Java's `keys`; `ca`: whom the token
//!   endpoint's certificate is checked against.
//! - `endpoint`: one request for a token; `token`: what comes back.
//! - `refresh`: when to ask again.
//! - `members`: the clients that are given the token.
//!
//! Neither the client's secret nor a token is in any log line, error or `Debug` (invariant 5).

mod ca;
mod endpoint;
mod keys;
mod members;
mod refresh;
mod settings;
#[cfg(test)]
mod tests;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rand::Rng as _;
use rdkafka::client::{Client, ClientContext};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::context::Reports;
use crate::{Error, Result};
use endpoint::{Endpoint, Failure};
pub(super) use members::Member;
use members::Members;
pub(crate) use settings::LoginSettings;
pub(crate) use token::Token;

/// Keeps a token fresh for its members. It ends with the last of its users.
pub(crate) struct Login {
    members: Arc<Members>,
    extensions: Vec<(String, String)>,
    stop: Arc<Notify>,
}

/// Why there is no token.
#[derive(Debug, Clone)]
pub(crate) struct NoToken {
    /// Asking again will not help.
    pub(crate) refused: bool,
    /// What the endpoint said, and what to do; no secret.
    pub(crate) reason: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}

impl Login {
    /// Starts to fetch a token.
    ///
    /// # Errors
    /// There is no thread for it, or the certificates of the settings are not usable. The endpoint is not waited for.
    pub(crate) fn start(settings: &Arc<LoginSettings>) -> Result<Self> {
        let members = Arc::new(Members::new(&settings.extensions));
        let stop = Arc::new(Notify::new());
        let refresher = Refresher {
            endpoint: Endpoint::new(Arc::clone(settings))?,
            settings: Arc::clone(settings),
            members: Arc::clone(&members),
            backoff: settings.retry_backoff,
            token: None,
        };
        let failed = |error: std::io::Error| Error::Retriable {
            operation: format!("starting to log in at {}", settings.place()),
            reason: error.to_string(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let stopped = Arc::clone(&stop);
        let run = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = stopped.notified() => {}
                    () = refresher.run() => {}
                }
            });
        };
        std::thread::Builder::new().name("kafka-login".to_owned()).spawn(run).map_err(failed)?;
        Ok(Self { members, extensions: settings.extensions.clone(), stop })
    }

    /// Waits for a token that has not expired. Dropping the future is safe.
    ///
    /// # Errors
    /// There is none: the endpoint refused, or did not answer to the last request.
    pub(crate) async fn token(&self) -> std::result::Result<Arc<Token>, NoToken> {
        self.members.token().await
    }

    /// What is sent to the brokers beside a token (RFC 7628).
    pub(crate) fn extensions(&self) -> &[(String, String)] {
        &self.extensions
    }

    /// Gives a client the token that there is, and each later one, until the member is dropped.
    ///
    /// # Safety
    /// `client` is alive until the member is dropped.
    #[allow(unsafe_code)]
    pub(super) unsafe fn join<C: ClientContext>(
        self: &Arc<Self>,
        client: &Client<C>,
        reports: Reports,
    ) -> Member {
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { self.members.join(Arc::clone(self), client.native_ptr(), reports) }
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        self.stop.notify_one(); // also ends a request that is under way
    }
}

/// What the thread does.
struct Refresher {
    settings: Arc<LoginSettings>,
    endpoint: Endpoint,
    members: Arc<Members>,
    /// The pause after the next failure.
    backoff: Duration,
    token: Option<Arc<Token>>,
}

impl Refresher {
    async fn run(mut self) {
        loop {
            let asked = Instant::now();
            let pause = match self.endpoint.fetch().await {
                Ok(token) => self.taken(Arc::new(token), asked),
                Err(failure) => self.failed(failure),
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                // Somebody came who has no token: the next try need not wait for the whole pause.
                () = self.members.wanted() => tokio::time::sleep_until(asked + self.settings.retry_backoff).await,
            }
        }
    }

    fn taken(&mut self, token: Arc<Token>, asked: Instant) -> Duration {
        self.backoff = self.settings.retry_backoff;
        let lifetime = token.expires.saturating_duration_since(asked);
        let pause = self.settings.refresh.pause(lifetime, rand::rng().random());
        tracing::info!(
            endpoint = %self.settings.place(),
            principal = %token.principal,
            expires_in_s = lifetime.as_secs(),
            renewed_in_s = pause.as_secs(),
            "got a token to log in to Kafka"
        );
        self.members.give(&token);
        self.token = Some(token);
        pause.saturating_sub(asked.elapsed())
    }

    fn failed(&mut self, failure: Failure) -> Duration {
        let usable = self.token.as_ref().is_some_and(|token| !token.is_expired());
        let pause = match &failure {
            Failure::Refused(reason) => {
                tracing::error!(usable_token = usable, "{reason}");
                self.settings.retry_backoff_max
            }
            Failure::Unavailable(reason) => {
                tracing::warn!(usable_token = usable, again_in_ms = self.backoff.as_millis(), "{reason}");
                let pause = self.backoff;
                self.backoff = (pause * 2).min(self.settings.retry_backoff_max);
                pause
            }
        };
        if !usable {
            self.members.fail(&failure);
        }
        pause
    }
}
