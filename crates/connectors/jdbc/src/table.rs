//! Tables by name: as the database tells them, as configs write them, and shared out among tasks.

use std::fmt;

/// A table: its schema where the database has schemas, and its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TableId {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
}

impl TableId {
    pub(crate) fn new(schema: Option<&str>, name: &str) -> Self {
        Self { schema: schema.map(str::to_owned), name: name.to_owned() }
    }

    /// `schema.table`, unquoted: the name in offsets.
    pub(crate) fn full_name(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.name),
            None => self.name.clone(),
        }
    }

    /// `"schema"."table"`: the name in SQL and in task configs.
    pub(crate) fn quoted(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(&self.name)),
            None => quoted(&self.name),
        }
    }

    /// Whether an entry of a list names this table: by the bare name, the full name, or the quoted full name.
    pub(crate) fn is_named(&self, entry: &str) -> bool {
        entry == self.name
            || entry == self.full_name()
            || entry == self.quoted()
            || entry.replace('`', "\"") == self.quoted()
    }

    /// The table of a name in a task config; with three parts the first is a catalog, which PostgreSQL has only one of.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let parts = split_at('.', text);
        let parts: Vec<String> = parts.into_iter().map(unquoted).collect();
        match parts.as_slice() {
            [name] => Some(Self::new(None, name)),
            [schema, name] | [_, schema, name] => Some(Self::new(Some(schema), name)),
            _ => None,
        }
        .filter(|table| !table.name.is_empty())
    }
}

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full_name())
    }
}

/// An identifier in quotes, quotes within it doubled.
pub(crate) fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// The entries of a list of quoted names: commas within quotes separate nothing.
pub(crate) fn split_quoted(list: &str) -> Vec<String> {
    split_at(',', list)
        .into_iter()
        .map(|entry| entry.trim().to_owned())
        .filter(|entry| !entry.is_empty())
        .collect()
}

fn split_at(separator: char, text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut inside) = (0, None);
    for (at, c) in text.char_indices() {
        match (inside, c) {
            (Some(quote), _) if c == quote => inside = None,
            (None, '"' | '`') => inside = Some(c),
            (None, _) if c == separator => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn unquoted(part: &str) -> String {
    for quote in ['"', '`'] {
        if part.len() >= 2 && part.starts_with(quote) && part.ends_with(quote) {
            let inner = &part[1..part.len() - 1];
            return inner.replace(&format!("{quote}{quote}"), &quote.to_string());
        }
    }
    part.to_owned()
}

/// Shares items out: contiguous groups, the first ones take the remainder.
pub(crate) fn split<T: Clone>(items: &[T], groups: usize) -> Vec<Vec<T>> {
    let groups = groups.min(items.len());
    let mut rest = items;
    let mut out = Vec::with_capacity(groups);
    for group in 0..groups {
        let size = rest.len().div_ceil(groups - group);
        let (now, later) = rest.split_at(size);
        out.push(now.to_vec());
        rest = later;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_from_task_configs() {
        for table in [
            TableId::new(None, "orders"),
            TableId::new(Some("public"), "orders"),
            TableId::new(Some("we,ird"), "a.b\"c"),
            TableId::new(Some("x"), "Ünï \"\" code"),
        ] {
            let list = format!("{},{}", table.quoted(), table.quoted());
            let entries = split_quoted(&list);
            assert_eq!(entries.len(), 2, "{list}");
            assert_eq!(TableId::parse(&entries[1]), Some(table));
        }
        assert_eq!(TableId::parse("`a`.`b`"), Some(TableId::new(Some("a"), "b")));
        assert_eq!(TableId::parse("db.public.orders"), Some(TableId::new(Some("public"), "orders")));
        assert_eq!(TableId::parse(""), None);
        assert!(split_quoted("").is_empty());
    }

    #[test]
    fn lists_name_a_table_in_three_ways() {
        let table = TableId::new(Some("public"), "Orders");
        for entry in ["Orders", "public.Orders", "\"public\".\"Orders\"", "`public`.`Orders`"] {
            assert!(table.is_named(entry), "{entry}");
        }
        for entry in ["orders", "other.Orders", "\"Orders\""] {
            assert!(!table.is_named(entry), "{entry}");
        }
    }

    #[test]
    fn the_first_groups_take_the_remainder() {
        let sizes =
            |items: usize, groups| split(&vec![0; items], groups).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(7, 3), [3, 2, 2]);
        assert_eq!(sizes(2, 5), [1, 1]);
        assert_eq!(sizes(5, 1), [5]);
        assert!(sizes(0, 3).is_empty());
    }
}
