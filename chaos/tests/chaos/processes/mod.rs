//! Three programs `sluice worker` on a broker, in real time: killed, stopped, frozen, started again.
//!
//! - `faults`: what goes wrong, drawn from the seed; `run`: a run from its beginning to the verdict.
//! - `site`: the broker, the folder, the files that sources read; `program`: a process and its signals; `rest`: asks a
//!   worker for things.

mod faults;
mod program;
mod rest;
mod run;
mod site;

pub use run::run;
