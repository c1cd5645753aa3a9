//! Names and passwords (RFC 7617), checked against hashes, in a file or in the config.
//!
//! A check of a password is slow on purpose, so it runs beside the runtime, few at a time; and who was right a moment ago
//! is known again without it, because monitoring asks every few seconds.

mod good;
mod password;
mod users;

use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::identity::{By, Identity};
use good::Good;
pub use password::hash;
pub use users::Place;
use users::{Said, User};

/// Checks at a time: each takes a core and the memory that its hash says, 19 MiB by default.
const CHECKS_MAX: usize = 2;
/// The longest that a check waits for its turn.
const TURN_LIMIT: Duration = Duration::from_secs(5);

/// Who has which password.
#[derive(Debug)]
pub struct Basic {
    users: Said,
    turns: Arc<Semaphore>,
    good: Mutex<Good>,
    clock: Arc<dyn Clock>,
    #[cfg(test)]
    checks: std::sync::atomic::AtomicUsize,
}

/// Why it is not known who somebody is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// The name or the password is wrong, or the header is none.
    Wrong,
    /// Too many passwords are being checked.
    Busy,
}

impl Basic {
    /// Reads the users.
    ///
    /// # Errors
    /// Why they cannot be used: every line that is wrong.
    pub fn open(users: Place, clock: Arc<dyn Clock>) -> Result<Self, String> {
        Ok(Self {
            users: Said::read(users)?,
            turns: Arc::new(Semaphore::new(CHECKS_MAX)),
            good: Mutex::new(Good::new()?),
            clock,
            #[cfg(test)]
            checks: Default::default(),
        })
    }

    /// Who it is, by what follows `Basic` in the header.
    pub(crate) async fn identify(&self, credentials: &str) -> Result<Identity, Unknown> {
        let decoded = STANDARD.decode(credentials.trim()).map_err(|_| Unknown::Wrong)?;
        let text = String::from_utf8(decoded).map_err(|_| Unknown::Wrong)?;
        let (name, password) = text.split_once(':').ok_or(Unknown::Wrong)?;
        let users = self.users.users().await;
        // Who is unknown is checked, too, against a password that nobody knows: how long an answer takes tells nobody
        // which names there are.
        let user = users.find(name);
        let User { role, hash } = user.unwrap_or(users.nobody());
        let key = self.good.lock().key(name, password, hash);
        if user.is_some() && self.good.lock().knows(&key, self.clock.elapsed()) {
            return Ok(Identity::new(name, Some(*role), By::Basic));
        }
        if !self.check(password, hash).await? || user.is_none() {
            return Err(Unknown::Wrong);
        }
        self.good.lock().learn(key, self.clock.elapsed());
        Ok(Identity::new(name, Some(*role), By::Basic))
    }

    async fn check(&self, password: &str, hash: &str) -> Result<bool, Unknown> {
        let turn = tokio::time::timeout(TURN_LIMIT, self.turns.clone().acquire_owned());
        let Ok(Ok(turn)) = turn.await else { return Err(Unknown::Busy) };
        #[cfg(test)]
        self.checks.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (password, hash) = (password.to_owned(), hash.to_owned());
        let checked = tokio::task::spawn_blocking(move || {
            let _turn = turn; // kept when whoever asks has left: the work goes on
            password::verify(&password, &hash)
        });
        checked.await.map_err(|_| Unknown::Busy)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use api::ManualClock;
    use config::Secret;

    use super::*;
    use crate::Role;

    fn credentials(text: &str) -> String {
        STANDARD.encode(text)
    }

    struct Stage {
        basic: Basic,
        clock: Arc<ManualClock>,
        file: PathBuf,
        _folder: tempfile::TempDir,
    }

    fn stage(lines: &str) -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("users");
        std::fs::write(&file, lines).unwrap();
        let clock = ManualClock::at(0);
        let basic = Basic::open(Place::File(file.clone()), clock.clone()).unwrap();
        Stage { basic, clock, file, _folder: folder }
    }

