//! What every plugin must answer before it is started.

use api::Registry;
use api::config::{Catalog, PluginKind, RawConfig, Type};

/// Checks the declaration: every key is documented, the good config has no error, an empty one is refused by key or
/// accepted but never panics, and no value of a PASSWORD key is shown (invariant 5).
///
/// # Panics
/// With what does not hold.
pub fn check_declaration(registry: &Registry, class: &str, good: &RawConfig) {
    let plugin =
        registry.find(class, &[PluginKind::Source, PluginKind::Sink]).expect("the class is registered");
    for key in plugin.definition.keys() {
        assert!(!key.documentation.is_empty(), "{} has no documentation", key.name);
    }
    let errors: Vec<_> = (plugin.validate)(good).into_iter().flat_map(|value| value.errors).collect();
    assert!(errors.is_empty(), "the good config is refused: {errors:?}");
    let empty = (plugin.validate)(&RawConfig::new());
    for key in plugin.definition.keys().filter(|key| key.is_required()) {
        let refused = empty.iter().any(|value| value.name == key.name && !value.errors.is_empty());
        assert!(refused, "the required key {} is missing, and that is not said", key.name);
    }
    for key in plugin.definition.keys() {
        for nonsense in ["", "\u{0}", "-1", "💥", "${env:X}", "999999999999999999999", ",,,"] {
            let raw = good.clone().with(&key.name, nonsense);
            let _ = (plugin.validate)(&raw); // must not panic, whatever it says
        }
        if key.value_type == Type::Password {
            let raw = good.clone().with(&key.name, "canary-secret");
            let shown = format!("{:?}", (plugin.validate)(&raw));
            assert!(!shown.contains("canary-secret"), "validation shows the secret of {}", key.name);
        }
    }
}
