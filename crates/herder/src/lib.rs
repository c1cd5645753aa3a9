//! The control plane: what is wanted of connectors, what there is, and what to do about the difference.
//!
//! One loop ([`Herder`]) owns the state. [`plan`] is its judgement, pure and tested by a simulator; the executor does
//! what was planned and reports back as events; [`Handle`] is what REST and programs ask. A [`Store`] keeps what
//! users want: in memory for a standalone worker ([`standalone`]), in Kafka Connect's internal topics for one of a
//! group ([`distributed`]).
//!
//! It knows connectors and tasks by their life only: no record, no format, no HTTP. Start at [`plan`].

pub mod assign;
mod change;
mod collect;
mod command;
pub mod distributed;
mod error;
mod execute;
mod fencing;
mod group;
mod group_loop;
mod hand_in;
mod handle;
mod launch;
mod leading;
mod object;
mod offsets;
mod parts;
mod patience;
mod plan;
mod problems;
mod publishing;
mod rally;
mod rebalances;
mod resolve;
mod restart_requests;
mod restarts;
mod roster;
mod service;
mod session_key;
mod sink_offsets;
pub mod standalone;
mod startups;
mod state;
mod statuses;
mod storing;
mod supervise;
mod task_configs;
mod task_run;
#[cfg(test)]
mod testing;
mod validate;
mod view;
mod waiting;

pub use change::{Announcement, Change, Name, Store, Target};
pub use error::{Error, Result};
pub use fencing::{Fencing, Round, SourceProducers, round};
pub use group::GroupMember;
pub use hand_in::Leader;
pub use handle::{Handle, Health};
pub use launch::TaskRuntime;
pub use offsets::{Altered, SourceOffsets};
pub use parts::{ChecksOn, Counts, Parts, Running, RunningEntry, RunningTask, SinkGroup, TaskReports, Tasks};
pub use plan::{Effect, Event, plan};
pub use problems::Problems;
pub use roster::Roster;
pub use service::Herder;
pub use session_key::{NotSigned, SIGNATURE_ALGORITHMS, SessionKeys, Signature, SigningRules};
pub use state::{Condition, Connector, Desired, Instance, Live, Owned, Run, State};
pub use statuses::{NoStatuses, StatusChange, Statuses};
pub use task::TaskId;
pub use view::{GroupWorker, InstanceView, TaskDetails, TaskView, View};
