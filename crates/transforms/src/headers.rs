//! `DropHeaders` and `InsertHeader`.

use api::config::{Config, Report};
use api::data::{Datum, Header, Record, Text};
use api::{Origin, Result, Transform};

use crate::required_list;

/// Keys of [`DropHeaders`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct DropHeadersConfig {
    /// The name of the headers to be removed.
    #[config(key = "headers", importance = High)]
    pub headers: Vec<String>,
}

fn check(config: &DropHeadersConfig, report: &mut Report) {
    required_list::require("headers", &config.headers, report);
}

/// Removes all headers of these names.
#[derive(Debug)]
pub struct DropHeaders(Vec<String>);

impl Transform for DropHeaders {
    const CLASS: &'static str = "org.apache.kafka.connect.transforms.DropHeaders";
    type Config = DropHeadersConfig;

    fn build(config: DropHeadersConfig) -> Result<Self> {
        Ok(Self(config.headers))
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        record.headers.retain(|header| !self.0.iter().any(|name| **name == *header.key));
        Ok(Some(record))
    }
}

/// Keys of [`InsertHeader`].
#[derive(Debug, Clone, Config)]
pub struct InsertHeaderConfig {
    /// The name of the header.
    #[config(key = "header", importance = High)]
    pub header: String,
    /// The literal value that is to be set as the header value on all records.
    #[config(key = "value.literal", importance = High)]
    pub literal: String,
}

/// Appends a header; the type of its value is found from the text, as for headers ([`literal`]).
#[derive(Debug)]
pub struct InsertHeader {
    key: Text,
    value: Datum,
}

impl Transform for InsertHeader {
    const CLASS: &'static str = "org.apache.kafka.connect.transforms.InsertHeader";
    type Config = InsertHeaderConfig;

    fn build(config: InsertHeaderConfig) -> Result<Self> {
        Ok(Self { key: Text::from(config.header), value: literal::parse(&config.literal) })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        record.headers.push(Header { key: self.key.clone(), value: self.value.clone() });
        Ok(Some(record))
    }
}
