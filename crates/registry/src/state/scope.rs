//! Which config and mode a subject has: its own, else its context's, else that behind all contexts, else the server's.

use super::State;
use crate::config::Config;
use crate::level::{Level, Mode};
use crate::subject::Subject;

impl State {
    /// The config in force. The level is always there.
    pub fn config(&self, subject: &Subject, server: Level) -> Config {
        let behind = self.config_of_context(subject, server);
        let mut config = match self.own_config(subject) {
            Some(own) if !subject.is_context() => own.over(&behind),
            _ => behind,
        };
        config.compatibility_level.get_or_insert(server);
        config
    }

    fn config_of_context(&self, subject: &Subject, server: Level) -> Config {
        let whole = Subject::of_context(subject.context());
        let found = self.own_config(&whole).or_else(|| self.own_config(&Subject::behind_all()));
        found.cloned().unwrap_or_else(|| Config::of_level(server))
    }

    /// The mode in force.
    pub fn mode(&self, subject: &Subject) -> Mode {
        let overriding = [&Subject::behind_all(), &Subject::global()]
            .into_iter()
            .any(|whole| self.own_mode(whole) == Some(Mode::ReadOnlyOverride));
        if overriding {
            return Mode::ReadOnlyOverride;
        }
        let whole = Subject::of_context(subject.context());
        [subject, &whole, &Subject::behind_all()]
            .into_iter()
            .find_map(|subject| self.own_mode(subject))
            .unwrap_or(Mode::ReadWrite)
    }

    /// The subject that a path means: the alias of its config, if it has one.
    pub fn unaliased(&self, subject: Subject) -> Subject {
        let alias = self.own_config(&subject).and_then(|config| config.alias.as_deref());
        match alias.filter(|alias| !alias.is_empty()) {
            Some(alias) => Subject::parse_in(subject.context(), alias),
            None => subject,
        }
    }
}
