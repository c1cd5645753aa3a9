//! Clients that show a certificate: its names stand for a role.

use regex::Regex;

use crate::identity::{By, Identity};
use crate::{AlternativeName, PeerCertificate, Role};

/// The longest pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 1024;

/// Which certificates stand for which role; the role that may do most counts.
#[derive(Debug, Clone)]
pub struct Certificates(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    role: Role,
    name: Name,
    pattern: Regex,
}

/// What of a certificate a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Subject,
    Dns,
    Uri,
    Email,
}

const NAMES: [(&str, Name); 4] =
    [("subject", Name::Subject), ("dns", Name::Dns), ("uri", Name::Uri), ("email", Name::Email)];

impl Certificates {
    /// Makes rules of roles and `KIND:PATTERN`: the kind is `subject` (the subject in the form of RFC 2253, as
    /// `CN=ann,O=Example`), `dns`, `uri` or `email` (other names that the certificate has), the pattern a regular expression for the
    /// whole of it.
    ///
    /// # Errors
    /// The first rule that is wrong, and why.
    pub fn new(rules: &[(Role, String)]) -> Result<Self, String> {
        let rule = |(role, text): &(Role, String)| {
            let shown = text.escape_debug();
            let wanted =
                || format!("'{shown}': write subject:PATTERN, dns:PATTERN, uri:PATTERN or email:PATTERN");
            let (kind, pattern) = text.split_once(':').ok_or_else(wanted)?;
            let (_, name) = NAMES.iter().find(|(known, _)| *known == kind.trim()).ok_or_else(wanted)?;
            if pattern.len() > PATTERN_BYTES_MAX {
                return Err(format!("a pattern has at most {PATTERN_BYTES_MAX} bytes"));
            }
            let pattern = Regex::new(&format!("^(?:{})$", pattern.trim()))
                .map_err(|error| format!("'{shown}': the pattern is no regular expression: {error}"))?;
            Ok(Rule { role: *role, name: *name, pattern })
        };
        rules.iter().map(rule).collect::<Result<_, _>>().map(Self)
    }

    /// Who showed this certificate, which was verified when the connection was made.
    pub(crate) fn identify(&self, certificate: &PeerCertificate) -> Identity {
        let role = self.0.iter().filter(|rule| rule.fits(certificate)).map(|rule| rule.role).max();
        let name = match certificate.subject() {
            "" => certificate
                .alternative_names()
                .iter()
                .find_map(text)
                .unwrap_or("(a certificate without a name)"),
            subject => subject,
        };
        Identity::new(name, role, By::Mtls)
    }
}

impl Rule {
    fn fits(&self, certificate: &PeerCertificate) -> bool {
        if self.name == Name::Subject {
            return self.pattern.is_match(certificate.subject());
        }
        certificate.alternative_names().iter().any(|name| {
            let of_kind = match name {
                AlternativeName::Dns(_) => self.name == Name::Dns,
                AlternativeName::Uri(_) => self.name == Name::Uri,
                AlternativeName::Email(_) => self.name == Name::Email,
                AlternativeName::Ip(_) => false,
            };
            of_kind && text(name).is_some_and(|text| self.pattern.is_match(text))
        })
    }
}

fn text(name: &AlternativeName) -> Option<&str> {
    match name {
        AlternativeName::Dns(text) | AlternativeName::Uri(text) | AlternativeName::Email(text) => Some(text),
        AlternativeName::Ip(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    fn certificate(common_name: &str, hosts: &[&str]) -> PeerCertificate {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        if !common_name.is_empty() {
            params.distinguished_name.push(DnType::CommonName, common_name);
        }
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        PeerCertificate::from_der(made.der()).unwrap()
    }

    fn rules(rules: &[(Role, &str)]) -> Result<Certificates, String> {
        let rules: Vec<_> = rules.iter().map(|(role, text)| (*role, (*text).to_owned())).collect();
        Certificates::new(&rules)
    }

    #[test]
    fn names_stand_for_roles_as_a_whole() {
        let all = rules(&[
            (Role::Viewer, "subject:CN=.*"),
            (Role::Admin, "subject:CN=ops-[0-9]+"),
            (Role::Operator, r"dns:.*\.ops\.example\.com"),
        ])
        .unwrap();
        let role = |common_name: &str, hosts: &[&str]| all.identify(&certificate(common_name, hosts)).role;
        assert_eq!(role("ops-7", &[]), Some(Role::Admin));
        assert_eq!(role("ops-7,O=evil", &[]), Some(Role::Viewer), "a name is not a part of the subject");
        assert_eq!(role("x-ops-7", &[]), Some(Role::Viewer));
        assert_eq!(role("x", &["a", "b.ops.example.com"]), Some(Role::Operator));
        assert_eq!(role("", &["b.ops.example.com.evil.org"]), None);
        let nameless = all.identify(&certificate("", &["host.example.com"]));
        assert_eq!((nameless.name.as_str(), nameless.by), ("host.example.com", By::Mtls));
        assert_eq!(all.identify(&certificate("ann", &[])).name, "CN=ann");
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for bad in ["", "CN=x", "issuer:x", "subject:(", "ip:127.0.0.1"] {
            assert!(rules(&[(Role::Admin, bad)]).is_err(), "{bad}");
        }
    }
}
