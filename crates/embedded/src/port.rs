//! Ports that are free.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::Error;

/// A port of loopback that nobody listened on a moment ago.
///
/// # Errors
/// The machine has none.
pub(crate) fn free() -> Result<u16, Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let address = listener.and_then(|listener| listener.local_addr());
    address
        .map(|address| address.port())
        .map_err(|error| Error::new("no free port on loopback").caused_by(error))
}

/// Loopback with this port; 0 is any.
pub(crate) fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
