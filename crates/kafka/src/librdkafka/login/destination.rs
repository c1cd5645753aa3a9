//! Where a client's secret may be sent.

use std::net::IpAddr;

use url::{Host, Url};

/// Checks where a secret is sent to: nowhere in clear, and to no address that answers for this machine itself
/// (CVE-2025-27817).
pub(super) fn endpoint(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("it is not a URL: {error}"))?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err("http would send the client's secret in clear; write https".to_owned()),
        "file" => {
            let reason = "a token is not read from a file: a connector's settings could then read any file of the \
                          worker; give the https URL of the identity provider";
            return Err(reason.to_owned());
        }
        other => return Err(format!("{other} is not supported; write https")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold credentials; they have settings of their own".to_owned());
    }
    let link_local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_link_local(),
        Some(Host::Ipv6(address)) => match IpAddr::from(address).to_canonical() {
            IpAddr::V4(mapped) => mapped.is_link_local(),
            IpAddr::V6(address) => address.is_unicast_link_local(),
        },
        _ => false,
    };
    match link_local {
        true => {
            Err("a link-local address is the cloud's metadata service, not an identity provider".to_owned())
        }
        false => Ok(url),
    }
}
