//! Versions of TLS and cipher suites by the names that Java has for them, which are IANA's.

use rustls::crypto::ring::ALL_CIPHER_SUITES;
use rustls::version::{TLS12, TLS13};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion};

type Version = &'static SupportedProtocolVersion;

/// A version.
pub(crate) fn version(name: &str) -> Result<Version, String> {
    match name {
        "TLSv1.3" => Ok(&TLS13),
        "TLSv1.2" => Ok(&TLS12),
        "TLSv1" | "TLSv1.1" | "SSL" | "SSLv2" | "SSLv2Hello" | "SSLv3" => {
            Err(format!("{name} is broken, and not spoken here: there are TLSv1.2 and TLSv1.3"))
        }
        _ => Err(format!("{name} is none of TLSv1.2 and TLSv1.3")),
    }
}

/// What `ssl.protocol` allows.
pub(crate) fn versions_up_to(name: &str) -> Result<Vec<Version>, String> {
    match name {
        "TLS" => Ok(vec![&TLS13, &TLS12]),
        name => version(name).map(|version| match version == &TLS12 {
            true => vec![&TLS12],
            false => vec![&TLS13, &TLS12],
        }),
    }
}

/// A cipher suite.
pub(crate) fn suite(name: &str) -> Result<SupportedCipherSuite, String> {
    ALL_CIPHER_SUITES.iter().find(|suite| iana_name(suite) == name).copied().ok_or_else(|| {
        let all: Vec<String> = ALL_CIPHER_SUITES.iter().map(iana_name).collect();
        format!("{name} is not spoken here; there are {}", all.join(", "))
    })
}

fn iana_name(suite: &SupportedCipherSuite) -> String {
    format!("{:?}", suite.suite()).replace("TLS13_", "TLS_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_have_ianas_names() {
        for name in [
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        ] {
            assert_eq!(iana_name(&suite(name).unwrap()), name);
        }
        let why = suite("TLS_RSA_WITH_AES_128_CBC_SHA").unwrap_err();
        assert!(
            why.contains("TLS_RSA_WITH_AES_128_CBC_SHA") && why.contains("TLS_AES_128_GCM_SHA256"),
            "{why}"
        );
    }

    #[test]
    fn old_versions_are_refused() {
        for name in ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.4", ""] {
            assert!(version(name).is_err(), "{name}");
        }
        assert_eq!(versions_up_to("TLS").unwrap().len(), 2);
        assert_eq!(versions_up_to("TLSv1.3").unwrap().len(), 2);
        assert_eq!(versions_up_to("TLSv1.2").unwrap(), [&TLS12]);
    }
}
