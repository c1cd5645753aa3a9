//! The issuer's keys: read when they are needed, and again when a token names one that is not known.

use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::fetch::Fetch;
use super::jwk::Key;
use super::token::Header;

/// After so long they are read again.
const AGE_MAX: Duration = Duration::from_secs(3600);
/// So long they count when they cannot be read again.
const AGE_LIMIT: Duration = Duration::from_secs(24 * 3600);
/// The provider is asked at most once in so long, whatever tokens name.
const PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Keys {
    fetch: Arc<Fetch>,
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    keys: Vec<Key>,
    read_at: Option<Duration>,
    asked_at: Option<Duration>,
}

/// Why there is no key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The issuer has none of this name for this algorithm.
    Unknown,
    /// The issuer's keys cannot be read.
    Unreachable,
}

impl Keys {
    pub(super) fn new(fetch: Fetch, clock: Arc<dyn Clock>) -> Self {
        Self { fetch: Arc::new(fetch), clock, state: Arc::default() }
    }

    /// The key by which a token says that it was signed. Whoever asks while keys are being read waits for them; reading has
    /// a limit.
    pub(super) async fn find(&self, header: &Header) -> Result<Key, NoKey> {
        let mut state = self.state.clone().lock_owned().await;
        let now = self.clock.elapsed();
        let age = state.read_at.map(|at| now.saturating_sub(at));
        if age.is_none_or(|age| age >= AGE_MAX) {
            state = self.read(state, now).await;
        }
        if let Some(key) = state.find(header) {
            return Ok(key);
        }
        // The issuer may have a new one.
        state = self.read(state, now).await;
        let age = state.read_at.map(|at| now.saturating_sub(at));
        match state.find(header) {
            Some(key) => Ok(key),
            None if age.is_none_or(|age| age >= AGE_LIMIT) => Err(NoKey::Unreachable),
            None => Err(NoKey::Unknown),
        }
    }

    // To its end, also when the client does not wait for it: others must not be without keys because of that.
    async fn read(&self, mut state: OwnedMutexGuard<State>, now: Duration) -> OwnedMutexGuard<State> {
        if state.asked_at.is_some_and(|at| now.saturating_sub(at) < PAUSE) {
            return state;
        }
        state.asked_at = Some(now);
        let fetch = self.fetch.clone();
        let read = tokio::spawn(async move {
            state.take(fetch.keys().await, now);
            state
        });
        match read.await {
            Ok(state) => state,
            Err(_) => self.state.clone().lock_owned().await, // it panicked, or all ends
        }
    }
}

impl State {
    fn take(&mut self, fetched: Result<Vec<Key>, String>, now: Duration) {
        match fetched {
            Ok(keys) => {
                tracing::debug!("{} keys of the issuer of tokens were read", keys.len());
                (self.keys, self.read_at) = (keys, Some(now));
            }
            Err(why) => {
                tracing::error!("the keys of the issuer of tokens cannot be read: {why}");
                if self.read_at.is_some_and(|at| now.saturating_sub(at) >= AGE_LIMIT) {
                    self.keys.clear();
                }
            }
        }
    }

    fn find(&self, header: &Header) -> Option<Key> {
        let mut fit = self.keys.iter().filter(|key| key.is_for(header.algorithm));
        let found = match &header.key_id {
            Some(id) => fit.find(|key| key.id.as_ref() == Some(id)),
            // Without a name it must be clear which is meant.
            None => fit.next().filter(|_| fit.next().is_none()),
        };
        found.cloned()
    }
}
