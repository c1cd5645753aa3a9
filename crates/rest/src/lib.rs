//! The REST API, as Kafka Connect 4.3's.
//!
//! Routes ask the [`herder`] and answer with bodies of [`rest_types`]; [`error`] alone knows status codes. Extras that
//! Kafka Connect does not have are under `/sluice/v1`, but for `/metrics`, which everybody looks for there.
//!
//! Paths, bodies, codes and texts are Kafka Connect's as measured, except where a Java worker answers 500 for what is
//! the client's mistake. We answer 400 then, with what is wrong:
//!
//! | request | Java | here |
//! |---|---|---|
//! | body that is not JSON, an array, empty, or with unknown members | 500 | 400 |
//! | no `config` in `POST /connectors`, or a value that is an object or array | 500 | 400 |
//! | unknown `initial_state` | 500 | 400 |
//! | validate without a class, or with an unknown one | 500 | 400 |
//! | offsets that the connector refuses | 500 | 400 |
//! | offsets while the connector is still stopping | 500 (sinks) | changed once it has stopped |
//! | a name with a slash in the path (`%2F`) | 400, HTML | works |
//! | a body above 1 MB | read | 413 |
//! | a body that does not come to its end | the connection is closed | 408 |
//! | a `POST` that a page from elsewhere sends and a browser lets pass unasked | done | 403 |
//! | a logger's level: a body of `null` | 500 | 400 |

mod activity;
mod around;
mod audit;
mod authentication;
pub mod basic;
pub mod bearer;
mod body;
mod certificate;
mod connections;
mod context;
mod cors;
mod cross_site;
mod distinguished_name;
mod error;
mod forward;
mod gather;
mod guard;
mod header_rules;
mod health;
mod identity;
mod limits;
mod log_position;
mod log_tail;
pub mod logs;
mod measures;
mod mtls;
mod negotiate;
mod peer_url;
mod peers;
mod query;
mod rate;
mod roles;
mod routes;
mod serve;
mod starting;
mod throttle;
mod under_way;
mod views;
mod vouch;
mod watched;

pub use around::HttpRules;
pub use audit::Audit;
pub use authentication::Authentication;
pub use certificate::{AlternativeName, PeerCertificate};
pub use context::{About, Context};
pub use cors::Cors;
pub use header_rules::HeaderRules;
pub use limits::{Limits, Measure};
pub use logs::Logs;
pub use mtls::Certificates;
pub use peers::Peers;
pub use rate::{Network, Rate};
pub use roles::Role;
pub use routes::Surface;
pub use serve::{Listening, serve};
pub use starting::Starting;
