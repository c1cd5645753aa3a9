//! `ContentBasedRouter` and `Filter`: by an expression over the record.
//!
//! There is no script engine: the expression is of the subset that [`super::expression`] describes.

use api::config::{Config, Parsed, Report, Validator, config_enum};
use api::data::{Record, Topic};
use api::{Error, Origin, Result, Transform};
use regex::Regex;

use super::expression::{Expression, Item, Language, Scope};
use super::expression_parser::parse;
use crate::java_regex;
use crate::third_party::comparison::report_syntax;

config_enum! {
    /// What becomes of records with a null value.
    pub enum NullHandling {
        /// They pass.
        Keep = "keep",
        /// They are dropped.
        Drop = "drop",
        /// The expression decides.
        Evaluate = "evaluate",
    }
}

/// Keys that both have.
#[derive(Debug, Clone, Config)]
#[config(check = check_scope)]
pub struct ScriptConfig {
    /// The language of the expression: `jsr223.groovy`, `jsr223.graal.js` or another name of JavaScript.
    #[config(key = "language", importance = High, validator = Validator::With(check_language))]
    pub language: String,
    /// Regular expression for the topics that the expression is for; it must match the whole topic, and records of others
    /// pass.
    #[config(key = "topic.regex", importance = Low)]
    pub topic_regex: Option<String>,
    /// What becomes of records with a null value: `keep` passes them, `drop` drops them, `evaluate` leaves it to the
    /// expression.
    #[config(key = "null.handling.mode", default = "keep", importance = Low)]
    pub null_handling: NullHandling,
}

fn language_of(text: &str) -> std::result::Result<Language, String> {
    match text {
        "jsr223.groovy" => Ok(Language::Groovy),
        "jsr223.graal.js" | "jsr223.js" | "jsr223.javascript" | "jsr223.JavaScript" | "jsr223.nashorn" => {
            Ok(Language::JavaScript)
        }
        _ => Err("the language is not supported: there are jsr223.groovy and jsr223.graal.js, of which an expression may \
                  use the part that the reference page lists"
            .to_owned()),
    }
}

fn check_language(value: &Parsed) -> std::result::Result<(), String> {
    match value {
        Parsed::String(text) => language_of(text).map(drop),
        _ => Ok(()),
    }
}

fn check_scope(config: &ScriptConfig, report: &mut Report) {
    if let Some(pattern) = config.topic_regex.as_deref()
        && let Err(why) = java_regex::compile_whole(pattern)
    {
        report.invalid("topic.regex", Some(pattern), &format!("Invalid regex: {why}"));
    }
}

/// Keys of [`ContentBasedRouter`].
#[derive(Debug, Clone, Config)]
#[config(check = check_router)]
pub struct ContentBasedRouterConfig {
    /// Language and scope.
    #[config(flatten)]
    pub script: ScriptConfig,
    /// The expression: a text is the new topic, null leaves the topic as it is.
    #[config(key = "topic.expression", importance = High, validator = Validator::NonEmpty)]
    pub expression: String,
}

/// Keys of [`Filter`].
#[derive(Debug, Clone, Config)]
#[config(check = check_filter)]
pub struct FilterConfig {
    /// Language and scope.
    #[config(flatten)]
    pub script: ScriptConfig,
    /// The expression: records for which it is true are kept, others are dropped.
    #[config(key = "condition", importance = High, validator = Validator::NonEmpty)]
    pub condition: String,
}

fn check_router(config: &ContentBasedRouterConfig, report: &mut Report) {
    if let Ok(language) = language_of(&config.script.language) {
        report_syntax(report, "topic.expression", &config.expression, parse(&config.expression, language));
    }
}

fn check_filter(config: &FilterConfig, report: &mut Report) {
    if let Ok(language) = language_of(&config.script.language) {
        report_syntax(report, "condition", &config.condition, parse(&config.condition, language));
    }
}

#[derive(Debug)]
struct Script {
    expression: Expression,
    language: Language,
    topic: Option<Regex>,
    nulls: NullHandling,
}

/// What to do with a record before the expression is asked.
enum Before {
    Pass,
    Drop,
    Ask,
}

impl Script {
    fn new(config: ScriptConfig, key: &'static str, expression: &str) -> Result<Self> {
        let language = language_of(&config.language).map_err(Error::misconfigured)?;
        let expression = parse(expression, language)
            .map_err(|error| Error::misconfigured(error.to_string()).with("key", key))?;
        let topic = match config.topic_regex.as_deref().filter(|pattern| !pattern.is_empty()) {
            Some(pattern) => Some(java_regex::compile_whole(pattern).map_err(Error::misconfigured)?),
            None => None,
        };
        Ok(Self { expression, language, topic, nulls: config.null_handling })
    }

    fn before(&self, record: &Record) -> Before {
        if self.topic.as_ref().is_some_and(|topic| !topic.is_match(&record.topic)) {
            return Before::Pass;
        }
        match (record.value.value.is_null(), self.nulls) {
            (true, NullHandling::Keep) => Before::Pass,
            (true, NullHandling::Drop) => Before::Drop,
            _ => Before::Ask,
        }
    }

    fn evaluate<'a>(&'a self, record: &'a Record) -> Result<Item<'a>> {
        Scope { record, language: self.language }.evaluate(&self.expression)
    }
}

/// Sends a record to the topic that an expression says.
#[derive(Debug)]
pub struct ContentBasedRouter(Script);

impl Transform for ContentBasedRouter {
    const CLASS: &'static str = "io.debezium.transforms.ContentBasedRouter";
    type Config = ContentBasedRouterConfig;

    fn build(config: ContentBasedRouterConfig) -> Result<Self> {
        Script::new(config.script, "topic.expression", &config.expression).map(Self)
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        match self.0.before(&record) {
            Before::Pass => return Ok(Some(record)),
            Before::Drop => return Ok(None),
            Before::Ask => {}
        }
        let topic = match self.0.evaluate(&record)? {
            Item::Null => None,
            Item::Text(topic) if topic.is_empty() => {
                return Err(Error::bad_record("topic.expression gave an empty topic"));
            }
            Item::Text(topic) => Some(Topic::from(&*topic)),
            other => {
                return Err(Error::bad_record(format!(
                    "topic.expression must give a string or null, but gave {}",
                    other.type_name()
                )));
            }
        };
        if let Some(topic) = topic {
            record.topic = topic;
        }
        Ok(Some(record))
    }
}

/// Keeps the records for which a condition is true.
#[derive(Debug)]
pub struct Filter(Script);

impl Transform for Filter {
    const CLASS: &'static str = "io.debezium.transforms.Filter";
    type Config = FilterConfig;

    fn build(config: FilterConfig) -> Result<Self> {
        Script::new(config.script, "condition", &config.condition).map(Self)
    }

    fn apply(&mut self, record: Record, _origin: &Origin) -> Result<Option<Record>> {
        match self.0.before(&record) {
            Before::Pass => return Ok(Some(record)),
            Before::Drop => return Ok(None),
            Before::Ask => {}
        }
        let keep = match self.0.evaluate(&record)? {
            Item::Boolean(keep) => keep,
            other => {
                return Err(Error::bad_record(format!(
                    "condition must give a boolean, but gave {}",
                    other.type_name()
                )));
            }
        };
        Ok(keep.then_some(record))
    }
}
