//! Where REST listens, and who can reach it.

use std::net::{IpAddr, Ipv4Addr};

use config::{Parsed, RawConfig, Report, Type};
use spec::Warning;

use super::authentication;

const KEY: &str = "listeners";
const ADMIN_KEY: &str = "admin.listeners";
const INSECURE: &str = "sluice.rest.insecure";

/// A place to listen on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Whether it speaks TLS.
    pub tls: bool,
    /// A name or an address; empty is every interface.
    pub host: String,
    /// The port; 0 lets the system choose.
    pub port: u16,
}

impl Listener {
    /// What to bind: every interface when there is no host.
    pub fn bind_host(&self) -> &str {
        match self.host.is_empty() {
            true => "0.0.0.0",
            false => &self.host,
        }
    }

    fn is_loopback(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => self.host.eq_ignore_ascii_case("localhost"),
        }
    }

    /// Its scheme in a URL.
    pub fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let wanted = "write http://HOST:PORT or https://HOST:PORT";
        let (scheme, rest) = text.split_once("://").ok_or(wanted)?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(format!("the scheme must be http or https; {wanted}")),
        };
        let (host, port) = rest.trim_end_matches('/').rsplit_once(':').ok_or(wanted)?;
        let port = port.parse().map_err(|_| format!("{port} is not a port; {wanted}"))?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let allowed =
            |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_' | ':' | '%');
        match host.chars().all(allowed) {
            true => Ok(Self { tls, host: host.to_owned(), port }),
            false => Err(format!("{host} is not a host; {wanted}")),
        }
    }
}

/// The listeners, and the warning that goes with open ones.
pub(super) fn parse(raw: &RawConfig, report: &mut Report) -> (Vec<Listener>, Option<Warning>) {
    let texts = match raw.get(KEY).map(|text| Parsed::parse(Type::List, text)) {
        None => {
            let default = Listener { tls: false, host: Ipv4Addr::LOCALHOST.to_string(), port: 8083 };
            return (vec![default], None);
        }
        Some(Ok(Parsed::List(texts))) => texts,
        Some(_) => Vec::new(),
    };
    if texts.is_empty() {
        report.invalid(KEY, Some(""), "there must be at least one listener, as https://HOST:PORT");
    }
    read(KEY, texts, raw, report)
}

/// The listeners of `/admin`, and the warning that goes with open ones: none when those of all routes have it; no
/// listener when it is switched off.
pub(super) fn parse_admin(raw: &RawConfig, report: &mut Report) -> (Option<Vec<Listener>>, Option<Warning>) {
    let Some(text) = raw.get(ADMIN_KEY) else { return (None, None) };
    let texts = match Parsed::parse(Type::List, text) {
        Ok(Parsed::List(texts)) => texts.into_iter().filter(|text| !text.is_empty()).collect(),
        _ => Vec::new(),
    };
    let (listeners, warning) = read(ADMIN_KEY, texts, raw, report);
    (Some(listeners), warning)
}

fn read(
    key: &str,
    texts: Vec<String>,
    raw: &RawConfig,
    report: &mut Report,
) -> (Vec<Listener>, Option<Warning>) {
    let insecure = raw.get(INSECURE).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"));
    let certificates = super::tls::asks_for_certificates(raw, key);
    let mut listeners = Vec::new();
    let (mut open, mut plain) = (Vec::new(), Vec::new());
    for text in texts {
        match Listener::parse(&text) {
            Ok(listener) => {
                let reachable = !listener.is_loopback();
                if reachable && !listener.tls {
                    plain.push(text.clone());
                }
                if reachable && !(listener.tls && certificates) {
                    open.push(text);
                }
                listeners.push(listener);
            }
            Err(why) => report.invalid(key, Some(&text), &why),
        }
    }
    if open.is_empty() {
        return (listeners, None);
    }
    if authentication::is_set(raw) {
        let text = format!(
            "REST listens on {} without TLS: whoever is between it and its clients reads names, passwords and tokens; \
             listen on https, or put a proxy with TLS before it",
            plain.join(", ")
        );
        let warning = (!plain.is_empty()).then(|| Warning { key: key.to_owned(), text });
        return (listeners, warning);
    }
    let open = open.join(", ");
    if !insecure {
        report.invalid(
            key,
            Some(&open),
            "whoever reaches REST may create connectors, and so read and write whatever this worker can. Set \
             sluice.rest.authentication, so that it asks who it is; or listen on https with ssl.client.auth=required, or \
             on http://127.0.0.1:PORT; or set sluice.rest.insecure=true where the network keeps others away",
        );
    }
    let text = match key {
        ADMIN_KEY => format!(
            "/admin listens on {open} without authentication: whoever reaches it may change log levels"
        ),
        _ => {
            format!("REST listens on {open} without authentication: whoever reaches it may create connectors")
        }
    };
    (listeners, Some(Warning { key: INSECURE.to_owned(), text }))
}

