//! Secrets that no log line may show, whichever part of the process writes it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::Redactor;

/// Knows the secrets of everything that runs in this process. Whoever writes log lines scrubs them by it, so that
/// invariant 5 does not depend on what a connector or a library writes. Cheap to clone; clones are one.
///
/// Nothing is forgotten: a line about a connector may come after its end. A value is kept once.
#[derive(Debug, Clone, Default)]
pub struct LogSecrets(Arc<RwLock<HashMap<String, Redactor>>>);

impl LogSecrets {
    /// From now on this redactor's values do not appear in lines about this connector, nor in lines that do not say
    /// what they are about. No connector is the worker itself: its values appear nowhere.
    pub fn remember(&self, connector: Option<&str>, redactor: &Redactor) {
        if !redactor.is_empty() {
            self.0.write().entry(connector.unwrap_or_default().to_owned()).or_default().merge(redactor);
        }
    }

    /// A line about this connector without secrets; of a line that does not say what it is about, everybody's secrets
    /// are taken out.
    pub fn scrub<'a>(&self, connector: Option<&str>, text: &'a str) -> Cow<'a, str> {
        let all = self.0.read();
        let concerned = all.iter().filter(|(owner, _)| match connector {
            Some(connector) => owner.is_empty() || *owner == connector,
            None => true,
        });
        concerned.fold(Cow::Borrowed(text), |text, (_, redactor)| {
            let changed = match redactor.scrub(&text) {
                Cow::Borrowed(_) => None,
                Cow::Owned(scrubbed) => Some(scrubbed),
            };
            changed.map_or(text, Cow::Owned)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_no_secret_of_what_it_is_about() {
        let secrets = LogSecrets::default();
        let redactor = |value: &str| {
            let mut redactor = Redactor::default();
            redactor.hide(value);
            redactor
        };
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
}
