//! Secrets that no log line may show, whichever part of the process writes it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::RwLock;

use crate::Redactor;

/// So many bytes of texts are remembered of each connector, beside what was remembered last: those of secrets that change
/// all the time, such as tokens of a vault, go when newer ones come.
const BYTES_MAX: usize = 1 << 20;

/// Knows the secrets of everything that runs in this process. Whoever writes log lines scrubs them by it, so that
/// invariant 5 does not depend on what a connector or a library writes. Cheap to clone; clones are one.
///
/// What runs is not forgotten when it ends: a line about a connector may come later.
#[derive(Debug, Clone, Default)]
pub struct LogSecrets(Arc<RwLock<HashMap<String, Owner>>>);

/// What is known of one connector.
#[derive(Debug, Default)]
struct Owner {
    all: Redactor,
    /// What was remembered, the latest last.
    one_by_one: VecDeque<Redactor>,
}

thread_local! {
    /// What this thread's lines must not show for now.
    static HERE: RefCell<Vec<Arc<Redactor>>> = const { RefCell::new(Vec::new()) };
}

impl LogSecrets {
    /// From now on this redactor's values do not appear in lines about this connector, nor in lines that do not say
    /// what they are about. No connector is the worker itself: its values appear nowhere.
    ///
    /// Only for what runs: whoever can have values remembered can have them taken out of lines of others.
    pub fn remember(&self, connector: Option<&str>, redactor: &Redactor) {
        if !redactor.is_empty() {
            self.0.write().entry(connector.unwrap_or_default().to_owned()).or_default().remember(redactor);
        }
    }

    /// Does something in whose lines this redactor's values do not appear: lines of this thread, until it is done.
    pub fn without<T>(redactor: Arc<Redactor>, work: impl FnOnce() -> T) -> T {
        struct Until;
        impl Drop for Until {
            fn drop(&mut self) {
                HERE.with_borrow_mut(|all| all.pop());
            }
        }
        HERE.with_borrow_mut(|all| all.push(redactor));
        let _until = Until; // also when it panics
        work()
    }

    /// A line about this connector without secrets; of a line that does not say what it is about, everybody's secrets
    /// are taken out.
    pub fn scrub<'a>(&self, connector: Option<&str>, text: &'a str) -> Cow<'a, str> {
        let text = HERE.with_borrow(|here| here.iter().fold(Cow::Borrowed(text), |text, it| taken(it, text)));
        let all = self.0.read();
        match connector {
            None => all.values().fold(text, |text, owner| taken(&owner.all, text)),
            Some(connector) => {
                let concerned = [all.get(""), all.get(connector).filter(|_| !connector.is_empty())];
                concerned.into_iter().flatten().fold(text, |text, owner| taken(&owner.all, text))
            }
        }
    }
}

fn taken<'a>(redactor: &Redactor, text: Cow<'a, str>) -> Cow<'a, str> {
    let changed = match redactor.scrub(&text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(scrubbed) => Some(scrubbed),
    };
    changed.map_or(text, Cow::Owned)
}

impl Owner {
    fn remember(&mut self, redactor: &Redactor) {
        if let Some(known) = self.one_by_one.iter().position(|known| known.is_same(redactor)) {
            let known = self.one_by_one.remove(known);
            return self.one_by_one.extend(known);
        }
        self.all.merge(redactor);
        self.one_by_one.push_back(redactor.clone());
        let mut bytes: usize = self.one_by_one.iter().map(Redactor::bytes).sum();
        if bytes <= BYTES_MAX {
            return;
        }
        // Half of it at once, so that the rest is not put together again each time.
        while bytes > BYTES_MAX / 2 && self.one_by_one.len() > 1 {
            bytes -= self.one_by_one.pop_front().map_or(0, |oldest| oldest.bytes());
        }
        self.all = Redactor::default();
        self.one_by_one.iter().for_each(|redactor| self.all.merge(redactor));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor(value: &str) -> Redactor {
        let mut redactor = Redactor::default();
        redactor.hide(value);
        redactor
    }

    #[test]
    fn a_line_shows_no_secret_of_what_it_is_about() {
        let secrets = LogSecrets::default();
        secrets.remember(Some("a"), &redactor("of-a-1"));
        secrets.clone().remember(Some("b"), &redactor("of-b-1"));
        secrets.remember(None, &redactor("of-worker"));
        secrets.remember(Some("a"), &redactor("of-a-2"));
        let text = "of-a-1 of-a-2 of-b-1 of-worker";
        assert_eq!(secrets.scrub(Some("a"), text), "[hidden] [hidden] of-b-1 [hidden]");
        assert_eq!(secrets.scrub(Some("other"), text), "of-a-1 of-a-2 of-b-1 [hidden]");
        assert_eq!(secrets.scrub(None, text), "[hidden] [hidden] [hidden] [hidden]");
        assert!(matches!(secrets.scrub(None, "nothing"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_only_looked_at_is_hidden_only_meanwhile() {
        let secrets = LogSecrets::default();
        let shown = LogSecrets::without(Arc::new(redactor("mallory")), || {
            let elsewhere = secrets.clone();
            let there = std::thread::spawn(move || elsewhere.scrub(None, "mallory").into_owned());
            (secrets.scrub(Some("a"), "mallory").into_owned(), there.join().unwrap())
        });
        assert_eq!(shown, ("[hidden]".to_owned(), "mallory".to_owned()), "lines of others stay as they are");
        assert_eq!(secrets.scrub(Some("a"), "mallory"), "mallory");
        let panicked =
            std::panic::catch_unwind(|| LogSecrets::without(Arc::new(redactor("mallory")), || panic!()));
        assert!(panicked.is_err());
        assert_eq!(secrets.scrub(None, "mallory"), "mallory");
    }

    #[test]
    fn secrets_that_change_all_the_time_do_not_fill_the_memory() {
        let secrets = LogSecrets::default();
        let token = |number: usize| format!("token-{number:06}-{}", "x".repeat(1000));
        for number in 0..2000 {
            secrets.remember(Some("a"), &redactor(&token(number)));
            secrets.remember(Some("a"), &redactor("always-used"));
        }
        let known = secrets.0.read()["a"].all.bytes();
        assert!(known <= BYTES_MAX + 10_000, "{known}");
        let text = format!("{} always-used", token(1999));
        assert_eq!(secrets.scrub(Some("a"), &text), "[hidden] [hidden]");
        assert_eq!(secrets.scrub(Some("a"), &token(0)), token(0), "long ago");
    }
}
