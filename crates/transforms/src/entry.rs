//! Entries of maps by name: where one was in the last record it is in most.

use api::data::{Text, Value, shared_name};

/// A name, and where its entry was last. Records of one topic are made alike, so that one comparison finds it.
#[derive(Debug)]
pub(crate) struct Entry {
    name: Text,
    last: usize,
}

impl Entry {
    pub fn new(name: &str) -> Self {
        Self { name: shared_name(name), last: 0 }
    }

    pub fn name(&self) -> &Text {
        &self.name
    }

    /// Changes the entry's value; an entry that is not there comes last, changed from null.
    ///
    /// # Errors
    /// What the change says.
    pub fn change<E>(
        &mut self,
        entries: &mut Vec<(Value, Value)>,
        change: impl FnOnce(Value) -> Result<Value, E>,
    ) -> Result<(), E> {
        let is_it = |(name, _): &(Value, Value)| name.as_str() == Some(&*self.name);
        if !entries.get(self.last).is_some_and(is_it) {
            match entries.iter().position(is_it) {
                Some(position) => self.last = position,
                None => {
                    let value = change(Value::Null)?;
                    entries.push((Value::String(self.name.clone()), value));
                    return Ok(());
                }
            }
        }
        let value = &mut entries[self.last].1;
        *value = change(std::mem::take(value))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(names: &[&str]) -> Vec<(Value, Value)> {
        names.iter().zip(0..).map(|(name, at)| (Value::string(*name), Value::Int32(at))).collect()
    }

    #[test]
    fn an_entry_is_found_wherever_it_is() {
        let mut entry = Entry::new("b");
        let mut seen = Vec::new();
        for names in [&["a", "b"][..], &["a", "b", "c"], &["b", "a"], &["a"], &["a", "c", "b"]] {
            let mut entries = entries(names);
            let change = |value: Value| {
                seen.push(value);
                Ok::<_, ()>(Value::Boolean(true))
            };
            entry.change(&mut entries, change).unwrap();
            let changed = entries.iter().filter(|(_, value)| *value == Value::Boolean(true));
            assert_eq!(changed.map(|(name, _)| name.as_str().unwrap()).collect::<Vec<_>>(), ["b"]);
        }
        let number = Value::Int32;
        assert_eq!(seen, [number(1), number(1), number(0), Value::Null, number(2)]);
    }
}
