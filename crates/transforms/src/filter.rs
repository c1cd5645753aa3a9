//! `Filter`: drops every record; useful with a predicate.

use api::config::Config;
use api::data::Record;
use api::{Origin, Result, Transform};

/// This class has no keys.
#[derive(Debug, Clone, Config)]
pub struct NoConfig {}

/// Drops every record.
#[derive(Debug)]
pub struct Filter;

impl Transform for Filter {
    const CLASS: &'static str = "org.apache.kafka.connect.transforms.Filter";
    type Config = NoConfig;

    fn build(_config: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn apply(&mut self, _record: Record, _origin: &Origin) -> Result<Option<Record>> {
        Ok(None)
    }
}
