//! Maps: entries in the order in which they were put.

use std::collections::HashMap;

use crate::Value;
use crate::map_key::Key;

/// A map that keeps the order in which its entries were put. A look-up is linear: maps of records are small. What has
/// many entries is made at once, by [`Map::from_entries`]; never by one [`Map::insert`] after the other.
#[derive(Debug, Clone, Default)]
pub struct Map(Vec<(Value, Value)>);

// Up to this many keys are compared one by one; more are looked up in a table.
const COMPARED_MAX: usize = 32;

/// Maps are equal when they hold the same entries, in any order.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.equals(other, Value::eq)
    }
}

impl Map {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty map with room.
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// Makes room for this many more entries.
    pub fn reserve(&mut self, more: usize) {
        self.0.reserve_exact(more);
    }

    /// A map of entries whose keys the caller knows to differ.
    pub fn from_distinct(entries: Vec<(Value, Value)>) -> Self {
        Self(entries)
    }

    /// A map of any entries: of those with the same key the first keeps its place and gets the value of the last, as
    /// if they were inserted in turn. The work grows with the number of entries, not with its square.
    pub fn from_entries(mut entries: Vec<(Value, Value)>) -> Self {
        let mut repeated = repeated(&entries).into_iter().peekable();
        if repeated.peek().is_none() {
            return Self(entries);
        }
        let mut kept: Vec<(Value, Value)> = Vec::with_capacity(entries.len());
        // Where the entry at a place went; what repeats another goes nowhere.
        let mut places: Vec<usize> = Vec::with_capacity(entries.len());
        for (place, entry) in entries.drain(..).enumerate() {
            places.push(kept.len());
            match repeated.next_if(|(_, again)| *again == place) {
                Some((first, _)) => kept[places[first]].1 = entry.1,
                None => kept.push(entry),
            }
        }
        Self(kept)
    }

    /// Puts an entry; a key that is there keeps its place and gets the new value. All keys are compared.
    pub fn insert(&mut self, key: Value, value: Value) {
        match self.position(&key) {
            Some(position) => self.0[position].1 = value,
            None => self.0.push((key, value)),
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.position(key).map(|position| &self.0[position].1)
    }

    fn position(&self, key: &Value) -> Option<usize> {
        match key {
            // Nearly all keys are; told once, not for each entry.
            Value::String(name) => self.0.iter().position(|(known, _)| known.as_str() == Some(name)),
            _ => self.0.iter().position(|(known, _)| Key(known) == Key(key)),
        }
    }

    /// The value of a text key.
    pub fn get_str(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known.as_str() == Some(key)).map(|(_, value)| value)
    }

    /// Takes an entry out.
    pub fn remove_str(&mut self, key: &str) -> Option<Value> {
        let position = self.0.iter().position(|(known, _)| known.as_str() == Some(key))?;
        Some(self.0.remove(position).1)
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries in order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Value, Value)> {
        self.0.iter()
    }

    /// The entries, owned.
    pub fn into_entries(self) -> Vec<(Value, Value)> {
        self.0
    }

    /// Whether the other map has the same keys, with values that are equal in this sense.
    pub(crate) fn equals(&self, other: &Self, equal: impl Fn(&Value, &Value) -> bool) -> bool {
        if self.0.len() != other.0.len() {
            return false;
        }
        // Mostly the order is the same.
        let in_order = self.0.iter().zip(&other.0).take_while(|(one, other)| Key(&one.0) == Key(&other.0));
        let in_order = in_order.count();
        let (ours, theirs) = (self.0.split_at(in_order), other.0.split_at(in_order));
        if !ours.0.iter().zip(theirs.0).all(|(one, other)| equal(&one.1, &other.1)) {
            return false;
        }
        if theirs.1.len() <= COMPARED_MAX {
            let found = |key: &Value| theirs.1.iter().find(|(known, _)| Key(known) == Key(key));
            return ours
                .1
                .iter()
                .all(|(key, value)| found(key).is_some_and(|(_, found)| equal(value, found)));
        }
        let table: HashMap<Key<'_>, &Value> = theirs.1.iter().map(|(key, value)| (Key(key), value)).collect();
        ours.1.iter().all(|(key, value)| table.get(&Key(key)).is_some_and(|found| equal(value, found)))
    }
}

