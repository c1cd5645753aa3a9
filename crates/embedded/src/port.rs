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

/// Finds out before anything is started that a port is taken, or wanted twice: all such problems at once. `wanted` has
/// what names each in the command line.
///
/// # Errors
/// One line a problem.
pub(crate) fn check(wanted: &[(&str, Option<u16>)]) -> Result<(), Error> {
    let mut problems = Vec::new();
    for (index, (flag, port)) in wanted.iter().enumerate() {
        let Some(port) = port.filter(|port| *port != 0) else { continue };
        if let Some((other, _)) = wanted[..index].iter().find(|(_, before)| *before == Some(port)) {
            problems.push(format!("{other} and {flag} are both {port}; give each its own port"));
            continue;
        }
        match TcpListener::bind(loopback(port)) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => problems.push(format!(
                "{flag} {port}: another program has this port; stop it, or choose another port, or leave {flag} out \
                 for any that is free"
            )),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                problems.push(format!("{flag} {port}: {error}; choose a port above 1023"));
            }
            Err(error) => problems.push(format!("{flag} {port}: cannot listen on loopback: {error}")),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::new(problems.join("\n"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_that_cannot_be_had_is_named() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = held.local_addr().unwrap().port();
        let free = free().unwrap();
        let error = check(&[("--a", Some(taken)), ("--b", Some(free)), ("--c", Some(free)), ("--d", None)]);
        let error = error.unwrap_err().to_string();
        assert!(error.contains(&format!("--a {taken}: another program has this port")), "{error}");
        assert!(error.contains(&format!("--b and --c are both {free}")), "{error}");
        assert_eq!(error.lines().count(), 2, "{error}");
        assert!(check(&[("--a", Some(free)), ("--b", Some(0)), ("--c", Some(0))]).is_ok());
    }
}
