//! What a `$ref` leads to: inside the document, or in one of the references that were given.

use std::collections::HashMap;

use serde_json::Value;

/// The documents and what is named in them.
pub(crate) struct Documents<'a> {
    /// Roots and embedded resources by URI.
    resources: HashMap<String, &'a Value>,
    /// `uri#anchor` to sub-schema.
    anchors: HashMap<String, &'a Value>,
    names: Vec<&'a str>,
}

/// A base for relative references: the URI of the resource around a sub-schema, and the resource itself.
#[derive(Clone)]
pub(crate) struct Base<'a> {
    pub uri: String,
    pub root: &'a Value,
}

impl<'a> Documents<'a> {
    pub fn new(root: &'a Value, references: &'a [(String, Value)]) -> Self {
        let mut documents = Self { resources: HashMap::new(), anchors: HashMap::new(), names: Vec::new() };
        documents.add(root, "");
        for (name, value) in references {
            documents.names.push(name);
            documents.add(value, name.trim_end_matches('#'));
        }
        documents
    }

    pub fn base(&self, root: &'a Value, name: &str) -> Base<'a> {
        enter(root, &Base { uri: name.trim_end_matches('#').to_owned(), root })
    }

    pub fn known(&self) -> String {
        if self.names.is_empty() { "it has none".to_owned() } else { self.names.join(", ") }
    }

    fn add(&mut self, root: &'a Value, name: &str) {
        self.resources.entry(name.to_owned()).or_insert(root);
        let base = Base { uri: name.to_owned(), root };
        let mut pending = vec![(root, base, true)];
        while let Some((value, base, schema)) = pending.pop() {
            match value {
                Value::Object(members) => {
                    let base = if schema { self.name(value, &base) } else { base };
                    for (key, member) in members {
                        // Values of these are data, not schemas.
                        if !schema || !matches!(key.as_str(), "enum" | "const" | "default" | "examples") {
                            let names = matches!(
                                key.as_str(),
                                "properties"
                                    | "patternProperties"
                                    | "$defs"
                                    | "definitions"
                                    | "dependentSchemas"
                            );
                            pending.push((member, base.clone(), !(schema && names)));
                        }
                    }
                }
                Value::Array(items) => pending.extend(items.iter().map(|item| (item, base.clone(), true))),
                _ => {}
            }
        }
    }

    fn name(&mut self, value: &'a Value, base: &Base<'a>) -> Base<'a> {
        let inner = enter(value, base);
        if inner.uri != base.uri {
            self.resources.entry(inner.uri.clone()).or_insert(value);
        }
        let text = |key| value.get(key).and_then(Value::as_str);
        let anchor = text("$anchor").or_else(|| text("$id").and_then(|id| id.strip_prefix('#')));
        if let Some(anchor) = anchor {
            self.anchors.entry(format!("{}#{anchor}", inner.uri)).or_insert(value);
        }
        inner
    }

    /// The sub-schema that a reference means, and the base of the references in it.
    pub fn find(&self, reference: &str, base: &Base<'a>) -> Option<(&'a Value, Base<'a>)> {
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let base = match uri {
            "" => base.clone(),
            _ => {
                let joined = join(&base.uri, uri);
                let (name, root) = [uri, joined.as_str()]
                    .into_iter()
                    .find_map(|name| self.resources.get(name).map(|root| (name, *root)))?;
                enter(root, &Base { uri: name.to_owned(), root })
            }
        };
        if fragment.is_empty() {
            return Some((base.root, base));
        }
        let fragment = unescape(fragment);
        if !fragment.starts_with('/') {
            return self.anchors.get(&format!("{}#{fragment}", base.uri)).map(|value| (*value, base.clone()));
        }
        let mut base = base;
        let mut value = base.root;
        for token in fragment[1..].split('/') {
            let token = token.replace("~1", "/").replace("~0", "~");
            value = match value {
                Value::Object(members) => members.get(&token)?,
                Value::Array(items) => items.get(token.parse::<usize>().ok()?)?,
                _ => return None,
            };
            base = enter(value, &base);
        }
        Some((value, base))
    }
}

/// The base inside a sub-schema: its own `$id`, if it has one.
pub(crate) fn enter<'a>(value: &'a Value, base: &Base<'a>) -> Base<'a> {
    let id = value.get("$id").or_else(|| value.get("id")).and_then(Value::as_str);
    match id.map(|id| id.trim_end_matches('#')) {
        Some(id) if !id.is_empty() && !id.starts_with('#') => Base { uri: join(&base.uri, id), root: value },
        _ => base.clone(),
    }
}

// RFC 3986 as far as names of schemas need it: absolute, absolute path, or beside the base.
fn join(base: &str, uri: &str) -> String {
    if uri.contains("://") || uri.starts_with("urn:") || base.is_empty() {
        return uri.to_owned();
    }
    let authority = base.find("://").map_or(0, |at| at + 3);
    let path = base[authority..].find('/').map_or(base.len(), |at| authority + at);
    if uri.starts_with('/') {
        return format!("{}{uri}", &base[..path]);
    }
    match base[path..].rfind('/') {
        Some(last) => format!("{}{uri}", &base[..=path + last]),
        None if authority > 0 => format!("{base}/{uri}"),
        None => uri.to_owned(),
    }
}

fn unescape(fragment: &str) -> String {
    let bytes = fragment.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = fragment.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_joined() {
        for (base, uri, joined) in [
            ("", "a.json", "a.json"),
            ("http://h/x/b.json", "a.json", "http://h/x/a.json"),
            ("http://h/x/b.json", "/a.json", "http://h/a.json"),
            ("http://h", "a.json", "http://h/a.json"),
            ("http://h/x/b.json", "urn:a", "urn:a"),
            ("b.json", "a.json", "a.json"),
        ] {
            assert_eq!(join(base, uri), joined);
        }
        assert_eq!(unescape("/a%20b%2Fc%"), "/a b/c%");
    }
}
