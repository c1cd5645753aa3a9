//! `Flatten`: nested fields as fields of one level; maps inside rows may stay.

use api::config::{Config, config_enum};
use api::data::Record;
use api::{Origin, Result, Transform};

use crate::side::Side;

config_enum! {
    /// What becomes of maps inside rows.
    pub enum NestedMapBehavior {
        /// The record fails.
        Fail = "FAIL",
        /// They stay as they are, with the joined name.
        Include = "INCLUDE",
    }
}

/// Keys of [`Flatten`].
#[derive(Debug, Clone, Config)]
pub struct FlattenConfig {
    /// Text between the names that are joined.
    #[config(key = "delimiter", default = ".")]
    pub delimiter: String,
    /// What becomes of maps inside rows: `FAIL` fails the record, `INCLUDE` keeps them with the joined name.
    #[config(key = "behavior.on.nested.map", default = "FAIL")]
    pub nested_map: NestedMapBehavior,
    /// Another spelling of `behavior.on.nested.map`, which it wins over.
    #[config(key = "behaviour.on.nested.map")]
    pub nested_map_british: Option<NestedMapBehavior>,
}

/// Joins the names of nested fields, as Kafka's `Flatten` does.
#[derive(Debug)]
pub struct Flatten<S>(crate::Flatten<S>);

impl<S: Side> Transform for Flatten<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "io.confluent.connect.transforms.Flatten$Key"
    } else {
        "io.confluent.connect.transforms.Flatten$Value"
    };
    type Config = FlattenConfig;

    fn build(config: FlattenConfig) -> Result<Self> {
        let behavior = config.nested_map_british.unwrap_or(config.nested_map);
        Ok(Self(crate::Flatten::new(config.delimiter, behavior == NestedMapBehavior::Include)))
    }

    fn apply(&mut self, record: Record, origin: &Origin) -> Result<Option<Record>> {
        self.0.apply(record, origin)
    }
}
