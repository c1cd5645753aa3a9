//! The registry without HTTP: a log, the state that its records give, and one writer at a time.

use parking_lot::{Mutex, RwLock, RwLockReadGuard};

use crate::log::{Entry, Error as LogError, Log};
use crate::plan::{Defaults, Plan};
use crate::record::Record;
use crate::refusal::{Answer, Refusal};
use crate::state::State;

/// Schemas, configs and modes, kept in a log.
///
/// Every change is planned from the state, appended to the log, then applied: what a client was told is in the log.
/// Calls may block, on the log and on parsing.
pub(crate) struct Registry {
    writer: Mutex<Writer>,
    state: RwLock<State>,
    pub defaults: Defaults,
    now_ms: fn() -> i64,
}

struct Writer {
    log: Box<dyn Log>,
    /// A write failed, so that nobody knows what of it is in the log: it must be read again.
    uncertain: bool,
}

impl Registry {
    /// Reads the log.
    ///
    /// # Errors
    /// It cannot be read to its end.
    pub fn open(mut log: Box<dyn Log>, defaults: Defaults, now_ms: fn() -> i64) -> Result<Self, LogError> {
        let state = RwLock::new(replayed(&log.replay()?));
        Ok(Self { writer: Mutex::new(Writer { log, uncertain: false }), state, defaults, now_ms })
    }

    /// The state, to be read.
    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read()
    }

    /// Makes a change.
    ///
    /// # Errors
    /// The plan's refusal, or the log fails.
    pub fn change<T>(&self, plan: impl FnOnce(&State, &Defaults) -> Answer<Plan<T>>) -> Answer<T> {
        let mut writer = self.writer.lock();
        if writer.uncertain {
            let entries = writer.log.replay().map_err(refused)?;
            *self.state.write() = replayed(&entries);
            writer.uncertain = false;
        }
        let Plan { records, answer } = plan(&self.state.read(), &self.defaults)?;
        if records.is_empty() {
            return Ok(answer);
        }
        let timestamp_ms = (self.now_ms)();
        let encode = |record: &Record| {
            let (key, value) = record.encode().map_err(|error| Refusal::new(50001, error.to_string()))?;
            Ok(Entry { key, value, timestamp_ms })
        };
        let entries = records.iter().map(encode).collect::<Answer<Vec<_>>>()?;
        if let Err(error) = writer.log.append(&entries) {
            writer.uncertain = true;
            return Err(refused(error));
        }
        let mut state = self.state.write();
        records.into_iter().for_each(|record| state.apply(record, timestamp_ms));
        Ok(answer)
    }
}

/// The state that these records give. What cannot be read is passed over: a registry that does not start because of one
/// record would take all schemas with it.
pub(crate) fn replayed(entries: &[Entry]) -> State {
    let mut state = State::default();
    for (place, entry) in entries.iter().enumerate() {
        match Record::decode(&entry.key, entry.value.as_deref()) {
            Ok(record) => state.apply(record, entry.timestamp_ms),
            Err(reason) => tracing::warn!(place, %reason, "a record of the registry's log is passed over"),
        }
    }
    state
}

fn refused(error: LogError) -> Refusal {
    let code = match &error {
        LogError::TooLarge(_) => 42209,
        LogError::TimedOut(_) => 50002,
        LogError::Failed(_) => 50001,
    };
    Refusal::new(code, error.to_string())
}
