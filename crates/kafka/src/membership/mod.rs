//! Membership in the group of a cluster of workers: Kafka's classic group protocol with protocol type `connect`.
//!
//! A worker is one [`Membership`]. It tells what happens as [`GroupEvent`]s, to one loop; heartbeats are sent in the
//! background. The loop answers two of them: what it would like to own ([`Membership::join`]) and, when it leads, who
//! gets what ([`Membership::assign`]). A rebalance, from a member's side:
//!
//! ```text
//! Rebalance ──join──▶ [Lead ──assign──▶] Assigned ─── heartbeats ───▶ Rebalance …
//!      ▲                                                  │
//!      └───────────────────────── Lost ◀──────────────────┘ everything is stopped
//! ```
//!
//! - `port`: the events and the two traits; start here.
//! - `work`, `protocol`, `wire`: what is shared out, in which version, and as which bytes.
//! - `settings`: a member's keys.
//! - `handle`: a member of a real group ([`KafkaMemberships`]); `member` is its task, `mailbox` what is between the two,
//!   `coordinator` what it asks for, and `remote` asks a cluster.
//!
//! It knows nothing of who should get what: that is the leader's judgement.

pub(crate) mod coordinator;
pub(crate) mod handle;
mod mailbox;
mod member;
mod port;
mod protocol;
mod remote;
mod settings;
mod wire;
mod work;

pub use handle::KafkaMemberships;
pub use port::{Assigned, GroupEvent, Lead, LossCause, Member, Membership, Memberships};
pub use protocol::{ConnectProtocol, Protocol};
pub use settings::MemberSettings;
pub use wire::{
    Assignment, AssignmentError, Malformed, Subscription, decode_assignment, decode_subscription,
    encode_assignment, encode_subscription,
};
pub use work::{Task, Work};
