//! The REST API over a socket, as a client sees it: a whole worker, with Kafka in memory.

mod client;
mod conversation;
mod fakes;
mod robustness;
mod secrets;
mod worker;
