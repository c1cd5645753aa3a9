//! How REST knows who asks, and where it is written down what they change. Pure: nothing is opened here.

use std::path::PathBuf;

use config::{RawConfig, Report};
use rest::Certificates;
use rest::basic::Place;
use rest::bearer::{BearerSettings, check_place};
use spec::Warning;

use super::{CommonKeys, role_rules, tls};

const WAYS: &str = "sluice.rest.authentication";
const BASIC_FILE: &str = "sluice.rest.basic.file";
const BASIC_USERS: &str = "sluice.rest.basic.users";
const ISSUER: &str = "sluice.rest.bearer.issuer";
const AUDIENCE: &str = "sluice.rest.bearer.audience";
const KEYS_URL: &str = "sluice.rest.bearer.jwks.url";
const BEARER_ROLES: &str = "sluice.rest.bearer.roles";
const MTLS_ROLES: &str = "sluice.rest.mtls.roles";

/// What the worker's config says of it.
#[derive(Debug, Clone, Default)]
pub struct Authentication {
    /// Where the users are, with `basic`.
    pub basic: Option<Place>,
    /// The identity provider, with `bearer`.
    pub bearer: Option<BearerSettings>,
    /// `sluice.rest.bearer.ca.file`.
    pub bearer_authorities: Option<PathBuf>,
    /// Whose certificates stand for which role, with `mtls`.
    pub mtls: Option<Certificates>,
    /// `sluice.rest.audit.file`.
    pub audit_file: Option<PathBuf>,
}

/// Whether anybody is asked who they are.
pub(super) fn is_set(raw: &RawConfig) -> bool {
    ways(raw).next().is_some()
}

fn ways(raw: &RawConfig) -> impl Iterator<Item = &str> {
    let ways = raw.get(WAYS).unwrap_or_default().split(',');
    ways.map(str::trim).filter(|way| !way.is_empty())
}

impl Authentication {
    /// Whether anybody is asked who they are.
    pub fn is_set(&self) -> bool {
        self.basic.is_some() || self.bearer.is_some() || self.mtls.is_some()
    }

    /// Reads it, with the warnings that go with it.
    pub(super) fn read(raw: &RawConfig, keys: &CommonKeys, report: &mut Report) -> (Self, Vec<Warning>) {
        let ways: Vec<&str> = ways(raw).collect();
        let path = |text: &Option<String>| given(text).map(PathBuf::from);
        let mut read = Self { audit_file: path(&keys.audit_file), ..Self::default() };
        if ways.contains(&"basic") {
            read.basic = basic(keys, report);
        }
        if ways.contains(&"bearer") {
            read.bearer = bearer(keys, report);
            read.bearer_authorities = path(&keys.bearer_ca_file);
        }
        if ways.contains(&"mtls") {
            read.mtls = mtls(raw, keys, report);
        }
        let unused = ["basic", "bearer", "mtls"].into_iter().filter(|way| !ways.contains(way));
        let warnings = unused.filter_map(|way| {
            let prefix = format!("sluice.rest.{way}.");
            let key = raw.iter().map(|(key, _)| key).find(|key| key.starts_with(&prefix))?;
            Some(no_effect(key, way))
        });
        let warnings = warnings.collect();
        (read, warnings)
    }
}

fn given(text: &Option<String>) -> Option<String> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn list(items: &[String]) -> Vec<String> {
    items.iter().filter(|item| !item.is_empty()).cloned().collect()
}

fn basic(keys: &CommonKeys, report: &mut Report) -> Option<Place> {
    let users = keys.basic_users.clone().filter(|users| !users.expose().trim().is_empty());
    match (given(&keys.basic_file), users) {
        (Some(file), None) => Some(Place::File(file.into())),
        (None, Some(users)) => Some(Place::Here(users)),
        (None, None) => {
            report.add(
                BASIC_FILE,
                format!(
                    "{BASIC_FILE}: {WAYS} has basic, so this must name the file of users, with lines NAME:ROLE:HASH, or \
                     {BASIC_USERS} must hold these lines; `sluice worker --hash-password` makes a HASH"
                ),
            );
            None
        }
        (Some(_), Some(_)) => {
            report.add(
                BASIC_USERS,
                format!("{BASIC_USERS}: {BASIC_FILE} names a file of users, too; leave one of them"),
            );
            None
        }
    }
}

