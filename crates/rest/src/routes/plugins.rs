//! Plugins, their keys, and the check of a config.

use api::config::{Catalog, DefaultValue, PluginKind};
use axum::Json;
use axum::extract::{Query, State};
use rest_types::{ConfigInfo, ConfigInfos, ConfigKeyInfo, ConfigMap, PluginInfo};
use serde::Deserialize;

use crate::Context;
use crate::body::{JsonBody, Name};
use crate::error::{Error, Result};

#[derive(Deserialize)]
pub(super) struct ListQuery {
    #[serde(rename = "connectorsOnly")]
    connectors_only: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct VersionQuery {
    version: Option<String>,
}

/// `GET /connector-plugins`
pub(super) async fn list(
    State(context): State<Context>,
    Query(query): Query<ListQuery>,
) -> Json<Vec<PluginInfo>> {
    // As Java reads a boolean parameter: whatever is not `true` is false.
    let all = query.connectors_only.is_some_and(|text| !text.eq_ignore_ascii_case("true"));
    let mut plugins = context.herder.registry().plugins();
    plugins.sort_by_key(|plugin| (plugin.kind, plugin.class));
    let shown = plugins
        .into_iter()
        .filter(|plugin| all || matches!(plugin.kind, PluginKind::Sink | PluginKind::Source))
        .map(|plugin| PluginInfo {
            class: plugin.class.to_owned(),
            kind: plugin.kind.name().to_owned(),
            version: Some(plugin.version.to_owned()),
        });
    Json(shown.collect())
}

const KINDS: [PluginKind; 6] = [
    PluginKind::Sink,
    PluginKind::Source,
    PluginKind::Converter,
    PluginKind::HeaderConverter,
    PluginKind::Transformation,
    PluginKind::Predicate,
];

/// `GET /connector-plugins/{plugin}/config`: the plugin's own keys, then the framework's. With `version=RANGE` only if
/// the plugin's version is in it.
pub(super) async fn config(
    State(context): State<Context>,
    Name(name): Name,
    Query(VersionQuery { version }): Query<VersionQuery>,
) -> Result<Json<Vec<ConfigKeyInfo>>> {
    let found = KINDS.iter().find_map(|kind| context.herder.registry().find(&name, &[*kind]));
    let plugin = found.ok_or_else(|| Error::NotFound(format!("Unknown plugin {name}.")))?;
    if let Some(range) = version.filter(|range| !range.trim().is_empty()) {
        let met = spec::version::is_met(&range, plugin.version);
        let met = met.map_err(|_| Error::BadRequest(format!("Invalid version specification: {range}")))?;
        if !met {
            let (class, only) = (plugin.class, plugin.version);
            // A version alone means exactly this one.
            let range = if range.starts_with(['[', '(']) { range } else { format!("[{range},{range}]") };
            return Err(Error::BadRequest(format!(
                "Plugin {class} not found that matches the version range {range}, available versions: [{only}]"
            )));
        }
    }
    let mut definition = plugin.definition.clone();
    let kind = match plugin.kind {
        PluginKind::Sink => Some(spec::ConnectorKind::Sink),
        PluginKind::Source => Some(spec::ConnectorKind::Source),
        _ => None,
    };
    if let Some(kind) = kind {
        let mut framework = context.herder.framework_keys(kind);
        if let Some(key) = framework.key_mut("connector.plugin.version") {
            key.default = DefaultValue::Text(plugin.version.to_owned());
        }
        definition.add_all(&framework);
    }
    Ok(Json(definition.keys().map(ConfigKeyInfo::from).collect()))
}

/// `PUT /connector-plugins/{plugin}/config/validate`
pub(super) async fn validate(
    State(context): State<Context>,
    Name(plugin): Name,
    JsonBody(ConfigMap(config)): JsonBody<ConfigMap>,
) -> Result<Json<ConfigInfos>> {
    if let Some(class) = config.get("connector.class")
        && !without_suffix(class.trim()).ends_with(without_suffix(&plugin))
    {
        return Err(Error::BadRequest(format!(
            "Included connector type {class} does not match request type {plugin}"
        )));
    }
    let validation = context.herder.validate(config).await?;
    let configs = validation.configs.into_iter().map(|(key, value)| ConfigInfo {
        definition: key.as_ref().map(ConfigKeyInfo::from),
        value: value.map(Into::into),
    });
    Ok(Json(ConfigInfos {
        name: validation.name,
        error_count: validation.error_count,
        groups: validation.groups,
        configs: configs.collect(),
    }))
}

fn without_suffix(class: &str) -> &str {
    class.strip_suffix("Connector").unwrap_or(class)
}
