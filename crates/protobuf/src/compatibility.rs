//! Whether data of an old schema can be read with a new one.
//!
//! The rules are those of Confluent's Schema Registry: messages are known by name, fields by number. Options, services,
//! reserved numbers and the syntax are not compared.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::{Schema, is_builtin};

/// A change that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incompatibility {
    /// What changed.
    pub difference: Difference,
    /// Where: `#/Message/Inner/tag`, `#/Message/oneof/tag`.
    pub path: String,
}

macro_rules! differences {
    ($($name:ident $code:literal $text:literal,)*) => {
        /// What changed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Difference {
            $(#[doc = $text] $name,)*
        }

        impl Difference {
            /// The name that Confluent's Schema Registry gives this difference.
            pub fn code(self) -> &'static str {
                match self { $(Difference::$name => $code,)* }
            }

            /// What it is, in words.
            pub fn describe(self) -> &'static str {
                match self { $(Difference::$name => $text,)* }
            }
        }
    };
}

differences! {
    PackageChanged "PACKAGE_CHANGED" "another package",
    MessageRemoved "MESSAGE_REMOVED" "a message was removed",
    FieldKindChanged "FIELD_KIND_CHANGED" "another kind of field (scalar, message or map)",
    FieldScalarKindChanged "FIELD_SCALAR_KIND_CHANGED" "another scalar type, written in another form",
    FieldNamedTypeChanged "FIELD_NAMED_TYPE_CHANGED" "another message type",
    FieldNumericLabelChanged "FIELD_NUMERIC_LABEL_CHANGED" "a number became repeated, or single",
    RequiredFieldAdded "REQUIRED_FIELD_ADDED" "a required field was added",
    RequiredFieldRemoved "REQUIRED_FIELD_REMOVED" "a required field was removed",
    OneofFieldRemoved "ONEOF_FIELD_REMOVED" "a field was taken out of a oneof that is still there",
    FieldMovedToExistingOneof "FIELD_MOVED_TO_EXISTING_ONEOF" "a field was moved into a oneof that has other old fields",
    MultipleFieldsMovedToOneof "MULTIPLE_FIELDS_MOVED_TO_ONEOF" "more than one field was moved into a oneof",
}

impl fmt::Display for Incompatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.path, self.difference.describe(), self.difference.code())
    }
}

/// What keeps `new` from reading data of `old`; empty when nothing does.
pub fn backward(new: &Schema, old: &Schema) -> Vec<Incompatibility> {
    let mut walk = Walk { found: Vec::new(), seen: HashSet::new(), pending: Vec::new() };
    if new.file().package_name() != old.file().package_name() {
        // All names differ then.
        walk.add("#/", Difference::PackageChanged);
        return walk.found;
    }
    walk.messages(old.file().messages(), new.file().messages(), "#");
    // Messages of imported files, as far as fields of these lead to them; a chain of them may be long.
    while let Some((old, new)) = walk.pending.pop() {
        let path = format!("#/{}", old.full_name());
        walk.message(&old, &new, &path);
    }
    walk.found
}

struct Walk {
    found: Vec<Incompatibility>,
    seen: HashSet<String>,
    pending: Vec<(MessageDescriptor, MessageDescriptor)>,
}

/// Scalars of a group are written the same way.
#[derive(PartialEq)]
enum Form {
    Varint,
    Zigzag,
    Text,
    Fixed32,
    Fixed64,
    Float,
    Double,
    Message(String),
}

fn form(kind: &Kind) -> Form {
    match kind {
        Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Bool | Kind::Enum(_) => Form::Varint,
        Kind::Sint32 | Kind::Sint64 => Form::Zigzag,
        Kind::String | Kind::Bytes => Form::Text,
        Kind::Fixed32 | Kind::Sfixed32 => Form::Fixed32,
        Kind::Fixed64 | Kind::Sfixed64 => Form::Fixed64,
        Kind::Float => Form::Float,
        Kind::Double => Form::Double,
        Kind::Message(message) => Form::Message(message.full_name().to_owned()),
    }
}

impl Walk {
    fn add(&mut self, path: &str, difference: Difference) {
        self.found.push(Incompatibility { difference, path: path.to_owned() });
    }

    fn messages(
        &mut self,
        olds: impl Iterator<Item = MessageDescriptor>,
        news: impl Iterator<Item = MessageDescriptor>,
        path: &str,
    ) {
        let news: BTreeMap<String, MessageDescriptor> =
            news.map(|message| (message.name().to_owned(), message)).collect();
        for old in olds.filter(|message| !message.is_map_entry()) {
            let path = format!("{path}/{}", old.name());
            match news.get(old.name()) {
                Some(new) => self.message(&old, new, &path),
                None => self.add(&path, Difference::MessageRemoved),
            }
        }
    }

