//! The few AWS calls that the program itself makes, without an SDK: requests of the Query and JSON APIs, signed with
//! version 4 ([`Endpoint`]).
//!
//! Config providers look up secrets with it. One task is here as a whole, [`refresh`]: a network load balancer in front of
//! a database knows addresses, the database has a name whose address changes at every failover, and something has to
//! carry the one to the other.

mod arn;
mod endpoint;
mod error;
mod json;
mod query;
pub mod refresh;
mod target_group;

pub use arn::TargetGroupArn;
pub use endpoint::{Credentials, Endpoint, keys, surroundings};
pub use error::Error;
pub use target_group::{Target, TargetGroup};