    async fn asked(stage: &Stage, text: &str) -> Option<Role> {
        stage.basic.identify(&credentials(text)).await.ok().and_then(|identity| identity.role)
    }

    #[tokio::test]
    async fn name_and_password_must_both_be_right() {
        let (ann, bob) = (password::quick("secret:1"), password::quick("secret-2"));
        let stage = stage(&format!("# users\n\nann:admin:{ann}\nbob:viewer:{bob}\n"));
        assert_eq!(asked(&stage, "ann:secret:1").await, Some(Role::Admin), "a password may have colons");
        assert_eq!(asked(&stage, "bob:secret-2").await, Some(Role::Viewer));
        for wrong in ["ann:secret-2", "ann:", "ann", "", ":", "nobody:secret:1", "Ann:secret:1"] {
            assert_eq!(asked(&stage, wrong).await, None, "{wrong}");
        }
        for wrong in ["???", "", "AA"] {
            assert_eq!(stage.basic.identify(wrong).await, Err(Unknown::Wrong));
        }
    }

    #[tokio::test]
    async fn the_file_is_read_again_when_it_changes() {
        let stage = stage(&format!("ann:admin:{}\n", password::quick("one")));
        assert_eq!(asked(&stage, "ann:one").await, Some(Role::Admin));
        std::fs::write(&stage.file, format!("ann:viewer:{}\n# more\n", password::quick("two"))).unwrap();
        assert_eq!(asked(&stage, "ann:one").await, None, "although it was right a moment ago");
        assert_eq!(asked(&stage, "ann:two").await, Some(Role::Viewer));
        std::fs::write(&stage.file, "nonsense").unwrap();
        assert_eq!(asked(&stage, "ann:two").await, Some(Role::Viewer), "what was good stays");
        std::fs::remove_file(&stage.file).unwrap();
        assert_eq!(asked(&stage, "ann:two").await, Some(Role::Viewer));
        std::fs::write(&stage.file, "# nobody\n").unwrap();
        assert_eq!(asked(&stage, "ann:two").await, None);
    }

    #[tokio::test]
    async fn users_may_stand_in_the_config_itself() {
        let of = |text: &str| Basic::open(Place::Here(Secret::new(text)), ManualClock::at(0));
        let basic = of(&format!("ann:admin:{}\n# more\n", password::quick("one"))).unwrap();
        let known = async |text: &str| basic.identify(&credentials(text)).await.map(|identity| identity.role);
        assert_eq!(known("ann:one").await, Ok(Some(Role::Admin)));
        assert_eq!(known("ann:two").await, Err(Unknown::Wrong));
        // The text may be a password by mistake.
        let error = of("canary\nann:boss:x").unwrap_err();
        assert!(error.contains("line 1: write NAME:ROLE:HASH; line 2: "), "{error}");
        assert!(!error.contains("canary") && !format!("{basic:?}").contains("ann"), "{error}");
    }

    // The time of an answer tells nothing: who is unknown costs what a wrong password costs.
    #[tokio::test]
    async fn cve_2021_38153_names_that_are_unknown_cost_the_same_work() {
        let stage = stage(&format!("ann:admin:{}\n", password::quick("one")));
        let checks = async |text: &str| {
            let count = || stage.basic.checks.load(std::sync::atomic::Ordering::Relaxed);
            let before = count();
            asked(&stage, text).await;
            count() - before
        };
        assert_eq!(checks("ann:wrong").await, 1);
        assert_eq!(checks("nobody:wrong").await, 1);
        assert_eq!(checks("nobody:wrong").await, 1);
        assert_eq!(checks("ann:one").await, 1);
        assert_eq!(checks("ann:one").await, 0, "who was right a moment ago");
        stage.clock.advance(Duration::from_secs(61));
        assert_eq!(checks("ann:one").await, 1);
    }
}
