//! `TopicRegexRouter`: another topic, by its name, in the syntax of RE2.

use api::config::{Config, Report};
use api::data::{Record, Topic};
use api::{Origin, Result, Transform};

use crate::java_regex::{KnownTopics, Rewrite};

/// Keys of [`TopicRegexRouter`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct TopicRegexRouterConfig {
    /// Regular expression that must match the whole topic; other topics stay.
    #[config(key = "regex", importance = High)]
    pub regex: String,
    /// The new topic, with groups as `$1` or `${name}`.
    #[config(key = "replacement", importance = High)]
    pub replacement: String,
}

fn check(config: &TopicRegexRouterConfig, report: &mut Report) {
    Rewrite::check(report, ("regex", &config.regex), ("replacement", &config.replacement));
}

/// Renames topics.
#[derive(Debug)]
pub struct TopicRegexRouter {
    rewrite: Rewrite,
    known: KnownTopics<Option<Topic>>,
}

impl Transform for TopicRegexRouter {
    const CLASS: &'static str = "io.confluent.connect.cloud.transforms.TopicRegexRouter";
    type Config = TopicRegexRouterConfig;

    fn build(config: TopicRegexRouterConfig) -> Result<Self> {
        let rewrite = Rewrite::parse(&config.regex, &config.replacement)?;
        Ok(Self { rewrite, known: KnownTopics::new() })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let rewrite = &self.rewrite;
        if let Some(topic) = self.known.get(&record.topic, |old| rewrite.apply(old).map(Topic::from)) {
            record.topic = topic;
        }
        Ok(Some(record))
    }
}
