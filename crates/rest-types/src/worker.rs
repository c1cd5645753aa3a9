//! The worker and its plugins.

use serde::{Deserialize, Serialize};

/// Answer of `GET /`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// The Kafka version whose API this is, then ours.
    pub version: String,
    /// The commit that the program was built from.
    pub commit: String,
    /// The cluster's id; null until a broker has answered.
    pub kafka_cluster_id: Option<String>,
}

/// Answer of `GET /health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerStatus {
    /// `healthy`, `starting` or `unhealthy`.
    pub status: String,
    /// What that means.
    pub message: String,
}

/// One entry of `GET /connector-plugins`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginInfo {
    /// The class.
    pub class: String,
    /// `sink`, `source`, `transformation`, `predicate`, `converter` or `header_converter`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}
