//! The keys of both connectors.

use api::config::{Config, Validator};

/// Keys of the source.
#[derive(Debug, Clone, Config)]
pub struct FileSourceConfig {
    /// File to read; lines that are added later are read too. Without it, the standard input is read.
    #[config(key = "file", importance = High)]
    pub file: Option<String>,
    /// Topic that receives the lines.
    #[config(key = "topic", importance = High, validator = Validator::NonEmpty)]
    pub topic: String,
    /// Most lines of one poll.
    #[config(key = "batch.size", default = "2000", importance = Low, validator = Validator::at_least(1.0))]
    pub batch_size: i32,
}

/// Keys of the sink; `topics` is the framework's.
#[derive(Debug, Clone, Config)]
pub struct FileSinkConfig {
    /// File to append to; it is created when it is missing. Without it, lines go to the standard output.
    #[config(key = "file", importance = High)]
    pub file: Option<String>,
}
