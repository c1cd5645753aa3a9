//! Which keys there are.

/// The keys, without a prefix such as `listeners.https.`.
pub const KEYS: [&str; 16] = [
    "ssl.keystore.location",
    "ssl.keystore.type",
    "ssl.keystore.password",
    "ssl.key.password",
    "ssl.keystore.key",
    "ssl.keystore.certificate.chain",
    "ssl.truststore.location",
    "ssl.truststore.type",
    "ssl.truststore.password",
    "ssl.truststore.certificates",
    "ssl.client.auth",
    "ssl.client.authentication",
    "ssl.protocol",
    "ssl.enabled.protocols",
    "ssl.cipher.suites",
    "ssl.endpoint.identification.algorithm",
];

/// What only a Java virtual machine has; these keys have no effect, and open nothing.
const JVM_ONLY: [&str; 4] = [
    "ssl.keymanager.algorithm",
    "ssl.trustmanager.algorithm",
    "ssl.provider",
    "ssl.secure.random.implementation",
];

/// Whether a key, without its prefix, has a meaning for TLS, or had one in a Java virtual machine only.
pub fn is_known(key: &str) -> bool {
    KEYS.contains(&key) || JVM_ONLY.contains(&key)
}
