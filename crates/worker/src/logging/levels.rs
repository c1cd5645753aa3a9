//! Which lines are written: the levels of loggers, and of single connectors.

use std::collections::BTreeMap;

use rest::logs::Level;
use rest_types::{LoggerLevel, Loggers};
use tracing_subscriber::filter::LevelFilter;

use super::names::{self, is_inside};

/// The logger around all others.
const ROOT: &str = "root";
/// How many loggers and connectors may have a level.
const ENTRIES_MAX: usize = 2000;
/// The longest name of a logger, in bytes.
const NAME_BYTES_MAX: usize = 512;

/// The levels. A logger without a level has that of the nearest one around it.
#[derive(Debug, Clone)]
pub(super) struct Levels {
    loggers: BTreeMap<String, Logger>,
    connectors: BTreeMap<String, Level>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Logger {
    level: Option<Level>,
    last_modified: Option<i64>,
}

/// `info` for all.
impl Default for Levels {
    fn default() -> Self {
        let mut levels = Self::known();
        levels.put(ROOT, Level::Info);
        levels
    }
}

/// What the levels say of a place in the program that writes lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Always,
    Never,
    /// It depends on which connector the line is about.
    ByConnector,
}

impl Levels {
    /// Reads `level` or `target=level` pairs, separated by commas.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut levels = Self::known();
        // Without a level for all, only errors are wanted of the others.
        levels.put(ROOT, Level::Error);
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some((target, level)) => levels.put(target.trim(), level_of(level)?),
                None => levels.put(ROOT, level_of(part)?),
            }
        }
        Ok(levels)
    }

    fn known() -> Self {
        let java = names::parts().iter().map(|part| (part.java.to_owned(), Logger::default()));
        Self { loggers: java.collect(), connectors: BTreeMap::new() }
    }

    fn put(&mut self, logger: &str, level: Level) {
        self.loggers.insert(canonical(logger).to_owned(), Logger { level: Some(level), last_modified: None });
    }

    /// All that are known and not off.
    pub(super) fn all(&self) -> Loggers {
        let shown = self.loggers.keys().filter_map(|name| Some((name.clone(), self.get(name)?)));
        shown.filter(|(_, logger)| logger.level != Level::Off.name()).collect()
    }

    /// One that is known.
    pub(super) fn get(&self, name: &str) -> Option<LoggerLevel> {
        let name = canonical(name);
        let logger = self.loggers.get(name)?;
        let level = self.effective(name).name().to_owned();
        Some(LoggerLevel { level, last_modified: logger.last_modified })
    }

    /// Sets a logger and all whose names begin with its name, or that belong to it; answers those whose level is another
    /// one now.
    pub(super) fn set(&mut self, name: &str, level: Level, now_ms: i64) -> Result<Vec<String>, String> {
        let name = canonical(name);
        if name.len() > NAME_BYTES_MAX {
            return Err(format!(
                "a logger's name has at most {NAME_BYTES_MAX} bytes; this one has {}",
                name.len()
            ));
        }
        if self.loggers.len() >= ENTRIES_MAX && !self.loggers.contains_key(name) {
            return Err(format!(
                "{ENTRIES_MAX} loggers have been named; no more are taken until the worker starts anew"
            ));
        }
        self.loggers.entry(name.to_owned()).or_default();
        let below = |known: &str| {
            let belongs = || names::parts_of(known).any(|part| is_inside(part.java, name, "."));
            name == ROOT || known.starts_with(name) || belongs()
        };
        let affected: Vec<String> = self.loggers.keys().filter(|known| below(known)).cloned().collect();
        let before: Vec<Level> = affected.iter().map(|name| self.effective(name)).collect();
        let mut changed = Vec::new();
        for (name, before) in affected.into_iter().zip(before) {
            let Some(logger) = self.loggers.get_mut(&name) else { continue };
            logger.level = Some(level);
            if before != level {
                logger.last_modified = Some(now_ms);
                changed.push(name);
            }
        }
        Ok(changed)
    }

    /// The level of a connector's lines, if it has one of its own.
    pub(super) fn connector(&self, name: &str) -> Option<Level> {
        self.connectors.get(name).copied()
    }

    /// Gives a connector a level, or takes it away.
    pub(super) fn set_connector(&mut self, name: &str, level: Option<Level>) -> Result<(), String> {
        let Some(level) = level else {
            self.connectors.remove(name);
            return Ok(());
        };
        if self.connectors.len() >= ENTRIES_MAX && !self.connectors.contains_key(name) {
            return Err(format!(
                "{ENTRIES_MAX} connectors have a log level of their own; take it from some of them by sending null"
            ));
        }
        self.connectors.insert(name.to_owned(), level);
        Ok(())
    }

    /// The level of what is written there.
    pub(super) fn of_target(&self, target: &str) -> Level {
        let own = self.longest(|name| is_inside(target, name, "::"));
        let java = || self.longest(|name| names::parts_of(target).any(|part| part.hears(name)));
        own.or_else(java).unwrap_or_else(|| self.root())
    }

    /// Whether lines of this level are written there.
    pub(super) fn verdict(&self, target: &str, level: tracing::Level) -> Verdict {
        let wanted = filter(self.of_target(target)) >= level;
        let differs = |own: &Level| self.allows(*own, target, level, wanted) != wanted;
        match (self.connectors.values().any(differs), wanted) {
            (true, _) => Verdict::ByConnector,
            (false, true) => Verdict::Always,
            (false, false) => Verdict::Never,
        }
    }

    /// Whether a line about this connector is written.
    pub(super) fn wants(&self, connector: Option<&str>, target: &str, level: tracing::Level) -> bool {
        let wanted = filter(self.of_target(target)) >= level;
        match connector.and_then(|connector| self.connectors.get(connector)) {
            Some(own) => self.allows(*own, target, level, wanted),
            None => wanted,
        }
    }

    // More is told by our own parts only: a library's debug lines are not about the connector.
    fn allows(&self, own: Level, target: &str, level: tracing::Level, wanted: bool) -> bool {
        filter(own) >= level && (wanted || names::is_ours(target))
    }

    /// The most that any line may say.
    pub(super) fn most(&self) -> LevelFilter {
        let loggers = self.loggers.values().filter_map(|logger| logger.level);
        loggers.chain(self.connectors.values().copied()).map(filter).max().unwrap_or(LevelFilter::OFF)
    }

    fn root(&self) -> Level {
        self.loggers.get(ROOT).and_then(|root| root.level).unwrap_or(Level::Info)
    }

    fn effective(&self, name: &str) -> Level {
        let java = self.longest(|outer| is_inside(name, outer, ".") || is_inside(name, outer, "::"));
        java.unwrap_or_else(|| self.of_target(name))
    }

    fn longest(&self, fits: impl Fn(&str) -> bool) -> Option<Level> {
        let with_level = self.loggers.iter().filter_map(|(name, logger)| Some((name, logger.level?)));
        let fitting = with_level.filter(|(name, _)| *name != ROOT && fits(name));
        fitting.max_by_key(|(name, level)| (name.len(), *level)).map(|(_, level)| level)
    }
}

