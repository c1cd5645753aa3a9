//! Logging in: `SaslHandshake` names the mechanism, `SaslAuthenticate` carries its messages (KIP-152).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest};
use kafka_protocol::protocol::StrBytes;

use super::scram::{Hash, Scram};
use super::settings::{Credentials, Sasl};
use super::{CallError, Connection, error_name};
use crate::Result;
use crate::librdkafka::{Login, Token};
use crate::pool::Pool;

/// A mechanism with what it needs. No `Debug`: it holds secrets.
pub(super) enum Mechanism {
    Plain(Credentials),
    Scram(Hash, Credentials),
    OAuthBearer(Arc<Login>),
}

impl Mechanism {
    /// Prepares it; for OAUTHBEARER tokens are fetched from now on.
    ///
    /// # Errors
    /// The log-in at the identity provider cannot be started.
    pub(super) fn new(sasl: &Sasl, logins: &Pool<Login>) -> Result<Self> {
        Ok(match sasl {
            Sasl::Plain(credentials) => Self::Plain(credentials.clone()),
            Sasl::ScramSha256(credentials) => Self::Scram(Hash::Sha256, credentials.clone()),
            Sasl::ScramSha512(credentials) => Self::Scram(Hash::Sha512, credentials.clone()),
            Sasl::OAuthBearer(settings) => {
                Self::OAuthBearer(logins.get(settings.sharing_key(), |_| true, || Login::start(settings))?)
            }
        })
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Plain(_) => "PLAIN",
            Self::Scram(hash, _) => hash.mechanism(),
            Self::OAuthBearer(_) => "OAUTHBEARER",
        }
    }

    /// Logs in, and answers how long the broker lets the connection live, if it says so (KIP-368).
    pub(super) async fn log_in(
        &self,
        connection: &Connection,
        broker: &str,
        limit: Duration,
    ) -> std::result::Result<Option<Duration>, CallError> {
        let name = StrBytes::from_static_str(self.name());
        let request = |_| SaslHandshakeRequest::default().with_mechanism(name);
        let answer = connection.call(1..=1, limit, request).await?;
        if answer.error_code != 0 {
            let offered: Vec<&str> = answer.mechanisms.iter().map(|mechanism| mechanism.as_str()).collect();
            return Err(CallError::Refused(format!(
                "{broker}: it does not take sasl.mechanism {} ({}); it offers: {}",
                self.name(),
                error_name(answer.error_code),
                offered.join(", ")
            )));
        }
        let talk = Talk { connection, broker, limit, mechanism: self.name() };
        match self {
            Self::Plain(credentials) => {
                let message = format!("\0{}\0{}", credentials.user, credentials.password);
                Ok(talk.say(message).await?.lifetime())
            }
            Self::Scram(hash, credentials) => {
                let (mut scram, first) = Scram::new(*hash, &credentials.user, &credentials.password)
                    .map_err(|reason| talk.refused(&reason))?;
                let challenge = talk.say(first).await?;
                let last = scram.answer(&challenge.auth_bytes).map_err(|reason| talk.refused(&reason))?;
                let verdict = talk.say(last).await?;
                scram.verify(&verdict.auth_bytes).map_err(|reason| talk.refused(&reason))?;
                Ok(verdict.lifetime())
            }
            Self::OAuthBearer(login) => {
                let token = login.token().await.map_err(|why| match why.refused {
                    true => CallError::Refused(why.reason),
                    false => CallError::Unreachable(why.reason),
                })?;
                let answer = talk.say(bearer(&token, login.extensions())).await?;
                if !answer.auth_bytes.is_empty() {
                    // It is why the token is refused; the broker ends the exchange when this has been said (RFC 7628).
                    talk.say("\u{1}").await?;
                    return Err(talk.refused(&String::from_utf8_lossy(&answer.auth_bytes)));
                }
                Ok(answer.lifetime())
            }
        }
    }
}

/// The first message of RFC 7628, as Kafka has it: without a host.
fn bearer(token: &Token, extensions: &[(String, String)]) -> String {
    let mut message = format!("n,,\u{1}auth=Bearer {}\u{1}", token.text.to_string_lossy());
    for (name, value) in extensions {
        message.push_str(&format!("{name}={value}\u{1}"));
    }
    message.push('\u{1}');
    message
}

/// One exchange of messages.
struct Talk<'a> {
    connection: &'a Connection,
    broker: &'a str,
    limit: Duration,
    mechanism: &'static str,
}

impl Talk<'_> {
    async fn say(
        &self,
        message: impl Into<Bytes>,
    ) -> std::result::Result<SaslAuthenticateResponse, CallError> {
        let message = message.into();
        let request = |_| SaslAuthenticateRequest::default().with_auth_bytes(message);
        let answer = self.connection.call(0..=2, self.limit, request).await?;
        let said = answer.error_message.as_deref().unwrap_or_default();
        match ResponseError::try_from_code(answer.error_code) {
            None if answer.error_code == 0 => Ok(answer),
            Some(ResponseError::SaslAuthenticationFailed) => Err(self.refused(said)),
            _ => Err(CallError::Unreachable(format!(
                "{}: logging in by {}: {} {said}",
                self.broker,
                self.mechanism,
                error_name(answer.error_code)
            ))),
        }
    }

    /// What the broker says holds no secret: it names the reason.
    fn refused(&self, reason: &str) -> CallError {
        CallError::Refused(format!(
            "{}: logging in by {}: {reason}; check security.protocol, sasl.mechanism and the credentials in \
             sasl.jaas.config",
            self.broker, self.mechanism
        ))
    }
}

trait Lifetime {
    fn lifetime(&self) -> Option<Duration>;
}

impl Lifetime for SaslAuthenticateResponse {
    fn lifetime(&self) -> Option<Duration> {
        u64::try_from(self.session_lifetime_ms).ok().filter(|ms| *ms > 0).map(Duration::from_millis)
    }
}
