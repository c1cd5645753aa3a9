//! What these transforms have in common: how a key or value is told to be a row, a map or something else.

use std::marker::PhantomData;

use api::data::{Datum, Map, Record, Struct, Value};
use api::{Error, Origin, Result, Transform};

use super::class;
use crate::filter::NoConfig;
use crate::schema_cache::replace_nulls;
use crate::side::Side;

/// What a key or value is.
pub(super) enum Input {
    /// Null without a schema: it passes.
    Nothing,
    Map(Map),
    Row(Struct),
    /// Anything else, with its schema.
    Other(Datum),
}

/// Takes a key or value apart. A row's nulls become the defaults of their fields.
///
/// # Errors
/// A null that has a schema, on which the originals crash.
pub(super) fn take(datum: &mut Datum, side: &str) -> Result<Input> {
    let mut input = take_as_it_is(datum, side)?;
    if let Input::Row(row) = &mut input {
        replace_nulls(row);
    }
    Ok(input)
}

/// As [`take`], and a row's nulls stay.
pub(super) fn take_as_it_is(datum: &mut Datum, side: &str) -> Result<Input> {
    let Datum { schema, value } = std::mem::take(datum);
    Ok(match (schema, value) {
        (None, Value::Null) => Input::Nothing,
        (Some(_), Value::Null) => {
            return Err(Error::bad_record(format!("the {side} is null but has a schema")).hint(
                "a predicate RecordIsTombstone with negate keeps such records away from the transform",
            ));
        }
        (_, Value::Map(map)) => Input::Map(map),
        (_, Value::Struct(row)) => Input::Row(row),
        (schema, value) => Input::Other(Datum { schema, value }),
    })
}

/// The word for a side.
pub(super) fn side_name<S: Side>() -> &'static str {
    if S::IS_KEY { "key" } else { "value" }
}

/// A type that a transform is not for.
#[cold]
pub(super) fn unsupported(type_name: &str) -> Error {
    Error::bad_record(format!("{type_name} is not a supported type."))
        .class("java.lang.UnsupportedOperationException")
}

/// The answer to [`Input::Other`] of a transform that is for rows and maps.
#[cold]
pub(super) fn unsupported_value(datum: &Datum) -> Error {
    unsupported(datum.value.type_name())
}

/// A field that is not there.
#[cold]
pub(super) fn no_field(key: &str, name: &str, side: &str) -> Error {
    Error::bad_record(format!("{key}: the {side} has no field {name}"))
}

/// `SetNull`: null instead of the key or value, without a schema.
#[derive(Debug)]
pub struct SetNull<S>(PhantomData<fn(S)>);

impl<S: Side> Transform for SetNull<S> {
    const CLASS: &'static str = class!("SetNull", S);
    type Config = NoConfig;

    fn build(_config: NoConfig) -> Result<Self> {
        Ok(Self(PhantomData))
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        *S::of(&mut record) = Datum::NULL;
        Ok(Some(record))
    }
}
