//! Bodies of the REST API, as Kafka Connect's: field names, their order, what is left out and what is null.
//!
//! The server writes them and the CLI reads them. It knows neither routes nor status codes. Extras that Kafka Connect
//! does not have are in [`sluice`].

mod config_map;
mod connector;
mod definition;
mod error;
mod loggers;
mod offsets;
pub mod sluice;
mod worker;

pub use config_map::ConfigMap;
pub use connector::{
    ActiveTopics, ConnectorInfo, ConnectorState, ConnectorTaskId, CreateConnectorRequest, Expanded,
    InitialState, StateInfo, TaskInfo, TaskState, TopicList,
};
pub use definition::{ConfigInfo, ConfigInfos, ConfigKeyInfo, ConfigValueInfo};
pub use error::ErrorMessage;
pub use loggers::{LoggerLevel, Loggers};
pub use offsets::{ConnectorOffset, ConnectorOffsets, Message};
pub use worker::{PluginInfo, ServerInfo, WorkerStatus};
