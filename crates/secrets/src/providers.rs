//! The providers of a worker, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::config::{Parsed, RawConfig, Report, Type};

use crate::{
    ConfigProvider, DirectoryProvider, EnvProvider, FileProvider, FolderProvider, SecretsManagerProvider,
    VaultProvider,
};

/// The worker's providers. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    by_name: BTreeMap<String, Arc<dyn ConfigProvider>>,
}

type Made = Result<Arc<dyn ConfigProvider>, (String, String)>;

/// A provider that can be had by name.
struct Class {
    /// Full names; the first is shown.
    names: &'static [&'static str],
    /// Parameters that have an effect.
    params: &'static [&'static str],
    /// Makes it; an error is the parameter that is wrong, and why.
    make: fn(&RawConfig) -> Made,
}

const CLASSES: [Class; 6] = [
    Class {
        names: &[FileProvider::CLASS],
        params: &["allowed.paths"],
        make: |params| made("allowed.paths", FileProvider::new(params)),
    },
    Class {
        names: &[DirectoryProvider::CLASS],
        params: &["allowed.paths"],
        make: |params| made("allowed.paths", DirectoryProvider::new(params)),
    },
    Class {
        names: &[EnvProvider::CLASS],
        params: &["allowlist.pattern"],
        make: |params| made("allowlist.pattern", EnvProvider::new(params)),
    },
    Class {
        names: &SecretsManagerProvider::CLASSES,
        params: &SecretsManagerProvider::PARAMS,
        make: |params| Ok(Arc::new(SecretsManagerProvider::new(params)?)),
    },
    Class {
        names: &VaultProvider::CLASSES,
        params: &VaultProvider::PARAMS,
        make: |params| Ok(Arc::new(VaultProvider::new(params)?)),
    },
    Class {
        names: &[FolderProvider::CLASS],
        params: &["folder"],
        make: |params| made("folder", FolderProvider::new(params)),
    },
];

fn made<P: ConfigProvider + 'static>(param: &str, provider: Result<P, String>) -> Made {
    match provider {
        Ok(provider) => Ok(Arc::new(provider)),
        Err(why) => Err((param.to_owned(), why)),
    }
}

impl Providers {
    /// No providers: every reference stays as it is.
    pub fn none() -> Self {
        Self::default()
    }

    /// Makes the providers of a worker's `config.providers`, `config.providers.NAME.class` and
    /// `config.providers.NAME.param.*`.
    ///
    /// # Errors
    /// A class that is not here, or a provider without an allow-list. All problems, by key.
    pub fn from_worker(raw: &RawConfig) -> Result<Self, Report> {
        let mut report = Report::default();
        let mut providers = Self::default();
        let names = match raw.get("config.providers").map(|text| Parsed::parse(Type::List, text)) {
            Some(Ok(Parsed::List(names))) => names,
            _ => Vec::new(),
        };
        for name in names {
            if name.is_empty() || providers.by_name.contains_key(&name) {
                report.invalid("config.providers", Some(&name), "names must be there once and not empty");
                continue;
            }
            if let Some(provider) = make(&name, raw, &mut report) {
                providers.by_name.insert(name, provider);
            }
        }
        if report.is_empty() { Ok(providers) } else { Err(report) }
    }

    /// Adds a provider, or puts it in another's place.
    pub fn insert(&mut self, name: impl Into<String>, provider: Arc<dyn ConfigProvider>) {
        self.by_name.insert(name.into(), provider);
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&dyn ConfigProvider> {
        self.by_name.get(name).map(AsRef::as_ref)
    }
}

fn make(name: &str, raw: &RawConfig, report: &mut Report) -> Option<Arc<dyn ConfigProvider>> {
    let class_key = format!("config.providers.{name}.class");
    let Some(class) = raw.get(&class_key).map(str::trim) else {
        report.add(
            &class_key,
            format!("Missing required configuration \"{class_key}\" which has no default value."),
        );
        return None;
    };
    let is_called = |known: &&Class| known.names.iter().any(|name| names_of(name).contains(&class));
    let Some(Class { params: known, make, .. }) = CLASSES.iter().find(is_called) else {
        let known: Vec<&str> = CLASSES.iter().flat_map(|class| class.names).copied().collect();
        let why = format!("there is no such config provider here; there are: {}", known.join(", "));
        report.invalid(&class_key, Some(class), &why);
        return None;
    };
    let params = raw.with_prefix(&format!("config.providers.{name}.param."));
    for (param, _) in params.iter().filter(|(param, _)| !known.contains(param)) {
        tracing::warn!(provider = name, param, "the config provider has no such parameter; it has no effect");
    }
    match make(&params) {
        Ok(provider) => Some(provider),
        Err((param, why)) => {
            let key = format!("config.providers.{name}.param.{param}");
            // Of parameters that may be secrets only the name is told.
            let shown = params.get(&param).filter(|_| !is_secret(&param));
            report.invalid(&key, shown, &why);
            None
        }
    }
}

fn is_secret(param: &str) -> bool {
    ["token", "secret", "key"].iter().any(|word| param.contains(word))
}

// Kafka's aliases: the simple name, and that name without the kind's word.
fn names_of(class: &'static str) -> [&'static str; 3] {
    let simple = class.rsplit('.').next().unwrap_or(class);
    [class, simple, simple.strip_suffix("ConfigProvider").unwrap_or(simple)]
}
