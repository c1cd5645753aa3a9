//! The control plane: what is wanted of connectors, what there is, and what to do about the difference.
mod change;
mod error;
mod plan;
mod state;

pub use change::{Change, Name, Store, Target};
pub use error::{Error, Result};
pub use plan::{Effect, Event, plan};
pub use state::{Condition, Connector, Desired, Instance, Live, Run, State, TaskId};
