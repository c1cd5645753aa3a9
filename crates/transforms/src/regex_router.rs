//! `RegexRouter`: another topic, by its name.

use std::collections::HashMap;
use std::sync::Arc;

use api::config::{Config, Report};
use api::data::{Record, Topic};
use api::{Error, Origin, Result, Transform};
use regex::Regex;

use crate::replacement::Replacement;

/// Keys of [`RegexRouter`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct RegexRouterConfig {
    /// Regular expression to use for matching the whole topic. Look-around and back references are not supported.
    #[config(key = "regex", importance = High)]
    pub regex: String,
    /// Replacement string, with groups as `$1` or `${name}`.
    #[config(key = "replacement", importance = High)]
    pub replacement: String,
}

fn check(config: &RegexRouterConfig, report: &mut Report) {
    match whole(&config.regex) {
        Err(why) => report.invalid("regex", Some(&config.regex), &format!("Invalid regex: {why}")),
        Ok(_) => {
            if let Err(why) = config.parse_replacement() {
                report.invalid("replacement", Some(&config.replacement), &why);
            }
        }
    }
}

impl RegexRouterConfig {
    fn parse_replacement(&self) -> std::result::Result<(Regex, Replacement), String> {
        let regex = Regex::new(&self.regex).map_err(why)?;
        let replacement = Replacement::parse(&self.replacement, &regex)?;
        Ok((regex, replacement))
    }
}

// The library's text shows the expression on lines of its own; the last line says what is wrong.
fn why(error: regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim().trim_start_matches("error: ").to_owned()
}

/// The expression, for a whole text.
pub(crate) fn whole(pattern: &str) -> std::result::Result<Regex, String> {
    // By itself first: `a)(b` would become valid between the parentheses.
    Regex::new(pattern).map_err(why)?;
    Regex::new(&format!("\\A(?:{pattern})\\z")).map_err(why)
}

/// When the whole name of the topic matches, replaces the first match in it, as Java's `replaceFirst`.
#[derive(Debug)]
pub struct RegexRouter {
    whole: Regex,
    first: Regex,
    replacement: Replacement,
    /// The last topic and where it went: the records of a batch share their topic.
    last: Option<(Topic, Topic)>,
    known: HashMap<Topic, Topic>,
}

// Topics are few; a source that makes up names must not fill the memory.
const KNOWN_MAX: usize = 1000;

impl RegexRouter {
    fn route(&self, topic: &str) -> Topic {
        if !self.whole.is_match(topic) {
            return Topic::from(topic);
        }
        // The first match need not be the whole: of `a|ab` in `ab` it is `a`.
        let captures = self.first.captures(topic);
        let found = captures.as_ref().and_then(|captures| Some((captures, captures.get(0)?)));
        let Some((captures, found)) = found else {
            return Topic::from(topic);
        };
        let mut routed = topic[..found.start()].to_owned();
        self.replacement.expand(captures, &mut routed);
        routed.push_str(&topic[found.end()..]);
        Topic::from(routed)
    }
}

impl Transform for RegexRouter {
    const CLASS: &'static str = "org.apache.kafka.connect.transforms.RegexRouter";
    type Config = RegexRouterConfig;

    fn build(config: RegexRouterConfig) -> Result<Self> {
        let whole = whole(&config.regex).map_err(Error::misconfigured)?;
        let (first, replacement) = config.parse_replacement().map_err(Error::misconfigured)?;
        Ok(Self { whole, first, replacement, last: None, known: HashMap::new() })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        if let Some((topic, routed)) = &self.last
            && Arc::ptr_eq(topic, &record.topic)
        {
            record.topic = routed.clone();
            return Ok(Some(record));
        }
        let routed = match self.known.get(&record.topic) {
            Some(routed) => routed.clone(),
            None => {
                let routed = self.route(&record.topic);
                if self.known.len() >= KNOWN_MAX {
                    self.known.clear();
                }
                self.known.insert(record.topic.clone(), routed.clone());
                routed
            }
        };
        self.last = Some((record.topic, routed.clone()));
        record.topic = routed;
        Ok(Some(record))
    }
}
