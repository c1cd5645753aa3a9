//! Client settings in a connector's config, and the policy that says which are allowed.

use std::collections::BTreeSet;

use api::config::{ConfigDef, ConfigValue, RawConfig, Report};

use crate::{ConnectorKind, client_keys, jaas, sensitive};

/// `connector.client.config.override.policy`: which client settings a connector may override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverridePolicy {
    /// All but login modules that may run code.
    All,
    /// None.
    None,
    /// How to log in: `sasl.jaas.config`, `sasl.mechanism`, `security.protocol`.
    Principal,
    /// These settings, without prefix.
    Allowlist(BTreeSet<String>),
}

impl Default for OverridePolicy {
    /// The settings that can do no harm ([`client_keys::harmless`]). Kafka's default is `All` until version 5.
    fn default() -> Self {
        OverridePolicy::Allowlist(client_keys::harmless().map(str::to_owned).collect())
    }
}

impl OverridePolicy {
    /// Reads the worker's keys `connector.client.config.override.policy` and `….allowlist`. Without them it is the
    /// default list; the policy `Allowlist` without a list allows nothing, as in Kafka.
    ///
    /// # Errors
    /// There is no such policy.
    pub fn from_worker(raw: &RawConfig) -> Result<Self, Report> {
        const KEY: &str = "connector.client.config.override.policy";
        const LIST: &str = "connector.client.config.override.allowlist";
        let listed = || {
            let items = raw.get(LIST).unwrap_or_default().split(',').map(str::trim);
            items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
        };
        let Some(name) = raw.get(KEY).map(str::trim) else {
            return Ok(match raw.contains(LIST) {
                true => OverridePolicy::Allowlist(listed()),
                false => OverridePolicy::default(),
            });
        };
        let simple = name.rsplit('.').next().unwrap_or(name);
        let simple = simple.strip_suffix("ConnectorClientConfigOverridePolicy").unwrap_or(simple);
        match simple {
            "All" => Ok(OverridePolicy::All),
            "None" => Ok(OverridePolicy::None),
            "Principal" => Ok(OverridePolicy::Principal),
            "Allowlist" => Ok(OverridePolicy::Allowlist(listed())),
            _ => {
                let mut report = Report::default();
                report.invalid(KEY, Some(name), "there are All, None, Principal and Allowlist");
                Err(report)
            }
        }
    }

    /// The name in error texts.
    pub fn name(&self) -> &'static str {
        match self {
            OverridePolicy::All => "All",
            OverridePolicy::None => "None",
            OverridePolicy::Principal => "Principal",
            OverridePolicy::Allowlist(_) => "Allowlist",
        }
    }

    /// Whether a connector may override a setting (without prefix).
    pub fn allows(&self, setting: &str) -> bool {
        match self {
            OverridePolicy::All => true,
            OverridePolicy::None => false,
            OverridePolicy::Principal => {
                ["sasl.jaas.config", "sasl.mechanism", "security.protocol"].contains(&setting)
            }
            OverridePolicy::Allowlist(allowed) => allowed.contains(setting),
        }
    }
}

/// The clients whose settings a connector may override.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    Producer,
    Consumer,
    Admin,
}

impl Client {
    pub(crate) const ALL: [Client; 3] = [Client::Producer, Client::Consumer, Client::Admin];

    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Client::Producer => "producer.override.",
            Client::Consumer => "consumer.override.",
            Client::Admin => "admin.override.",
        }
    }

    /// Whether a connector has this client: what it does not have is neither checked nor shown by Kafka.
    pub(crate) fn is_used(self, kind: ConnectorKind, raw: &RawConfig) -> bool {
        let dead_letters =
            || raw.get("errors.deadletterqueue.topic.name").is_some_and(|topic| !topic.trim().is_empty());
        match (self, kind) {
            (Client::Producer, ConnectorKind::Source) | (Client::Consumer, ConnectorKind::Sink) => true,
            (Client::Consumer, ConnectorKind::Source) => false,
            (Client::Admin, ConnectorKind::Source) => {
                raw.iter().any(|(key, _)| key.starts_with("topic.creation."))
            }
            (Client::Producer | Client::Admin, ConnectorKind::Sink) => dead_letters(),
        }
    }
}

