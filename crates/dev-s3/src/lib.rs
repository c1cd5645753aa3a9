//! An S3 server in the process: for laptops, demos and tests.
//!
//! **Not for production.** It keeps objects as plain files (`<root>/<bucket>/<key>`, so a test can read results from
//! disk), serves one user over plain HTTP, and refuses any address that is not loopback. Signatures (AWS Signature
//! Version 4) are checked, so a wrong secret is found here and not later. The protocol is that of the `s3s` crates:
//! objects, multipart uploads, conditional writes, listings; no versions, ACLs, encryption or tags.
//!
//! [`Faults`] makes it fail on purpose: answer 503, cut the connection, do the work and lose the reply, hold a request
//! back.
//!
//! It knows nothing of Kafka or of connectors. Start at [`Options::start`].

mod error;
mod faults;
mod server;

pub use error::{Error, Result};
pub use faults::{Fault, Faults, Gate, Seen};
pub use server::{Options, Server};
