//! Which places are asked for an issuer's keys.

use std::net::IpAddr;

use url::{Host, Url};

/// Checks where keys are read from: who can change what comes from there can make tokens. So it is `https`, or this machine;
/// and no address of a cloud's metadata service, which answers for the machine itself (CVE-2025-27817).
///
/// # Errors
/// Why it is not asked.
pub fn check(text: &str) -> Result<Url, String> {
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
        "http" => return Err("over http others could put their own keys there; write https".to_owned()),
        other => return Err(format!("{other} is not supported; write https")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it must not hold credentials".to_owned());
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

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn cve_2025_27817_keys_come_from_an_identity_provider_only() {
        for good in [
            "https://idp.example.com/realms/x",
            "http://127.0.0.1:1/",
            "http://[::1]:1/",
            "http://localhost/",
        ] {
            check(good).unwrap();
        }
        for bad in [
            "file:///etc/passwd",
            "http://idp.example.com/",
            "http://localhost.evil.org/",
            "https://169.254.169.254/latest",
            "https://[fe80::1]/",
            "https://[::ffff:169.254.169.254]/",
            "https://user:pw@idp.example.com/",
            "ftp://127.0.0.1/",
            "data:application/json,{}",
            "idp.example.com",
            "",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
