//! A Terraform provider for tests that stands in for Confluent's where that one cannot be had: it knows the same
//! resources and data sources, validates and plans like it, and sends changes to a fake Confluent Cloud on loopback.
//! It never talks to anything but loopback. The README says how it is used and which traps it has.
//!
//! Reading order: [`declaration`] (what exists), `validate` and `plan` (pure functions over [`value::Value`]),
//! `resource` (which requests a change sends), `cloud` (HTTP), `provider` (the protocol's calls), `service` and
//! `handshake` (how Terraform reaches them).

mod cloud;
mod data;
pub mod declaration;
mod handshake;
mod json;
mod plan;
mod problem;
mod protocol;
mod provider;
mod resource;
mod schema;
mod service;
mod validate;
pub mod value;

use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::provider::Provider;
use crate::service::{Controller, Health, ProviderService};

/// Serves Terraform until it asks the process to end.
///
/// # Errors
/// When Terraform has not started this process, or the port cannot be served.
pub async fn serve() -> anyhow::Result<()> {
    if !handshake::is_plugin() {
        bail!("this program is a Terraform provider: Terraform starts it, see the README of its crate");
    }
    let provider = Arc::new(Provider::new()?);
    let tls = handshake::tls()?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("cannot listen on 127.0.0.1")?;
    let port = listener.local_addr()?.port();
    let end = Arc::new(Notify::new());

    let mut server = Server::builder();
    let mut certificate = String::new();
    if let Some(tls) = tls {
        server = server.tls_config(tls.config).context("cannot set up TLS for Terraform's connection")?;
        certificate = tls.certificate;
    }
    let router = server
        .add_service(ProviderService(provider))
        .add_service(Controller(end.clone()))
        .add_service(Health);
    handshake::announce(port, &certificate)?;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    router.serve_with_incoming_shutdown(incoming, async move { end.notified().await }).await?;
    Ok(())
}
