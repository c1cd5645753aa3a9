//! `Filter`: keeps or drops records by a JSON Path.

use std::marker::PhantomData;

use api::config::{Config, Parsed, Validator, config_enum};
use api::data::Record;
use api::{Error, Origin, Result, Transform};

use super::json_path::{Found, JsonPath};
use crate::side::Side;

config_enum! {
    /// What becomes of records that match.
    pub enum FilterType {
        /// They are kept, others dropped.
        Include = "include",
        /// They are dropped, others kept.
        Exclude = "exclude",
    }
}

config_enum! {
    /// What becomes of records that lack a field of the path.
    pub enum MissingOrNull {
        /// They fail.
        Fail = "fail",
        /// They are kept.
        Include = "include",
        /// They are dropped.
        Exclude = "exclude",
    }
}

/// Keys of [`Filter`].
#[derive(Debug, Clone, Config)]
pub struct FilterConfig {
    /// JSON Path that matches a record when it leads to something: `$.a.b`, or with a filter `$[?(@.a == 'x')]`.
    #[config(key = "filter.condition", importance = High, validator = Validator::With(check_path))]
    pub condition: String,
    /// `include` keeps the records that match, `exclude` drops them.
    #[config(key = "filter.type", importance = High)]
    pub filter_type: FilterType,
    /// What to do when a field of the path is missing or null: `fail` fails the record, `include` keeps it, `exclude` drops
    /// it. A field that is missing inside a filter just does not match.
    #[config(key = "missing.or.null.behavior", default = "fail")]
    pub missing_or_null: MissingOrNull,
}

/// Refuses a path that is not served, with the column.
pub(super) fn check_path(value: &Parsed) -> std::result::Result<(), String> {
    match value {
        Parsed::String(text) => JsonPath::parse(text).map(drop).map_err(|error| error.to_string()),
        _ => Ok(()),
    }
}

/// Keeps or drops records.
#[derive(Debug)]
pub struct Filter<S> {
    path: JsonPath,
    config: FilterConfig,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for Filter<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "io.confluent.connect.transforms.Filter$Key"
    } else {
        "io.confluent.connect.transforms.Filter$Value"
    };
    type Config = FilterConfig;

    fn build(config: FilterConfig) -> Result<Self> {
        let path = JsonPath::parse(&config.condition);
        let path = path.map_err(|error| Error::misconfigured(format!("filter.condition: {error}")))?;
        Ok(Self { path, config, side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let value = &S::of(&mut record).value;
        let keeps = match self.path.find(value, value) {
            Found::Values(found) => found.is_empty() == (self.config.filter_type == FilterType::Exclude),
            Found::Nothing => match self.config.missing_or_null {
                MissingOrNull::Include => true,
                MissingOrNull::Exclude => false,
                MissingOrNull::Fail => {
                    return Err(Error::bad_record(format!(
                        "filter.condition: a field of {} is missing or null",
                        self.config.condition
                    ))
                    .hint("missing.or.null.behavior says what becomes of such records"));
                }
            },
        };
        Ok(keeps.then_some(record))
    }
}
