//! Fields of a change event that are added to its row or headers: `op`, `source.ts_ms`, `ts_ms:changed_at`.

use api::data::{Datum, SchemaRef, Struct, Value};

use super::envelope::{OPERATION, SOURCE, TRANSACTION};
use crate::third_party::rows::{named, optional_copy};

/// Where a field is found, and what it is called afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldReference {
    /// The struct of the event that holds the field; `None`: the event itself.
    parent: Option<String>,
    field: String,
    /// The name afterwards, prefix included.
    pub name: String,
}

impl FieldReference {
    pub fn parse(text: &str, prefix: &str) -> Result<Self, String> {
        let (path, alias) = match text.split_once(':') {
            None => (text, None),
            Some((path, alias)) if !alias.is_empty() && !alias.contains(':') => (path, Some(alias)),
            Some(_) => return Err(format!("Unexpected field name: {text}")),
        };
        let (parent, field) = match path.split_once('.') {
            // What follows a second point never counted.
            Some((parent, rest)) => {
                (Some(parent.to_owned()), rest.split('.').next().unwrap_or_default().to_owned())
            }
            None => (parent_of(path).map(str::to_owned), path.to_owned()),
        };
        if field.is_empty() || parent.as_deref() == Some("") {
            return Err(format!("Unexpected field name: {text}"));
        }
        let name = match (alias, path.contains('.'), &parent) {
            (Some(alias), ..) => format!("{prefix}{alias}"),
            (None, true, Some(parent)) => format!("{prefix}{parent}_{field}"),
            _ => format!("{prefix}{field}"),
        };
        Ok(Self { parent, field, name })
    }

    /// Whether this is the operation's code.
    pub fn is_operation(&self) -> bool {
        self.field == OPERATION
    }

    /// The field's schema, optional, in events of this schema's row; `None` when there is no such field.
    pub fn schema(&self, event: &Struct) -> Option<SchemaRef> {
        let fields = event.schema().fields()?;
        let of_parent = self.parent.as_deref().and_then(|parent| {
            let inner = fields[fields.position(parent)?].schema.fields()?;
            Some(&inner[inner.position(&self.field)?].schema)
        });
        let own = || Some(&fields[fields.position(&self.field)?].schema);
        of_parent.or_else(own).map(optional_copy)
    }

    /// The field's value without its default; null when something on the way is null.
    pub fn value(&self, event: &Struct) -> Value {
        if let Some(parent) = &self.parent
            && let Some((schema, value)) = named(event, parent)
        {
            // A field that the block does not have may have been added to the event itself.
            if schema.fields().is_some_and(|fields| fields.position(&self.field).is_some()) {
                let found = value.as_struct().and_then(|row| row.get_without_default(&self.field));
                return found.cloned().unwrap_or_default();
            }
        }
        event.get_without_default(&self.field).cloned().unwrap_or_default()
    }

    /// Schema and value.
    pub fn datum(&self, event: &Struct) -> Option<Datum> {
        Some(Datum::new(self.schema(event)?, self.value(event)))
    }
}

// A name without a struct: some are the event's own, some of the transaction, all others of the source.
fn parent_of(name: &str) -> Option<&'static str> {
    match name {
        "id" | "data_collection_order" | "total_order" => Some(TRANSACTION),
        "op" | "ts_ms" | "ts_us" | "ts_ns" => None,
        _ => Some(SOURCE),
    }
}

/// All of a list.
pub(super) fn parse_all(texts: &[String], prefix: &str) -> Result<Vec<FieldReference>, String> {
    texts.iter().filter(|text| !text.is_empty()).map(|text| FieldReference::parse(text, prefix)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_places() {
        for (text, parent, field, name) in [
            ("op", None, "op", "__op"),
            ("table", Some("source"), "table", "__table"),
            ("source.ts_ms", Some("source"), "ts_ms", "__source_ts_ms"),
            ("source.ts_ms:ts", Some("source"), "ts_ms", "__ts"),
            ("id", Some("transaction"), "id", "__id"),
            ("transaction.id", Some("transaction"), "id", "__transaction_id"),
            ("op:operation", None, "op", "__operation"),
        ] {
            let found = FieldReference::parse(text, "__").unwrap();
            assert_eq!(
                (found.parent.as_deref(), &*found.field, &*found.name),
                (parent, field, name),
                "{text}"
            );
        }
        for text in ["a:b:c", "a:", ".a", "a."] {
            assert!(FieldReference::parse(text, "").unwrap_err().contains(text), "{text}");
        }
    }
}
