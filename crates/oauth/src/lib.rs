//! What every client of an identity provider must know: which addresses it may ask.
//!
//! Such an address comes from a config, which may be a connector's, or from an answer of the provider. Kafka's own clients
//! once asked whatever stood there (CVE-2025-27817): files of the worker, and what answers for the machine it runs on.

use std::net::IpAddr;

use url::{Host, Url};

/// What for an identity provider is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// For a token: a client's secret is sent.
    Token,
    /// For the keys that tokens are checked with: who can change the answer can make tokens.
    Keys,
}

/// Checks an address: it is `https`, or on this machine; it holds no credentials, and is no link-local one, at which a
/// cloud's metadata service answers for the machine itself.
///
/// # Errors
/// Why it is not asked. The text does not repeat the address, which may hold a secret.
pub fn check(text: &str, purpose: Purpose) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|error| format!("it is not a URL: {error}"))?;
    let (loopback, link_local) = match url.host() {
        Some(Host::Domain(name)) => (name == "localhost", false),
        Some(Host::Ipv4(address)) => (address.is_loopback(), address.is_link_local()),
        Some(Host::Ipv6(address)) => match IpAddr::from(address).to_canonical() {
            IpAddr::V4(mapped) => (mapped.is_loopback(), mapped.is_link_local()),
            IpAddr::V6(address) => (address.is_loopback(), address.is_unicast_link_local()),
        },
        None => (false, false),
    };
    match (url.scheme(), purpose) {
        _ if link_local => {
            Err("a link-local address is the cloud's metadata service, not an identity provider".to_owned())
        }
        _ if !url.username().is_empty() || url.password().is_some() => {
            Err("it must not hold credentials; they have settings of their own".to_owned())
        }
        ("https", _) => Ok(url),
        ("http", _) if loopback => Ok(url),
        ("http", Purpose::Token) => {
            Err("http would send the client's secret in clear; write https".to_owned())
        }
        ("http", Purpose::Keys) => {
            Err("over http others could put their own keys there; write https".to_owned())
        }
        ("file", Purpose::Token) => {
            Err("a token is not read from a file: a connector's settings could then read any \
                                         file of the worker; give the https URL of the identity provider"
                .to_owned())
        }
        (other, _) => Err(format!("{other} is not supported; write https")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Purpose, check};

    #[test]
    fn cve_2025_27817_an_identity_provider_is_asked_and_nothing_else() {
        for purpose in [Purpose::Token, Purpose::Keys] {
            for good in [
                "https://idp.example.com/realms/x",
                " https://idp.example.com/ ",
                "http://127.0.0.1:1/",
                "http://[::1]:1/",
                "http://[::ffff:127.0.0.1]:1/",
                "http://localhost/",
            ] {
                check(good, purpose).unwrap_or_else(|why| panic!("{good}: {why}"));
            }
            for bad in [
                "file:///etc/passwd",
                "http://idp.example.com/",
                "http://localhost.evil.org/",
                "http://169.254.169.254/latest",
                "https://169.254.169.254/latest",
                "https://[fe80::1]/",
                "https://[::ffff:169.254.169.254]/",
                "https://0xA9FEA9FE/", // the same, as one number
                "https://user:pw@idp.example.com/",
                "ftp://127.0.0.1/",
                "data:application/json,{}",
                "idp.example.com",
                "",
            ] {
                assert!(check(bad, purpose).is_err(), "{bad}");
            }
        }
    }

    #[test]
    fn the_reason_fits_the_purpose_and_shows_no_secret() {
        let why = |text: &str, purpose| check(text, purpose).unwrap_err();
        assert!(why("http://idp.example/", Purpose::Token).contains("in clear"));
        assert!(why("http://idp.example/", Purpose::Keys).contains("their own keys"));
        assert!(why("file:///etc/passwd", Purpose::Token).contains("any file of the worker"));
        for text in [
            "https://u:canary@idp.example/",
            "https://u:canary@169.254.1.1/",
            "canary://x",
            "https://canary canary",
        ] {
            let why = why(text, Purpose::Token);
            assert!(!why.contains("u:canary") && !why.contains("canary canary"), "{why}");
        }
    }
}
