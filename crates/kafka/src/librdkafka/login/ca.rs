//! Whom the token endpoint's certificate is checked against: options `ssl.truststore.*` of the login module, as Java
//! has it. The client's own `ssl.truststore.*` is for the brokers.

use crate::Result;
use crate::librdkafka::jaas;
use crate::librdkafka::java_keys::wrong;

/// The certificates in PEM, if the options name any.
///
/// # Errors
/// They cannot be read, or are not PEM.
pub(super) fn read(options: &[(&str, &str)]) -> Result<Option<String>> {
    let get = |name: &str| {
        let found = options.iter().find(|(option, _)| option.strip_prefix("ssl.truststore.") == Some(name));
        found.map(|(_, value)| *value).filter(|value| !value.is_empty())
    };
    if let Some((unknown, _)) = options.iter().find(|(option, _)| {
        !["ssl.truststore.type", "ssl.truststore.location", "ssl.truststore.certificates"].contains(option)
    }) {
        let reason = format!("the option {unknown} is not supported; PEM certificates need no password");
        return Err(wrong(jaas::KEY, reason));
    }
    let (certificates, location) = (get("certificates"), get("location"));
    if certificates.is_none() && location.is_none() {
        return Ok(None);
    }
    let kind = get("type").unwrap_or("JKS");
    if !kind.eq_ignore_ascii_case("PEM") {
        let reason = format!(
            "a {kind} trust store cannot be read; write its certificates to a PEM file with `keytool -exportcert \
             -rfc` and give the options ssl.truststore.type=\"PEM\" ssl.truststore.location=\"ca.pem\""
        );
        return Err(wrong(jaas::KEY, reason));
    }
    match (certificates, location) {
        (Some(pem), _) => Ok(Some(pem.to_owned())),
        (None, Some(file)) => std::fs::read_to_string(file).map(Some).map_err(|error| {
            wrong(jaas::KEY, format!("the file {file} of ssl.truststore.location cannot be read: {error}"))
        }),
        (None, None) => Ok(None),
    }
}
