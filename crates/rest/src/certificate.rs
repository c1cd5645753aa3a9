//! Who a client is by the certificate that it showed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::distinguished_name;

/// A client's certificate, which was verified when its TLS connection was made. It is among the extensions of each
/// request of this connection. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerCertificate(Arc<Leaf>);

#[derive(Debug, PartialEq, Eq)]
struct Leaf {
    der: Vec<u8>,
    subject: String,
    names: Vec<AlternativeName>,
}

/// One of the names that a certificate gives beside its subject (RFC 5280, 4.2.1.6). Other kinds are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlternativeName {
    /// A name of a host.
    Dns(String),
    /// A URI, such as a SPIFFE id.
    Uri(String),
    /// An e-mail address.
    Email(String),
    /// An IP address.
    Ip(IpAddr),
}

impl PeerCertificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// It is not an X.509 certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, String> {
        let (_, certificate) =
            X509Certificate::from_der(der).map_err(|error| format!("not a certificate: {error}"))?;
        let names = certificate.subject_alternative_name().ok().flatten();
        let names = names.map(|names| names.value.general_names.iter().filter_map(alternative).collect());
        let subject = distinguished_name::rfc2253(certificate.subject());
        Ok(Self(Arc::new(Leaf { der: der.to_vec(), subject, names: names.unwrap_or_default() })))
    }

    /// The whole certificate, in DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The subject, in the form of RFC 2253 that Java shows: `CN=ann,OU=data,O=Example`.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The other names, in the certificate's order.
    pub fn alternative_names(&self) -> &[AlternativeName] {
        &self.0.names
    }
}

fn alternative(name: &GeneralName<'_>) -> Option<AlternativeName> {
    match name {
        GeneralName::DNSName(name) => Some(AlternativeName::Dns((*name).to_owned())),
        GeneralName::URI(uri) => Some(AlternativeName::Uri((*uri).to_owned())),
        GeneralName::RFC822Name(address) => Some(AlternativeName::Email((*address).to_owned())),
        GeneralName::IPAddress(bytes) => match *bytes {
            &[a, b, c, d] => Some(AlternativeName::Ip(Ipv4Addr::new(a, b, c, d).into())),
            bytes => {
                <[u8; 16]>::try_from(bytes).ok().map(|v6| AlternativeName::Ip(Ipv6Addr::from(v6).into()))
            }
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    #[test]
    fn subject_and_names_are_read() {
        let mut params = CertificateParams::new(vec!["worker.example.com".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Example, Inc.");
        params.distinguished_name.push(DnType::OrganizationalUnitName, "data");
        params.distinguished_name.push(DnType::CommonName, "ann");
        params.subject_alt_names.push(SanType::URI("spiffe://example/ann".try_into().unwrap()));
        params.subject_alt_names.push(SanType::IpAddress("10.0.0.7".parse().unwrap()));
        params.subject_alt_names.push(SanType::IpAddress("2001:db8::1".parse().unwrap()));
        params.subject_alt_names.push(SanType::Rfc822Name("ann@example.com".try_into().unwrap()));
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let peer = PeerCertificate::from_der(certificate.der()).unwrap();
        assert_eq!(peer.subject(), r"CN=ann,OU=data,O=Example\, Inc.");
        assert_eq!(peer.der(), certificate.der().as_ref());
        let names = [
            AlternativeName::Dns("worker.example.com".to_owned()),
            AlternativeName::Uri("spiffe://example/ann".to_owned()),
            AlternativeName::Ip("10.0.0.7".parse().unwrap()),
            AlternativeName::Ip("2001:db8::1".parse().unwrap()),
            AlternativeName::Email("ann@example.com".to_owned()),
        ];
        assert_eq!(peer.alternative_names(), names);
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        let certificate = rcgen::generate_simple_self_signed(vec!["a".to_owned()]).unwrap();
        let der = certificate.cert.der();
        for end in 0..der.len() {
            assert!(PeerCertificate::from_der(&der[..end]).is_err(), "{end}");
        }
    }
}
