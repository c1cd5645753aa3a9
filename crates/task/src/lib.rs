//! One task: the loop that moves its records.
//!
//! [`start`] takes a [`spec::TaskSpec`] and what the worker lends ([`Environment`]), and gives a [`Handle`]. Behind it
//! one loop owns the task: it calls the connector, never beside itself, and knows when to stop, pause, wait and try
//! again. Connectors answer calls; pause, back-pressure, retries and cancellation exist once, here.
//!
//! It knows nothing of other tasks, of REST or of assignment, and no client library: Kafka is [`kafka`]'s ports.
//!
//! Start at `source_loop.rs`, then `sink_loop.rs`, its mirror. `chain.rs`, `encode.rs` and `decode.rs` are the steps of
//! a batch; `in_flight.rs` upholds invariant 1, `tolerance.rs` invariant 4.

mod handle;

mod sink_loop;
mod source_flow;
mod source_letters;
mod source_loop;

mod assignment;
mod back_off;
mod batch_runs;
mod build;
mod causes;
mod chain;
mod commands;
mod dead_letters;
mod decode;
mod encode;
mod environment;
mod in_flight;
mod measures;
mod outbox;
mod scope;
mod settings;
mod sink_batch;
mod source_batch;
mod source_text;
mod spawner;
mod stats;
mod tolerance;
mod topics;
mod transaction;

pub use environment::{Environment, OffsetStore, StatusListener, Target, TaskId, TaskState, WorkerSettings};
pub use handle::{Handle, Stopped, start};
#[doc(hidden)]
pub use measures::measure_batches;
pub use settings::{
    offsets_consumer, offsets_producer, sink_group, sink_group_admin, source_admin, transactional_id,
};
pub use stats::{Retry, Stats};