/// The settings of one client: those known as a definition, and the state of each.
pub(crate) fn section(
    client: Client,
    raw: &RawConfig,
    policy: &OverridePolicy,
) -> (ConfigDef, Vec<ConfigValue>) {
    let mut definition = ConfigDef::new();
    let mut values = Vec::new();
    for (setting, text) in raw.with_prefix(client.prefix()).iter() {
        let Some(text) = text else { continue };
        let name = format!("{}{setting}", client.prefix());
        let mut value = ConfigValue {
            name: name.clone(),
            value: Some(sensitive::shown(setting, text.trim()).to_owned()),
            recommended_values: Vec::new(),
            errors: Vec::new(),
            visible: true,
        };
        if let Some(mut key) = client_keys::key(setting) {
            key.name = name.clone();
            let mut alone = ConfigDef::new();
            alone.add(key.clone());
            if let Some(examined) = alone.validate(raw).pop() {
                value = examined;
            }
            definition.add(key);
        }
        if !policy.allows(setting) {
            value.errors.push(format!(
                "The '{}' policy does not allow '{setting}' to be overridden in the connector configuration.",
                policy.name()
            ));
        }
        if let Some(why) = login_problem(setting, text) {
            value.errors.push(format!("Invalid value [hidden] for configuration {name}: {why}"));
        }
        values.push(value);
    }
    (definition, values)
}

/// Why a login setting is refused whatever the policy is.
pub(crate) fn login_problem(setting: &str, text: &str) -> Option<String> {
    (setting == "sasl.jaas.config").then(|| jaas::check(text).err()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_kafkas_and_the_default_is_harmless() {
        let policy = |name: &str| {
            OverridePolicy::from_worker(
                &RawConfig::new().with("connector.client.config.override.policy", name),
            )
        };
        assert!(policy("All").unwrap().allows("interceptor.classes"));
        assert!(!policy("None").unwrap().allows("linger.ms"));
        let principal =
            "org.apache.kafka.connect.connector.policy.PrincipalConnectorClientConfigOverridePolicy";
        assert_eq!(policy(principal), Ok(OverridePolicy::Principal));
        assert!(!policy("Allowlist").unwrap().allows("linger.ms"));
        assert!(policy("Mine").is_err());
        let default = OverridePolicy::from_worker(&RawConfig::new()).unwrap();
        assert!(default.allows("linger.ms") && default.allows("max.poll.records"));
        for setting in ["sasl.jaas.config", "bootstrap.servers", "interceptor.classes", "security.protocol"] {
            assert!(!default.allows(setting), "{setting}");
        }
    }

    #[test]
    fn what_is_refused_says_so_and_hides_the_password() {
        let raw: RawConfig = [
            ("producer.override.sasl.jaas.config", "com.evil.Module required password=\"canary\";"),
            ("producer.override.linger.ms", "soon"),
        ]
        .into_iter()
        .collect();
        let (definition, values) = section(Client::Producer, &raw, &OverridePolicy::All);
        assert_eq!(definition.keys().len(), 2);
        assert!(values[0].errors[0].contains("com.evil.Module is not allowed"));
        assert_eq!(values[0].value.as_deref(), Some("[hidden]"));
        assert!(!format!("{values:?}").contains("canary"));
        assert_eq!(
            values[1].errors,
            ["Invalid value soon for configuration producer.override.linger.ms: Not a number of type LONG"]
        );
        let (_, values) = section(Client::Producer, &raw, &OverridePolicy::None);
        assert_eq!(
            values[1].errors[1],
            "The 'None' policy does not allow 'linger.ms' to be overridden in the connector configuration."
        );
    }
}