fn mtls(raw: &RawConfig, keys: &CommonKeys, report: &mut Report) -> Option<Certificates> {
    if keys.mtls_roles.trim().is_empty() {
        let example = "admin=subject:CN=ops,O=Example;viewer=dns:monitoring.example.com";
        report.add(
            MTLS_ROLES,
            format!("{MTLS_ROLES}: {WAYS} has mtls, so this must say whose certificates stand for which role, as {example}"),
        );
        return None;
    }
    if !["listeners", "admin.listeners"].iter().any(|key| tls::takes_certificates(raw, key)) {
        report.add(
            WAYS,
            format!(
                "{WAYS}: mtls takes an https listener with ssl.client.auth=required or requested; no client could show a \
                 certificate"
            ),
        );
    }
    let rules = role_rules::parse(&keys.mtls_roles).and_then(|rules| Certificates::new(&rules));
    rules.map_err(|why| report.invalid(MTLS_ROLES, Some(&keys.mtls_roles), &why)).ok()
}

fn bearer(keys: &CommonKeys, report: &mut Report) -> Option<BearerSettings> {
    let mut missing = |key: &str, what: &str| {
        report.add(key, format!("{key}: {WAYS} has bearer, so this must say {what}"));
    };
    let (issuer, audience) = (given(&keys.bearer_issuer), list(&keys.bearer_audience));
    if issuer.is_none() {
        missing(ISSUER, "whose tokens are taken: the URL that is their claim iss");
    }
    if audience.is_empty() {
        missing(
            AUDIENCE,
            "for whom tokens must be: what is in their claim aud. Tokens for others are not taken",
        );
    }
    if keys.bearer_roles.trim().is_empty() {
        missing(BEARER_ROLES, "what stands for which role, as admin=connect-admins;viewer=everybody");
    }
    let roles = role_rules::parse(&keys.bearer_roles).unwrap_or_else(|why| {
        report.invalid(BEARER_ROLES, Some(&keys.bearer_roles), &why);
        Vec::new()
    });
    let keys_url = given(&keys.bearer_keys_url);
    for (key, url) in [(ISSUER, &issuer), (KEYS_URL, &keys_url)] {
        if let Some(Err(why)) = url.as_ref().map(|url| check_place(url)) {
            report.invalid(key, url.as_deref(), &why);
        }
    }
    Some(BearerSettings {
        issuer: issuer?,
        audience,
        keys_url,
        keys_hosts: list(&keys.bearer_keys_hosts),
        authorities: None,
        name_claim: keys.bearer_name_claim.trim().to_owned(),
        roles_claim: keys.bearer_roles_claim.trim().to_owned(),
        roles,
    })
}

fn no_effect(key: &str, way: &str) -> Warning {
    Warning { key: key.to_owned(), text: format!("it has no effect, since {WAYS} does not have {way}") }
}

#[cfg(test)]
mod tests {
    use config::Config as _;

    use super::*;

    fn read(entries: &[(&str, &str)]) -> (Authentication, Vec<Warning>, String) {
        let raw: RawConfig = [("bootstrap.servers", "x:1"), ("key.converter", "x"), ("value.converter", "x")]
            .into_iter()
            .chain(entries.iter().copied())
            .collect();
        let mut report = Report::default();
        let keys = CommonKeys::parse(&raw).unwrap();
        let (read, warnings) = Authentication::read(&raw, &keys, &mut report);
        (read, warnings, report.to_string())
    }

