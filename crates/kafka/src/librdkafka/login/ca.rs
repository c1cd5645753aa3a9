//! Whom the token endpoint's certificate is checked against: options `ssl.truststore.*` of the login module, as Java
//! has it. The client's own `ssl.truststore.*` is for the brokers.

use api::config::RawConfig;
use tls::Settings;

use crate::Result;
use crate::librdkafka::jaas;
use crate::librdkafka::java_keys::wrong;

const OPTIONS: [&str; 4] = [
    "ssl.truststore.type",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.truststore.certificates",
];

/// The certificates in PEM, if the options name any; blocks while a file is read.
///
/// # Errors
/// They cannot be read, or hold no certificate.
pub(super) fn read(options: &[(&str, &str)]) -> Result<Option<String>> {
    if let Some((unknown, _)) = options.iter().find(|(option, _)| !OPTIONS.contains(option)) {
        let reason = format!("the option {unknown} is not supported; there are {}", OPTIONS.join(", "));
        return Err(wrong(jaas::KEY, reason));
    }
    let of_option = |error: tls::Error| wrong(jaas::KEY, format!("its option {error}"));
    let (settings, problems) = Settings::of(options.iter().copied().collect::<RawConfig>(), "");
    if let Some(first) = problems.into_iter().next() {
        return Err(of_option(first));
    }
    Ok(settings.load().map_err(of_option)?.trusted_pem())
}
