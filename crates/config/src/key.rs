//! The declaration of one key.

use crate::{RawConfig, Validator};

/// Kafka's config types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`, in any case.
    Boolean,
    /// Text, trimmed.
    String,
    /// 32-bit integer.
    Int,
    /// 16-bit integer.
    Short,
    /// 64-bit integer.
    Long,
    /// 64-bit float.
    Double,
    /// Texts, separated by commas.
    List,
    /// A plugin class, by full name or alias.
    Class,
    /// Text that is never shown.
    Password,
}

impl Type {
    /// Kafka's name, upper case.
    pub fn name(self) -> &'static str {
        match self {
            Type::Boolean => "BOOLEAN",
            Type::String => "STRING",
            Type::Int => "INT",
            Type::Short => "SHORT",
            Type::Long => "LONG",
            Type::Double => "DOUBLE",
            Type::List => "LIST",
            Type::Class => "CLASS",
            Type::Password => "PASSWORD",
        }
    }
}

/// How much a key matters to its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Importance {
    /// Set it.
    High,
    /// Know it.
    Medium,
    /// Leave it.
    Low,
}

impl Importance {
    /// Kafka's name, upper case.
    pub fn name(self) -> &'static str {
        match self {
            Importance::High => "HIGH",
            Importance::Medium => "MEDIUM",
            Importance::Low => "LOW",
        }
    }
}

/// How wide a form's field should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// Not said.
    None,
    /// A number.
    Short,
    /// A name.
    Medium,
    /// A URL.
    Long,
}

impl Width {
    /// Kafka's name, upper case.
    pub fn name(self) -> &'static str {
        match self {
            Width::None => "NONE",
            Width::Short => "SHORT",
            Width::Medium => "MEDIUM",
            Width::Long => "LONG",
        }
    }
}

/// What stands for a key that is not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultValue {
    /// Nothing: the key must be given.
    Required,
    /// Null.
    Null,
    /// This text, parsed as if it had been given.
    Text(String),
}

/// Values to choose from, given the other keys; must be pure.
pub type Recommender = fn(&RawConfig) -> Vec<String>;

/// One key, as Kafka's `ConfigKey`.
#[derive(Debug, Clone)]
pub struct ConfigKey {
    /// The key.
    pub name: String,
    /// Its type.
    pub value_type: Type,
    /// What stands for it when it is not given.
    pub default: DefaultValue,
    /// What is refused.
    pub validator: Option<Validator>,
    /// How much it matters.
    pub importance: Importance,
    /// What it means, for users.
    pub documentation: String,
    /// The group that forms and documentation show it in.
    pub group: Option<String>,
    /// Its place in the group, from 1; -1 without a group.
    pub order_in_group: i32,
    /// How wide a form's field should be.
    pub width: Width,
    /// The name that forms show.
    pub display_name: String,
    /// Keys whose recommended values depend on this one.
    pub dependents: Vec<String>,
    /// Values to choose from.
    pub recommender: Option<Recommender>,
}

impl ConfigKey {
    /// Whether it must be given.
    pub fn is_required(&self) -> bool {
        self.default == DefaultValue::Required
    }
}
