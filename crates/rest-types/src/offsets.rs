//! Offsets of connectors.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Body of `GET` and `PATCH /connectors/{name}/offsets`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorOffsets {
    /// One entry a partition.
    #[serde(default)]
    pub offsets: Vec<ConnectorOffset>,
}

/// The offset of one partition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorOffset {
    /// Which partition.
    #[serde(default)]
    pub partition: Option<Map<String, Value>>,
    /// The offset; null resets the partition.
    #[serde(default)]
    pub offset: Option<Map<String, Value>>,
}

/// Answer of changes of offsets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// What was done.
    pub message: String,
}
