//! Warns of logins to Kafka over connections that others can read.

use config::RawConfig;
use spec::Warning;

/// Whoever reads a login over a connection without TLS has the password (PLAIN) or what stands for it (a token), or can try
/// passwords against it at leisure and log in elsewhere with what a broker keeps (SCRAM, CVE-2024-56128).
pub(super) fn warning(raw: &RawConfig, brokers: &[String]) -> Option<Warning> {
    let keys = ["", "producer.", "consumer.", "admin."].map(|prefix| format!("{prefix}security.protocol"));
    let in_clear = |key: &&String| {
        raw.get(key).is_some_and(|protocol| protocol.trim().eq_ignore_ascii_case("SASL_PLAINTEXT"))
    };
    let key = keys.iter().find(in_clear)?;
    let far = brokers.iter().find(|broker| !is_loopback(broker))?;
    Some(Warning {
        key: key.clone(),
        text: format!(
            "SASL_PLAINTEXT logs in at {far} without TLS: whoever is between reads the login; use SASL_SSL, if the brokers have it"
        ),
    })
}

fn is_loopback(broker: &str) -> bool {
    let host = broker.trim().rsplit_once(':').map_or(broker, |(host, _)| host);
    let host = host.rsplit("//").next().unwrap_or(host).trim_matches(['[', ']']);
    match host.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cve_2024_56128_a_login_in_clear_is_warned_of() {
        let of = |key: &str, protocol: &str, brokers: &[&str]| {
            let raw: RawConfig = [(key, protocol)].into_iter().collect();
            let brokers: Vec<String> = brokers.iter().map(|broker| (*broker).to_owned()).collect();
            warning(&raw, &brokers).map(|warning| (warning.key, warning.text))
        };
        let (key, text) =
            of("producer.security.protocol", "SASL_PLAINTEXT", &["localhost:1", "kafka:9092"]).unwrap();
        assert!(key == "producer.security.protocol" && text.contains("kafka:9092"), "{text}");
        assert!(of("security.protocol", "sasl_plaintext", &["10.0.0.1:9092"]).is_some());
        for near in ["localhost:1", "127.0.0.1:1", "[::1]:1", "SASL_PLAINTEXT://localhost:1"] {
            assert_eq!(of("security.protocol", "SASL_PLAINTEXT", &[near]), None, "{near}");
        }
        assert_eq!(of("security.protocol", "SASL_SSL", &["kafka:1"]), None);
    }
}
