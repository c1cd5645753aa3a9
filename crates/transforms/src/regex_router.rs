//! `RegexRouter`: another topic, by its name.

use std::sync::Arc;

use api::config::{Config, Report};
use api::data::{Record, Topic};
use api::{Origin, Result, Transform};

use crate::java_regex::{KnownTopics, Rewrite};

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
    Rewrite::check(report, ("regex", &config.regex), ("replacement", &config.replacement));
}

/// When the whole name of the topic matches, replaces the first match in it, as Java's `replaceFirst`.
#[derive(Debug)]
pub struct RegexRouter {
    rewrite: Rewrite,
    /// The last topic and where it went: the records of a batch share their topic.
    last: Option<(Topic, Topic)>,
    known: KnownTopics<Topic>,
}

impl Transform for RegexRouter {
    const CLASS: &'static str = "org.apache.kafka.connect.transforms.RegexRouter";
    type Config = RegexRouterConfig;

    fn build(config: RegexRouterConfig) -> Result<Self> {
        let rewrite = Rewrite::parse(&config.regex, &config.replacement)?;
        Ok(Self { rewrite, last: None, known: KnownTopics::new() })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        if let Some((topic, routed)) = &self.last
            && Arc::ptr_eq(topic, &record.topic)
        {
            record.topic = routed.clone();
            return Ok(Some(record));
        }
        let rewrite = &self.rewrite;
        let routed = self.known.get(&record.topic, |topic| match rewrite.apply(topic) {
            Some(routed) => Topic::from(routed),
            None => topic.clone(),
        });
        self.last = Some((record.topic, routed.clone()));
        record.topic = routed;
        Ok(Some(record))
    }
}
