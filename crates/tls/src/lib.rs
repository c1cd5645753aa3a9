//! TLS as Kafka's `ssl.*` keys say it, for servers and clients.
//!
//! [`Settings::read`] reads the keys, and finds every problem that shows without opening a file. [`Settings::load`] opens
//! key store and trust store, in PEM, PKCS#12 or JKS, to [`Material`]; [`server`] and [`client`] make rustls's configs of
//! it, and who speaks TLS otherwise has it in PEM. [`Reloader`] does so anew when a file has changed.
//!
//! PKCS12 and JKS are read under either name, as Java does it: `keytool` has written PKCS#12 since Java 9, whatever a file
//! is called. TLS is 1.2 or 1.3, by rustls with ring.
//!
//! This crate knows keys and certificates. It does not know who connects, or when to look at files.

mod client;
mod elliptic;
mod file;
mod jks;
mod keys;
mod material;
mod pem;
mod pkcs12;
mod reload;
mod server;
mod settings;
mod suites;

pub use client::client;
pub use keys::{KEYS, is_known};
pub use material::Material;
pub use reload::Reloader;
pub use server::server;
pub use settings::{ClientAuth, Error, Settings};
