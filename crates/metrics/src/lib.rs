//! The metrics of a worker: what there is, how it is measured, and the forms in which it is told.
//!
//! Each metric is declared once, in [`list`]: Kafka Connect's group and attribute, unit, labels and meaning. Both schemes
//! of Prometheus names ([`Naming`]), the manual's table ([`page`]) and the alerts and alarms of the blueprint are made of
//! that list or checked against it; what goes to CloudWatch is in [`cloudwatch`].
//!
//! Whoever has values puts them into a [`Snapshot`]; [`prometheus`] and [`emf`] write it. What is counted while records
//! move is counted by batch: [`Meter`], [`Window`], [`Times`] are atomics with one writer, and allocate nothing.
//!
//! It knows no clock, no I/O and no runtime: times are passed in.

pub mod cloudwatch;
pub mod emf;
pub mod list;
mod metric;
mod naming;
mod page;
pub mod prometheus;
mod snapshot;
mod times;
mod window;

pub use metric::{Group, Kind, Metric, Unit};
pub use naming::Naming;
pub use page::page;
pub use snapshot::{Labels, Point, Snapshot, Value};
pub use times::Times;
pub use window::{Meter, Window};
