//! What a task computed of its config once.

use std::sync::Arc;

use api::{Error, Result};
use flate2::Compression as Level;

use crate::S3SinkConfig;
use crate::body::Shape;
use crate::config::{Compression, NullBehavior};
use crate::format::Format;
use crate::name::{Names, View};
use crate::partitioner::Partitioner;
use crate::pool::Pool;
use crate::rotation::Rules;

/// A view of records that is written, and how.
#[derive(Debug, Clone)]
pub struct Written {
    /// Which view.
    pub view: View,
    /// Its format.
    pub format: Format,
    /// Extension of its objects, compression included.
    pub extension: String,
}

/// Everything that follows from the config and does not change.
#[derive(Debug)]
pub struct Settings {
    /// Object names.
    pub names: Arc<Names>,
    /// Directories.
    pub partitioner: Partitioner,
    /// When files are closed.
    pub rules: Rules,
    /// What is written of each record, values first.
    pub written: Vec<Written>,
    /// How bodies are built.
    pub shape: Shape,
    /// What becomes of null values.
    pub nulls: NullBehavior,
    /// Whether ignored nulls are reported.
    pub report_nulls: bool,
    /// Offsets looked at for a free name; `None` when objects are overwritten.
    pub scan_limit: Option<i64>,
}

const FIRST_BUFFER: usize = 8 << 10;

impl Settings {
    /// The settings of a checked config.
    ///
    /// # Errors
    /// The config was not checked.
    pub fn new(config: &S3SinkConfig) -> Result<Self> {
        let partitioner = Partitioner::new(config).map_err(|problems| {
            let texts: Vec<_> =
                problems.into_iter().map(|(key, problem)| format!("{key}: {problem}")).collect();
            Error::misconfigured(texts.join("; "))
        })?;
        let (storage, s3) = (&config.storage, &config.s3);
        let mut views = vec![(View::Value, &storage.format)];
        if storage.store_keys {
            views.push((View::Key, &storage.keys_format));
        }
        if storage.store_headers {
            views.push((View::Headers, &storage.headers_format));
        }
        let gzip = match s3.compression {
            Compression::None => None,
            Compression::Gzip => {
                Some(u32::try_from(s3.compression_level).map_or(Level::default(), Level::new))
            }
        };
        let written: Result<Vec<Written>> = views
            .into_iter()
            .map(|(view, class)| {
                let format = Format::of(&class.0, storage)
                    .ok_or_else(|| Error::misconfigured(format!("{} is not a format", class.0)))?;
                let compressed = if gzip.is_some() { ".gz" } else { "" };
                let extension = format!("{}{compressed}", format.extension());
                Ok(Written { view, format, extension })
            })
            .collect();
        let initial = match s3.elastic_buffer {
            true => usize::try_from(s3.elastic_buffer_capacity).unwrap_or(FIRST_BUFFER),
            false => FIRST_BUFFER,
        };
        Ok(Self {
            names: Arc::new(Names::new(storage)),
            rules: Rules::new(config, &partitioner),
            partitioner,
            written: written?,
            shape: Shape {
                gzip,
                initial,
                part_size: usize::try_from(s3.part_size).unwrap_or(26_214_400),
                pool: Pool::default(),
            },
            nulls: storage.null_behavior,
            report_nulls: storage.report_nulls,
            scan_limit: config.conditional().then_some(i64::from(s3.scan_limit)),
        })
    }
}
