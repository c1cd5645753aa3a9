//! The contract between connectors and the runtime.
//!
//! Whoever writes a connector, converter or transform sees this crate (which re-exports [`data`] and [`config`]) and a
//! client library, nothing more. Authors implement typed traits ([`SourceConnector`], [`SourceTask`],
//! [`SinkConnector`], [`SinkTask`], [`Converter`], [`Transform`]); the runtime holds them erased ([`dynamic`]),
//! found by class name in the [`Registry`].
//!
//! It knows no implementation and starts no runtime. Async where there is I/O (connectors), sync where there is only
//! CPU (transforms, converters).
//!
//! Start at [`source`] and [`sink`], then [`registry`]. The example to copy is `crates/connectors/file`.

pub use config;
pub use data;

pub mod clock;
pub mod context;
pub mod converter;
pub mod dynamic;
pub mod error;
pub mod registry;
pub mod sink;
pub mod source;
pub mod transform;

pub use clock::{Clock, ManualClock, SystemClock};
pub use context::{ConnectorContext, ConnectorEvents, OffsetReader, Spawner};
pub use converter::{Converter, DecodeContext, EncodeContext, HeaderConverter, Prepare, RawHeader, Usage};
pub use error::{Error, ErrorKind, Result};
pub use registry::Registry;
pub use sink::{
    CloseReason, PutOutcome, Rejection, SinkConnector, SinkContext, SinkRequest, SinkRequests, SinkTask,
};
pub use source::{
    Boundary, ExactlyOnceSupport, OffsetChange, SourceBatch, SourceConnector, SourceContext, SourceOffsets,
    SourceTask,
};
pub use transform::{Origin, Predicate, Transform};

/// A boxed future, where a trait object needs one.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