// The entries whose key came before, in order, each with the place of the first of this key: (first, again).
fn repeated(entries: &[(Value, Value)]) -> Vec<(usize, usize)> {
    if entries.len() <= COMPARED_MAX {
        let first = |again: usize| {
            entries[..again].iter().position(|(known, _)| Key(known) == Key(&entries[again].0))
        };
        return (1..entries.len()).filter_map(|again| Some((first(again)?, again))).collect();
    }
    let mut firsts: HashMap<Key<'_>, usize> = HashMap::with_capacity(entries.len());
    let mut repeated = Vec::new();
    for (place, (key, _)) in entries.iter().enumerate() {
        let first = *firsts.entry(Key(key)).or_insert(place);
        if first != place {
            repeated.push((first, place));
        }
    }
    repeated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decimal;

    fn numbered(keys: impl IntoIterator<Item = Value>) -> Vec<(Value, Value)> {
        keys.into_iter().enumerate().map(|(n, key)| (key, Value::Int64(n as i64))).collect()
    }

    #[test]
    fn maps_keep_order_and_compare_without_it() {
        let mut one = Map::new();
        one.insert(Value::string("a"), Value::Int8(1));
        one.insert(Value::string("b"), Value::Int8(2));
        one.insert(Value::string("a"), Value::Int8(3));
        assert_eq!(one.iter().map(|(_, v)| v.clone()).collect::<Vec<_>>(), [Value::Int8(3), Value::Int8(2)]);
        let mut two = Map::new();
        two.insert(Value::string("b"), Value::Int8(2));
        two.insert(Value::string("a"), Value::Int8(3));
        assert_eq!(one, two);
        two.insert(Value::string("a"), Value::Int8(4));
        assert_ne!(one, two);
    }

    #[test]
    fn entries_at_once_are_as_entries_in_turn() {
        for (count, different) in [(0, 1), (1, 1), (5, 2), (32, 31), (33, 32), (33, 33), (200, 7), (200, 150)]
        {
            let entries = numbered((0..count).map(|n| Value::string(format!("k{}", n * 31 % different))));
            let mut in_turn = Map::new();
            for (key, value) in entries.clone() {
                in_turn.insert(key, value);
            }
            assert_eq!(
                Map::from_entries(entries).into_entries(),
                in_turn.into_entries(),
                "{count} {different}"
            );
        }
    }

    // Comparing each key with each other would take hours.
    #[test]
    fn a_million_entries_end() {
        let count: i64 = 1_000_000;
        let map = Map::from_entries(numbered((0..count).map(Value::Int64)));
        assert_eq!(map.len(), 1_000_000);
        let backward = Map::from_distinct(map.clone().into_entries().into_iter().rev().collect());
        assert_eq!(map, backward);
        // Floats that are no numbers would all be found at one place of the table, each unlike itself.
        assert_eq!(Map::from_entries(numbered((0..count).map(|_| Value::Float64(f64::NAN)))).len(), 1);
    }

    #[test]
    fn keys_of_every_type_are_told_apart_as_java_tells_them() {
        let inner = |entries: &[(i8, f64)]| {
            let entries = entries.iter().map(|(key, value)| (Value::Int8(*key), Value::Float64(*value)));
            Value::Map(Map::from_entries(entries.collect()))
        };
        let schema =
            || crate::Schema::structure([("a", crate::Schema::required(crate::Kind::Float32))]).unwrap();
        let row = || Value::Struct(crate::Struct::new(schema(), vec![Value::Float32(f32::NAN)]).unwrap());
        let keys = vec![
            Value::Null,
            Value::Boolean(true),
            Value::Boolean(false),
            Value::Int8(1),
            Value::Int16(1),
            Value::Int32(1),
            Value::Int64(1),
            Value::Date(1),
            Value::Time(1),
            Value::Timestamp(1),
            Value::Float32(0.0),
            Value::Float32(-0.0),
            Value::Float64(0.0),
            Value::Float64(-0.0),
            Value::Float64(f64::NAN),
            Value::string("1"),
            Value::Bytes(crate::Bytes::from_static(b"1")),
            Value::Decimal(Decimal::from_i64(10, 1)),
            Value::Decimal(Decimal::from_i64(1, 0)),
            Value::Array(vec![Value::Float64(f64::NAN)]),
            Value::Array(vec![]),
            inner(&[(1, 1.0), (2, f64::NAN)]),
            inner(&[(1, 2.0), (2, f64::NAN)]),
            row(),
        ];
        let different = keys.len();
        let again = keys.iter().cloned().map(|key| match key {
            Value::Map(map) => Value::Map(Map::from_distinct(map.into_entries().into_iter().rev().collect())),
            Value::Struct(_) => row(),
            other => other,
        });
        let twice: Vec<Value> = keys.iter().cloned().chain(again).collect();
        let map = Map::from_entries(numbered(twice.clone()));
        assert_eq!(map.len(), different, "looked up: {map:?}");
        let mut in_turn = Map::new();
        for (key, value) in numbered(twice) {
            in_turn.insert(key, value);
        }
        assert_eq!(in_turn.len(), different, "compared: {in_turn:?}");
        assert!(in_turn.iter().zip(map.iter()).all(|(one, other)| one.1 == other.1));
    }
}