/// This machine's name, for a listener without a host.
pub(super) fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match name.trim() {
        "" => "localhost".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(entries: &[(&str, &str)]) -> (Vec<Listener>, Option<Warning>, Report) {
        let mut report = Report::default();
        let (listeners, warning) = parse(&entries.iter().copied().collect(), &mut report);
        (listeners, warning, report)
    }

    #[test]
    fn loopback_is_the_default_and_needs_no_switch() {
        assert_eq!(of(&[]).0, [Listener { tls: false, host: "127.0.0.1".to_owned(), port: 8083 }]);
        for text in ["http://localhost:1", "HTTP://127.0.0.5:0", "http://[::1]:8083/", "https://[::1]:8083"] {
            let (listeners, warning, report) = of(&[("listeners", text)]);
            assert!(listeners.len() == 1 && warning.is_none() && report.is_empty(), "{text}: {report}");
        }
    }

    // CVE-2024-36543: a REST API that everybody in the network could use.
    #[test]
    fn cve_2024_36543_others_need_the_switch_and_are_warned_of() {
        for text in [
            "http://:8083",
            "http://0.0.0.0:8083",
            "http://connect:8083",
            "http://127.0.0.1:1,http://10.0.0.1:1",
            "https://0.0.0.0:8443",
        ] {
            assert!(of(&[("listeners", text)]).2.to_string().contains("sluice.rest.insecure=true"), "{text}");
            let (listeners, warning, report) = of(&[("listeners", text), ("sluice.rest.insecure", "true")]);
            assert!(!listeners.is_empty() && warning.is_some() && report.is_empty(), "{text}: {report}");
        }
    }

    #[test]
    fn who_must_show_a_certificate_is_known() {
        let listens =
            |key: &str, auth: &str| of(&[("listeners", "https://0.0.0.0:8443"), (key, auth)]).2.is_empty();
        assert!(
            listens("ssl.client.auth", "required") && listens("listeners.https.ssl.client.auth", "Required")
        );
        assert!(
            !listens("ssl.client.auth", "requested")
                && !listens("admin.listeners.https.ssl.client.auth", "required")
        );
        let clear = of(&[("listeners", "http://0.0.0.0:8083"), ("ssl.client.auth", "required")]);
        assert!(!clear.2.is_empty(), "nobody shows one without TLS");
    }

    #[test]
    fn who_asks_for_names_may_listen_anywhere() {
        let basic = ("sluice.rest.authentication", "basic");
        let (listeners, warning, report) = of(&[basic, ("listeners", "http://0.0.0.0:1,http://127.0.0.1:2")]);
        assert!(listeners.len() == 2 && report.is_empty(), "{report}");
        let text = warning.unwrap().text;
        assert!(text.contains("http://0.0.0.0:1 without TLS"), "{text}");
        let (_, warning, report) = of(&[basic, ("listeners", "https://0.0.0.0:1")]);
        assert!(warning.is_none() && report.is_empty(), "{report}");
    }

    #[test]
    fn admin_has_its_own_or_none() {
        let of = |text: Option<&str>| {
            let mut report = Report::default();
            let raw = text.map(|text| ("admin.listeners", text)).into_iter().collect();
            (parse_admin(&raw, &mut report).0.map(|listeners| listeners.len()), report.is_empty())
        };
        assert_eq!(of(None), (None, true));
        assert_eq!(of(Some("")), (Some(0), true));
        assert_eq!(of(Some("http://127.0.0.1:1,http://[::1]:1")), (Some(2), true));
        assert!(!of(Some("http://0.0.0.0:1")).1 && !of(Some("x")).1);
    }

    #[test]
    fn what_is_no_listener_is_refused() {
        for text in ["", "ftp://127.0.0.1:1", "127.0.0.1:1", "http://127.0.0.1", "http://a b:1"] {
            assert!(!of(&[("listeners", text)]).2.is_empty(), "{text}");
        }
    }
}
