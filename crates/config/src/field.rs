//! The types that a config struct's fields may have.

use std::time::Duration;

use crate::{Parsed, Secret, Type};

/// A field's type: which of Kafka's types it is, and how it is made of a parsed value. Implement it for a newtype to
/// let the type carry the check.
pub trait FieldType: Sized {
    /// Kafka's type.
    const TYPE: Type;
    /// Whether nothing is a value; then the key has a null default unless it has another.
    const OPTIONAL: bool = false;

    /// The texts to choose from, when there is a list of them.
    fn choices() -> &'static [&'static str] {
        &[]
    }

    /// Makes the field of a value; `None` is null.
    ///
    /// # Errors
    /// Why the value is refused, in the form of Kafka's reasons ("Value must be at least 1").
    fn from_value(value: Option<&Parsed>) -> Result<Self, String>;
}

/// The class of a plugin, by full name or alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassName(pub String);

const NULL: &str = "Value must be non-null";

macro_rules! field_type {
    ($rust:ty, $kafka:ident, $parsed:pat => $made:expr) => {
        impl FieldType for $rust {
            const TYPE: Type = Type::$kafka;
            fn from_value(value: Option<&Parsed>) -> Result<Self, String> {
                match value {
                    Some($parsed) => $made,
                    _ => Err(NULL.to_owned()),
                }
            }
        }
    };
}

field_type!(bool, Boolean, Parsed::Boolean(value) => Ok(*value));
field_type!(String, String, Parsed::String(text) => Ok(text.clone()));
field_type!(i16, Short, Parsed::Short(number) => Ok(*number));
field_type!(i32, Int, Parsed::Int(number) => Ok(*number));
field_type!(i64, Long, Parsed::Long(number) => Ok(*number));
field_type!(f64, Double, Parsed::Double(number) => Ok(*number));
field_type!(Vec<String>, List, Parsed::List(items) => Ok(items.clone()));
field_type!(ClassName, Class, Parsed::Class(name) => Ok(ClassName(name.clone())));
field_type!(Secret, Password, Parsed::Password(secret) => Ok(secret.clone()));
// A duration is a LONG of milliseconds, not negative. Keys where -1 means "never" are `i64`.
field_type!(Duration, Long, Parsed::Long(ms) => u64::try_from(*ms)
    .map(Duration::from_millis)
    .map_err(|_| "Value must be at least 0".to_owned()));

impl<T: FieldType> FieldType for Option<T> {
    const TYPE: Type = T::TYPE;
    const OPTIONAL: bool = true;

    fn choices() -> &'static [&'static str] {
        T::choices()
    }

    fn from_value(value: Option<&Parsed>) -> Result<Self, String> {
        value.map(|value| T::from_value(Some(value))).transpose()
    }
}

/// Declares an enum whose variants are the texts of a STRING key, and makes it a [`FieldType`]:
/// `config_enum! { /// How. pub enum Mode { /// All. Bulk = "bulk" } }`. Texts are compared in any case; a key that
/// must be exact has [`crate::Validator::OneOf`] beside it.
#[macro_export]
macro_rules! config_enum {
    (
        $(#[doc = $doc:expr])*
        $vis:vis enum $name:ident { $($(#[doc = $vdoc:expr])* $variant:ident = $text:literal),+ $(,)? }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        $vis enum $name { $($(#[doc = $vdoc])* $variant),+ }

        impl $name {
            /// The texts, in order of declaration.
            pub const CHOICES: &'static [&'static str] = &[$($text),+];

            /// The text that configs use.
            pub fn text(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The variant of a text, in any case.
            pub fn from_text(text: &str) -> ::std::option::Option<Self> {
                $(if text.eq_ignore_ascii_case($text) { return Some($name::$variant); })+
                None
            }
        }

        impl $crate::FieldType for $name {
            const TYPE: $crate::Type = $crate::Type::String;
            fn choices() -> &'static [&'static str] { Self::CHOICES }
            fn from_value(value: ::std::option::Option<&$crate::Parsed>) -> ::std::result::Result<Self, ::std::string::String> {
                match value {
                    Some($crate::Parsed::String(text)) => Self::from_text(text)
                        .ok_or_else(|| format!("String must be one of: {}", Self::CHOICES.join(", "))),
                    _ => Err("Value must be non-null".to_owned()),
                }
            }
        }
    };
}
