//! From a valid config to its typed meaning.

use std::sync::Arc;
use std::time::Duration;

use api::config::{Catalog, Config, RawConfig, Report};

use crate::aliases::{AliasKind, plugin_keys};
use crate::converter::{self, Place};
use crate::keys::{CommonKeys, SinkKeys, SourceExtensionKeys, SourceKeys, ToleranceText};
use crate::overrides::{Client, OverridePolicy};
use crate::validate::{validate, without_providers};
use crate::{
    ClientOverrides, ConnectorKind, ConnectorSpec, DeadLetterSpec, ErrorPolicy, PipelineSpec, PluginConfig,
    PredicateSpec, SinkSpec, SinkTopics, SourceSpec, Tolerance, TransformSpec, WorkerDefaults,
    connector_plugin, exactly_once, topic_creation,
};

/// Makes the spec of a resolved config.
///
/// # Errors
/// Every problem that [`validate`] finds, by key.
pub fn build(
    raw: &RawConfig,
    catalog: &dyn Catalog,
    defaults: &WorkerDefaults,
    policy: &OverridePolicy,
) -> Result<ConnectorSpec, Report> {
    let validation = validate(raw, catalog, defaults, policy);
    if !validation.is_valid() {
        return Err(validation.report());
    }
    let raw = without_providers(raw);
    let (plugin, kind) = connector_plugin(&raw, catalog).map_err(|problem| {
        let mut report = Report::default();
        report.add("connector.class", problem.to_string());
        report
    })?;
    let (common, source, sink) = match kind {
        ConnectorKind::Source => {
            let keys = SourceKeys::parse(&raw)?;
            let source = source_spec(&keys, &raw, defaults)?;
            (keys.common, Some(source), None)
        }
        ConnectorKind::Sink => {
            let keys = SinkKeys::parse(&raw)?;
            let sink = sink_spec(&keys);
            (keys.common, None, Some(sink))
        }
    };
    Ok(ConnectorSpec {
        name: Arc::from(common.name.as_str()),
        class: plugin.class.to_owned(),
        kind,
        tasks_max: usize::try_from(common.tasks_max).unwrap_or(1),
        tasks_max_enforced: common.tasks_max_enforce,
        pipeline: Arc::new(pipeline(&common, &raw, catalog, defaults)),
        source,
        sink,
        overrides: overrides(kind, &raw),
        config: raw,
    })
}

fn source_spec(keys: &SourceKeys, raw: &RawConfig, defaults: &WorkerDefaults) -> Result<SourceSpec, Report> {
    let topic_creation = match defaults.topic_creation && topic_creation::is_configured(raw) {
        true => Some(topic_creation::parse(raw)?),
        false => None,
    };
    let extensions = SourceExtensionKeys::parse(raw)?;
    let dead_letters = (!extensions.topic.is_empty()).then(|| DeadLetterSpec {
        topic: extensions.topic.clone(),
        replication_factor: extensions.replicas.into(),
        context_headers: true,
    });
    Ok(SourceSpec {
        topic_creation,
        dead_letters,
        boundary: exactly_once::boundary(keys),
        offsets_topic: keys.offsets_topic.clone(),
    })
}

fn sink_spec(keys: &SinkKeys) -> SinkSpec {
    let topics = match keys.topics.is_empty() {
        false => SinkTopics::List(keys.topics.clone()),
        true => SinkTopics::Pattern(keys.topics_regex.clone()),
    };
    let dead_letters = (!keys.dead_letter_topic.is_empty()).then(|| DeadLetterSpec {
        topic: keys.dead_letter_topic.clone(),
        replication_factor: keys.dead_letter_replicas.into(),
        context_headers: keys.dead_letter_headers,
    });
    SinkSpec { topics, dead_letters }
}

fn pipeline(
    common: &CommonKeys,
    raw: &RawConfig,
    catalog: &dyn Catalog,
    defaults: &WorkerDefaults,
) -> PipelineSpec {
    let converter = |place| converter::resolve(place, raw, catalog, defaults);
    let transforms = common.transforms.iter().map(|alias| transform(alias, raw, catalog));
    PipelineSpec {
        key_converter: converter(Place::Key),
        value_converter: converter(Place::Value),
        header_converter: converter(Place::Header),
        transforms: transforms.collect(),
        errors: ErrorPolicy {
            tolerance: match common.tolerance {
                ToleranceText::None => Tolerance::None,
                ToleranceText::All => Tolerance::All,
            },
            retry_timeout: u64::try_from(common.retry_timeout_ms).ok().map(Duration::from_millis),
            retry_delay_max: common.retry_delay_max,
            log: common.log,
            log_messages: common.log_messages,
        },
    }
}

fn transform(alias: &str, raw: &RawConfig, catalog: &dyn Catalog) -> TransformSpec {
    let text = |key: &str| raw.get(&format!("transforms.{alias}.{key}")).map(str::trim);
    let predicate = text("predicate").map(|predicate| PredicateSpec {
        alias: predicate.to_owned(),
        plugin: aliased(AliasKind::Predicate, predicate, raw, catalog),
        negate: text("negate").is_some_and(|text| text.eq_ignore_ascii_case("true")),
    });
    TransformSpec {
        alias: alias.to_owned(),
        plugin: aliased(AliasKind::Transform, alias, raw, catalog),
        predicate,
    }
}

fn aliased(kind: AliasKind, alias: &str, raw: &RawConfig, catalog: &dyn Catalog) -> PluginConfig {
    let prefix = format!("{}.{alias}.", kind.key());
    let named = raw.get(&format!("{prefix}type")).unwrap_or_default().trim();
    let class = catalog.find(named, &[kind.plugin()]).map_or(named, |plugin| plugin.class);
    PluginConfig { class: class.to_owned(), config: plugin_keys(&prefix, raw) }
}

// Overrides of a client that the connector does not have were not checked, so they do not get through either.
fn overrides(kind: ConnectorKind, raw: &RawConfig) -> ClientOverrides {
    let of = |client: Client| match client.is_used(kind, raw) {
        true => raw.with_prefix(client.prefix()),
        false => RawConfig::new(),
    };
    ClientOverrides {
        producer: of(Client::Producer),
        consumer: of(Client::Consumer),
        admin: of(Client::Admin),
    }
}
