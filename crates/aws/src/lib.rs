//! The few AWS calls that the program itself makes, without an SDK: a request of the Query API, signed with version 4.
//!
//! Today that is [`refresh`]: a network load balancer in front of a database knows addresses, the database has a name
//! whose address changes at every failover, and something has to carry the one to the other.

mod arn;
mod error;
mod query;
pub mod refresh;
mod target_group;

pub use arn::TargetGroupArn;
pub use error::Error;
pub use query::Credentials;
pub use target_group::{Target, TargetGroup};
