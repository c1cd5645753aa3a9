//! Which part of a record a transform changes.

use api::data::{Datum, Record};

/// Key or value.
pub trait Side: Send + 'static {
    /// Whether it is the key.
    const IS_KEY: bool;

    /// The part of a record.
    fn of(record: &mut Record) -> &mut Datum;
}

/// The record's key.
#[derive(Debug)]
pub enum Key {}

/// The record's value.
#[derive(Debug)]
pub enum Value {}

impl Side for Key {
    const IS_KEY: bool = true;

    fn of(record: &mut Record) -> &mut Datum {
        &mut record.key
    }
}

impl Side for Value {
    const IS_KEY: bool = false;

    fn of(record: &mut Record) -> &mut Datum {
        &mut record.value
    }
}
