//! Metadata of a schema: tags by path, properties, and which properties are sensitive.

use std::collections::{BTreeMap, BTreeSet};

use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

/// A property that holds the version under which a schema was registered, when a client asked for that.
pub(crate) const VERSION: &str = "confluent:version";

/// Tags and properties. A registry keeps and merges them; what they mean is the clients' affair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Tags by the path of what they are on.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_default")]
    pub tags: BTreeMap<String, BTreeSet<String>>,
    /// Properties by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "or_default")]
    pub properties: BTreeMap<String, String>,
    /// Names of properties that are not for everybody.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", deserialize_with = "or_default")]
    pub sensitive: BTreeSet<String>,
}

// null is as good as absent
pub(crate) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

impl Metadata {
    /// This, and on top of it the other: tags of one path are united, properties replaced.
    pub(crate) fn merged(below: Option<Self>, above: Option<&Self>) -> Option<Self> {
        let Some(above) = above else { return below };
        let mut merged = below.unwrap_or_default();
        for (path, tags) in &above.tags {
            merged.tags.entry(path.clone()).or_default().extend(tags.iter().cloned());
        }
        merged.properties.extend(above.properties.clone());
        merged.sensitive.extend(above.sensitive.iter().cloned());
        Some(merged)
    }

    /// Without one property; nothing when nothing is left.
    pub(crate) fn without(metadata: Option<&Self>, property: &str) -> Option<Self> {
        let mut rest = metadata?.clone();
        if rest.properties.remove(property).is_some() && rest == Self::default() {
            return None;
        }
        Some(rest)
    }

    /// With one property.
    pub(crate) fn with(metadata: Option<Self>, property: &str, value: String) -> Self {
        let mut metadata = metadata.unwrap_or_default();
        metadata.properties.insert(property.to_owned(), value);
        metadata
    }

    pub(crate) fn hash_into(&self, hash: &mut Md5) {
        for (path, tags) in &self.tags {
            hash.update(path);
            tags.iter().for_each(|tag| hash.update(tag));
        }
        for (name, value) in &self.properties {
            hash.update(name);
            hash.update(value);
        }
        self.sensitive.iter().for_each(|name| hash.update(name));
    }
}

/// The value of a property, if there is metadata and it has it.
pub(crate) fn property<'a>(metadata: Option<&'a Metadata>, name: &str) -> Option<&'a str> {
    metadata?.properties.get(name).map(String::as_str)
}