fn canonical(logger: &str) -> &str {
    if logger.is_empty() || logger.eq_ignore_ascii_case(ROOT) { ROOT } else { logger }
}

fn level_of(word: &str) -> Result<Level, String> {
    let word = word.trim();
    let by_number = || {
        let known = [Level::Off, Level::Error, Level::Warn, Level::Info, Level::Debug, Level::Trace];
        known.get(word.parse::<usize>().ok()?).copied()
    };
    Level::parse(word).or_else(by_number).ok_or_else(|| format!("'{word}' is no level"))
}

fn filter(level: Level) -> LevelFilter {
    match level {
        Level::Off => LevelFilter::OFF,
        Level::Fatal | Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace | Level::All => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level as Line;

    use super::*;

    #[test]
    fn a_word_that_is_no_level_is_refused() {
        for text in ["wat", "debgu", "info,sluice_task", "sluice_task=loud", "7"] {
            assert!(Levels::parse(text).unwrap_err().contains("is no level"), "{text}");
        }
        for (text, expected) in [
            ("error", Level::Error),
            ("WARN", Level::Warn),
            ("off", Level::Off),
            ("5", Level::Trace),
            ("all", Level::All),
            ("hyper=debug", Level::Error),
            ("warn, hyper=debug,", Level::Warn),
        ] {
            assert_eq!(Levels::parse(text).unwrap().of_target("sluice_x"), expected, "{text}");
        }
    }

    #[test]
    fn the_nearest_logger_counts() {
        let mut levels = Levels::parse("warn,sluice_task=debug,hyper=off").unwrap();
        assert_eq!(levels.of_target("sluice_task::sink_loop"), Level::Debug);
        assert_eq!(levels.of_target("sluice_taskforce"), Level::Warn);
        assert_eq!(levels.of_target("hyper::client"), Level::Off);
        assert_eq!(levels.of_target("sluice_rest"), Level::Warn);
        levels.set("org.apache.kafka.connect.runtime.rest", Level::Trace, 1).unwrap();
        assert_eq!(levels.of_target("sluice_rest::serve"), Level::Trace);
        assert_eq!(levels.of_target("sluice_herder"), Level::Warn);
        levels.set("io.confluent.connect.jdbc.source.JdbcSourceTask", Level::Debug, 1).unwrap();
        assert_eq!(levels.of_target("sluice_connector_jdbc::poll"), Level::Debug);
        levels.set("com.example.Mine", Level::Debug, 1).unwrap();
        assert_eq!(levels.get("com.example.Mine").unwrap().level, "DEBUG");
        assert!(levels.get("com.example.Other").is_none());
    }

    #[test]
    fn a_change_reaches_everything_below_and_names_what_is_different() {
        let mut levels = Levels::parse("info,sluice_task=debug").unwrap();
        let changed = levels.set("org.apache.kafka.connect.runtime", Level::Debug, 7).unwrap();
        assert!(changed.contains(&"org.apache.kafka.connect.runtime".to_owned()), "{changed:?}");
        assert!(changed.contains(&"org.apache.kafka.connect.runtime.rest".to_owned()));
        assert!(!changed.contains(&"sluice_task".to_owned()), "it was DEBUG before");
        assert!(changed.is_sorted());
        assert_eq!(levels.get("org.apache.kafka.connect.runtime").unwrap().last_modified, Some(7));
        assert_eq!(levels.get("root").unwrap(), LoggerLevel { level: "INFO".into(), last_modified: None });
        assert!(levels.set("org.apache.kafka.connect.runtime", Level::Debug, 8).unwrap().is_empty());

        let changed = levels.set("ROOT", Level::Error, 9).unwrap();
        assert!(changed.contains(&"root".to_owned()) && changed.contains(&"sluice_task".to_owned()));
        assert_eq!(levels.of_target("sluice_task::sink_loop"), Level::Error);
        levels.set("com.example", Level::Off, 10).unwrap();
        assert!(!levels.all().contains_key("com.example") && levels.all().contains_key("root"));
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        assert!(levels.set(&long, Level::Off, 11).unwrap_err().contains("512 bytes"));
    }

    #[test]
    fn a_connector_may_have_its_own() {
        let mut levels = Levels::parse("info").unwrap();
        assert_eq!(levels.verdict("sluice_task", Line::DEBUG), Verdict::Never);
        assert_eq!(levels.verdict("sluice_task", Line::INFO), Verdict::Always);
        levels.set_connector("orders", Some(Level::Debug)).unwrap();
        assert_eq!(levels.most(), LevelFilter::DEBUG);
        assert_eq!(levels.verdict("sluice_task", Line::DEBUG), Verdict::ByConnector);
        assert_eq!(levels.verdict("sluice_task", Line::INFO), Verdict::Always);
        assert_eq!(levels.verdict("sluice_task", Line::TRACE), Verdict::Never);
        assert_eq!(levels.verdict("hyper", Line::DEBUG), Verdict::Never, "a library's");
        assert!(levels.wants(Some("orders"), "sluice_task", Line::DEBUG));
        assert!(!levels.wants(Some("other"), "sluice_task", Line::DEBUG));
        assert!(!levels.wants(None, "sluice_task", Line::DEBUG));
        levels.set_connector("orders", Some(Level::Error)).unwrap();
        assert_eq!(levels.verdict("hyper", Line::INFO), Verdict::ByConnector);
        assert!(!levels.wants(Some("orders"), "hyper", Line::INFO));
        levels.set_connector("orders", None).unwrap();
        assert_eq!(levels.verdict("hyper", Line::INFO), Verdict::Always);
    }
}
