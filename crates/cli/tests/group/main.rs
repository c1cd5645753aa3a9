//! Workers of one group as processes of their own on the embedded broker: what only real processes do, such as to be
//! stopped in the middle of something and to go on as if nothing had been.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test that cannot go on fails; figures are for whoever looks

mod asked_by_name;
mod beside_java;
mod exactly_once;
mod logs;
mod outage;
mod reconfigured;
mod stage;
mod told_twice;
mod topic;
mod zombies;
