//! The clients that log in with a token. All `unsafe` of logging in is here.
#![allow(unsafe_code)]

use std::ffi::{CString, c_char};
use std::sync::Arc;

use parking_lot::Mutex;
use rdkafka::bindings as sys;
use rdkafka::types::{RDKafka, RDKafkaRespErr};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::endpoint::Failure;
use super::token::{Token, unix_time};
use super::{Login, NoToken};
use crate::librdkafka::context::Reports;

/// Who is given the token.
pub(super) struct Members {
    /// Names and values in turn, sent to the brokers beside the token.
    extensions: Vec<CString>,
    state: Mutex<State>,
    /// A client came while the last request had failed.
    wanted: Notify,
    /// A request ended, with a token or without.
    told: Notify,
}

#[derive(Default)]
struct State {
    clients: Vec<Joined>,
    /// Numbers of clients, never used twice.
    next: u64,
    token: Option<Arc<Token>>,
    failed: Option<NoToken>,
    /// Requests that ended so far.
    ended: u64,
}

struct Joined {
    number: u64,
    client: *mut RDKafka,
    reports: Reports,
}

// SAFETY: librdkafka's clients may be used from any thread at the same time; the pointer is used under the lock only
// and is alive while it is in the list (`Members::join`).
unsafe impl Send for Joined {}

/// A client's place among the members, and its share in the login.
pub(in crate::librdkafka) struct Member {
    login: Arc<Login>,
    number: u64,
}

impl Drop for Member {
    fn drop(&mut self) {
        // The lock is held while a token is handed over: after this nobody has the client's pointer.
        let mut state = self.login.members.state.lock();
        state.clients.retain(|joined| joined.number != self.number);
    }
}

impl Members {
    /// Nobody yet.
    pub(super) fn new(extensions: &[(String, String)]) -> Self {
        let texts = extensions.iter().flat_map(|(name, value)| [name, value]);
        // The settings hold no extension with a zero byte.
        let extensions = texts.filter_map(|text| CString::new(text.as_str()).ok()).collect();
        Self { extensions, state: Mutex::default(), wanted: Notify::new(), told: Notify::new() }
    }

    /// Adds a client, and gives it the token that there is.
    ///
    /// # Safety
    /// `client` is alive until the member is dropped.
    pub(super) unsafe fn join(&self, login: Arc<Login>, client: *mut RDKafka, reports: Reports) -> Member {
        let mut state = self.state.lock();
        let number = state.next;
        state.next += 1;
        let joined = Joined { number, client, reports };
        match &state.token {
            Some(token) if !token.is_expired() => joined.give(token, &self.extensions),
            _ if state.failed.is_some() => self.wanted.notify_one(),
            _ => {} // the first request is under way
        }
        state.clients.push(joined);
        drop(state);
        Member { login, number }
    }

    /// Waits until a client came that could not be given a token.
    pub(super) async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// Waits for a token: the one that there is, or what becomes of the next request.
    pub(super) async fn token(&self) -> Result<Arc<Token>, NoToken> {
        let mut seen = None;
        loop {
            let told = self.told.notified();
            tokio::pin!(told);
            // Registered before the state is read, so that no end of a request falls between the two.
            told.as_mut().enable();
            {
                let state = self.state.lock();
                if let Some(token) = state.token.as_ref().filter(|token| !token.is_expired()) {
                    return Ok(Arc::clone(token));
                }
                match (&state.failed, seen) {
                    (Some(failure), Some(seen)) if state.ended > seen => return Err(failure.clone()),
                    (Some(_), None) => self.wanted.notify_one(),
                    _ => {} // a request is under way
                }
                seen = seen.or(Some(state.ended));
            }
            told.await;
        }
    }

    /// Hands a token to all.
    pub(super) fn give(&self, token: &Arc<Token>) {
        let mut state = self.state.lock();
        state.token = Some(Arc::clone(token));
        state.failed = None;
        state.ended += 1;
        self.told.notify_waiters();
        for joined in &state.clients {
            joined.give(token, &self.extensions);
        }
    }

    /// Tells all that there is no token. Only a refusal is the end of what they do: whatever is passing is waited for.
    pub(super) fn fail(&self, failure: &Failure) {
        let mut state = self.state.lock();
        state.failed = Some(match failure {
            Failure::Unavailable(reason) => NoToken { refused: false, reason: reason.clone() },
            Failure::Refused(reason) => NoToken { refused: true, reason: reason.clone() },
        });
        state.ended += 1;
        self.told.notify_waiters();
        for joined in &state.clients {
            joined.fail(failure);
        }
    }
}

impl Joined {
    fn give(&self, token: &Token, extensions: &[CString]) {
        let Ok(principal) = CString::new(token.principal.replace('\0', "")) else { return };
        let left = token.expires.saturating_duration_since(Instant::now());
        let expires_ms = i64::try_from((unix_time() + left).as_millis()).unwrap_or(i64::MAX);
        let mut extensions: Vec<*const c_char> = extensions.iter().map(|text| text.as_ptr()).collect();
        let mut reason: [c_char; 512] = [0; 512];
        // SAFETY: the client is alive (`Members::join`); all texts are zero-terminated, live until the call has
        // returned, and are copied by it; the lengths are those of the lists.
        let code = unsafe {
            sys::rd_kafka_oauthbearer_set_token(
                self.client,
                token.text.as_ptr(),
                expires_ms,
                principal.as_ptr(),
                extensions.as_mut_ptr(),
                extensions.len(),
                reason.as_mut_ptr(),
                reason.len(),
            )
        };
        match code {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => self.reports.login_works(),
            // Its reason may quote the token. All that it checks was checked before, but for a life of no length.
            _ => tracing::warn!(?code, "a client of Kafka did not take a token"),
        }
    }

    fn fail(&self, failure: &Failure) {
        let reason = match failure {
            Failure::Unavailable(reason) => return self.reports.login_waits(reason),
            Failure::Refused(reason) => reason,
        };
        self.reports.login_works(); // what the brokers may still say is said for good
        let Ok(reason) = CString::new(reason.replace('\0', "")) else { return };
        // SAFETY: the client is alive (`Members::join`); the text is zero-terminated and copied.
        unsafe {
            // The answer says only whether the client logs in with tokens, which each member does.
            let _ = sys::rd_kafka_oauthbearer_set_token_failure(self.client, reason.as_ptr());
        }
    }
}
