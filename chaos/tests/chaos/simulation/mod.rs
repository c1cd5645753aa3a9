//! Three workers in one process, and time that passes as fast as it can.
//!
//! - `faults`: what goes wrong, drawn from the seed; `run`: a run from its beginning to the verdict.
//! - `randomness`: makes a run repeatable.
//! - `node`: a worker; `network`: the way between them; `clock`: their time; `operator`: who asks them for things.
//! - `source` and `sink`: what they run; `world`: what those share.

mod clock;
mod faults;
mod network;
mod node;
mod operator;
mod randomness;
mod run;
mod sink;
mod source;
mod world;

pub use clock::Time;
pub use run::run;