    // Recursive in the nesting of messages only, which is limited.
    fn message(&mut self, old: &MessageDescriptor, new: &MessageDescriptor, path: &str) {
        if !self.seen.insert(old.full_name().to_owned()) {
            return;
        }
        for field in old.fields() {
            let old_oneof = oneof(&field);
            let here = |name: Option<&str>| match name {
                Some(name) => format!("{path}/{name}/{}", field.number()),
                None => format!("{path}/{}", field.number()),
            };
            let Some(other) = new.get_field(field.number()) else {
                if field.is_required() {
                    self.add(&here(None), Difference::RequiredFieldRemoved);
                }
                if let Some(name) = old_oneof.as_deref().filter(|name| has_oneof(new, name)) {
                    self.add(&here(Some(name)), Difference::OneofFieldRemoved);
                }
                continue;
            };
            let new_oneof = oneof(&other);
            if let Some(name) = old_oneof.as_deref()
                && new_oneof.as_deref() != Some(name)
                && has_oneof(new, name)
            {
                self.add(&here(Some(name)), Difference::OneofFieldRemoved);
            }
            self.field(&field, &other, &here(new_oneof.as_deref()));
        }
        for field in new.fields() {
            if field.is_required() && old.get_field(field.number()).is_none() {
                self.add(&format!("{path}/{}", field.number()), Difference::RequiredFieldAdded);
            }
        }
        self.oneofs(old, new, path);
        self.messages(old.child_messages(), new.child_messages(), path);
    }

    // Fields that could be set together may not come to exclude each other.
    fn oneofs(&mut self, old: &MessageDescriptor, new: &MessageDescriptor, path: &str) {
        for group in new.oneofs().filter(|group| !group.is_synthetic()) {
            let mut alone = 0;
            let mut groups = BTreeSet::new();
            for field in group.fields() {
                match old.get_field(field.number()).map(|before| oneof(&before)) {
                    Some(Some(name)) => {
                        groups.insert(name);
                    }
                    Some(None) => alone += 1,
                    None => {}
                }
            }
            let existing = groups.contains(group.name());
            if alone + groups.len() > 1 {
                let difference = match existing {
                    true => Difference::FieldMovedToExistingOneof,
                    false => Difference::MultipleFieldsMovedToOneof,
                };
                self.add(&format!("{path}/{}", group.name()), difference);
            }
        }
    }

    fn field(&mut self, old: &FieldDescriptor, new: &FieldDescriptor, path: &str) {
        if old.is_map() != new.is_map() {
            return self.add(path, Difference::FieldKindChanged);
        }
        let (old_kind, new_kind) = (old.kind(), new.kind());
        if let (true, Kind::Message(old), Kind::Message(new)) = (old.is_map(), &old_kind, &new_kind) {
            let part = |entry: &MessageDescriptor, number| entry.get_field(number).map(|field| field.kind());
            for number in [1, 2] {
                if let (Some(old), Some(new)) = (part(old, number), part(new, number)) {
                    self.kind(&old, &new, path);
                }
            }
            return;
        }
        if old.is_list() != new.is_list() && !matches!(form(&new_kind), Form::Text | Form::Message(_)) {
            self.add(path, Difference::FieldNumericLabelChanged);
        }
        self.kind(&old_kind, &new_kind, path);
    }

    fn kind(&mut self, old: &Kind, new: &Kind, path: &str) {
        if let (Kind::Message(old), Kind::Message(new)) = (old, new) {
            if old.full_name() != new.full_name() {
                return self.add(path, Difference::FieldNamedTypeChanged);
            }
            let file = old.parent_file();
            if !is_builtin(file.name()) && !self.seen.contains(old.full_name()) {
                self.pending.push((old.clone(), new.clone()));
            }
            return;
        }
        match (form(old), form(new)) {
            (Form::Message(_), _) | (_, Form::Message(_)) => self.add(path, Difference::FieldKindChanged),
            (old, new) if old != new => self.add(path, Difference::FieldScalarKindChanged),
            _ => {}
        }
    }
}

// The oneof that was written, not the one that stands for `optional`.
fn oneof(field: &FieldDescriptor) -> Option<String> {
    let group = field.containing_oneof().filter(|group| !group.is_synthetic())?;
    Some(group.name().to_owned())
}

fn has_oneof(message: &MessageDescriptor, name: &str) -> bool {
    message.oneofs().any(|group| !group.is_synthetic() && group.name() == name)
}