    #[test]
    fn basic_has_its_file() {
        let (plain, warnings, report) = read(&[]);
        assert!(!plain.is_set() && warnings.is_empty() && report.is_empty());
        let (basic, warnings, report) = read(&[(WAYS, "basic"), (BASIC_FILE, "/u")]);
        assert!(basic.is_set() && warnings.is_empty() && report.is_empty());
        assert!(matches!(&basic.basic, Some(Place::File(file)) if file.ends_with("u")));
        assert!(read(&[(WAYS, "basic")]).2.contains("--hash-password"));
        let users = (BASIC_USERS, "canary");
        let (basic, warnings, report) = read(&[(WAYS, "basic"), users]);
        assert!(matches!(&basic.basic, Some(Place::Here(users)) if users.expose() == "canary"));
        assert!(
            warnings.is_empty() && report.is_empty() && !format!("{basic:?}").contains("canary"),
            "{report}"
        );
        let (_, _, report) = read(&[(WAYS, "basic"), users, (BASIC_FILE, "/u")]);
        assert!(report.contains("leave one of them") && !report.contains("canary"), "{report}");
        assert_eq!(read(&[(BASIC_FILE, "/u")]).1.len(), 1);
    }

    #[test]
    fn bearer_has_an_issuer_an_audience_and_roles() {
        let good = [
            (WAYS, "basic, bearer"),
            (BASIC_FILE, "/u"),
            (ISSUER, "https://idp.example.com/x"),
            (AUDIENCE, "connect, other"),
            (BEARER_ROLES, "admin=a;viewer=b"),
        ];
        let (both, warnings, report) = read(&good);
        assert!(report.is_empty() && warnings.is_empty(), "{report}");
        let bearer = both.bearer.unwrap();
        assert_eq!((bearer.audience.len(), bearer.roles.len()), (2, 2));
        assert_eq!((bearer.name_claim.as_str(), bearer.roles_claim.as_str()), ("sub", "roles"));
        let (_, _, report) = read(&[(WAYS, "bearer")]);
        for key in [ISSUER, AUDIENCE, BEARER_ROLES] {
            assert!(report.contains(&format!("{key}: ")), "{key}: {report}");
        }
        for (key, value) in [
            (ISSUER, "http://idp.example.com"),
            (ISSUER, "file:///x"),
            (KEYS_URL, "https://169.254.169.254/"),
            (BEARER_ROLES, "boss=x"),
        ] {
            let (_, _, report) = read(&[&good[..], &[(key, value)]].concat());
            assert!(report.contains(key), "{key}={value}: {report}");
        }
        assert!(read(&[(ISSUER, "https://x")]).1[0].text.contains("bearer"));
    }

    #[test]
    fn mtls_has_rules_and_a_listener_that_takes_certificates() {
        let good = [
            (WAYS, "mtls"),
            (MTLS_ROLES, "admin=subject:CN=ops;viewer=dns:x"),
            ("listeners", "https://0.0.0.0:1"),
            ("listeners.https.ssl.client.auth", "requested"),
        ];
        let (mtls, warnings, report) = read(&good);
        assert!(mtls.is_set() && warnings.is_empty() && report.is_empty(), "{report}");
        assert!(read(&[&good[..1], &good[2..]].concat()).2.contains(MTLS_ROLES));
        assert!(read(&good[..3]).2.contains("ssl.client.auth"));
        for bad in ["admin=CN=ops", "boss=dns:x", "admin=subject:("] {
            assert!(read(&[&good[..], &[(MTLS_ROLES, bad)]].concat()).2.contains(MTLS_ROLES), "{bad}");
        }
    }

    #[test]
    fn ways_that_are_not_are_refused() {
        let raw: RawConfig = [(WAYS, "basic,kerberos")].into_iter().collect();
        assert!(CommonKeys::parse(&raw).unwrap_err().to_string().contains("kerberos"));
    }
}
