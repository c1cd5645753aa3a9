//! Which tables are copied, and which of their columns say what is new.

use regex::Regex;

use crate::table::TableId;

/// Which of the tables found are copied.
#[derive(Debug, Clone)]
pub(crate) enum TableFilter {
    /// All.
    All,
    /// Those of these names.
    Whitelist(Vec<String>),
    /// All but those of these names.
    Blacklist(Vec<String>),
    /// Those whose full names match one of the first and none of the second.
    Patterns { include: Vec<Regex>, exclude: Vec<Regex> },
}

impl TableFilter {
    pub(crate) fn takes(&self, table: &TableId) -> bool {
        let listed = |names: &[String]| names.iter().any(|name| table.is_named(name));
        let matched =
            |patterns: &[Regex]| patterns.iter().any(|pattern| pattern.is_match(&table.full_name()));
        match self {
            TableFilter::All => true,
            TableFilter::Whitelist(names) => listed(names),
            TableFilter::Blacklist(names) => !listed(names),
            TableFilter::Patterns { include, exclude } => matched(include) && !matched(exclude),
        }
    }

    /// Entries of the whitelist that name none of these tables.
    pub(crate) fn unused<'a>(&'a self, tables: &[TableId]) -> Vec<&'a str> {
        let TableFilter::Whitelist(names) = self else { return Vec::new() };
        let unused = names.iter().filter(|name| !tables.iter().any(|table| table.is_named(name)));
        unused.map(String::as_str).collect()
    }
}

/// The columns that say what is new, by table.
#[derive(Debug, Clone)]
pub(crate) enum ColumnsOf {
    /// The same for every table; no incrementing column: the table's own.
    Every { incrementing: Option<String>, timestamps: Vec<String> },
    /// By the pattern that the full name matches.
    Mapped { incrementing: Vec<(Regex, String)>, timestamps: Vec<(Regex, Vec<String>)> },
}

/// The columns of one table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Columns {
    /// `None`: to be detected.
    pub(crate) incrementing: Option<String>,
    pub(crate) timestamps: Vec<String>,
}

impl ColumnsOf {
    /// The columns of a table; `None` as table is a query.
    ///
    /// # Errors
    /// The table matches no pattern, or several.
    pub(crate) fn of(&self, table: Option<&TableId>, mode: super::Mode) -> Result<Columns, String> {
        let found = match (self, table) {
            (ColumnsOf::Every { incrementing, timestamps }, _) => {
                Columns { incrementing: incrementing.clone(), timestamps: timestamps.clone() }
            }
            (ColumnsOf::Mapped { .. }, None) => Columns::default(),
            (ColumnsOf::Mapped { incrementing, timestamps }, Some(table)) => Columns {
                incrementing: match mode.has_id() {
                    true => Some(only(incrementing, table, "incrementing.column.mapping")?),
                    false => None,
                },
                timestamps: match mode.has_timestamp() {
                    true => only(timestamps, table, "timestamp.columns.mapping")?,
                    false => Vec::new(),
                },
            },
        };
        Ok(Columns {
            incrementing: found.incrementing.filter(|_| mode.has_id()),
            timestamps: if mode.has_timestamp() { found.timestamps } else { Vec::new() },
        })
    }
}

fn only<T: Clone>(mapping: &[(Regex, T)], table: &TableId, key: &str) -> Result<T, String> {
    let name = table.full_name();
    let mut matching = mapping.iter().filter(|(pattern, _)| pattern.is_match(&name));
    match (matching.next(), matching.next()) {
        (Some((_, columns)), None) => Ok(columns.clone()),
        (None, _) => {
            Err(format!("table {name} matches no pattern of {key}; each table must match exactly one"))
        }
        (Some((one, _)), Some((other, _))) => Err(format!(
            "table {name} matches more than one pattern of {key} ({one} and {other}); each must match exactly one"
        )),
    }
}

/// A pattern for whole names.
///
/// # Errors
/// Why the pattern cannot be read.
pub(crate) fn pattern(text: &str) -> Result<Regex, String> {
    Regex::new(&format!("^(?:{text})$")).map_err(|_| format!("{text} is not a regular expression"))
}

/// `regex:column`.
pub(crate) fn incrementing_entry(text: &str) -> Result<(Regex, String), String> {
    match text.rsplit_once(':') {
        Some((expression, column)) if !expression.is_empty() && !column.is_empty() => {
            Ok((pattern(expression)?, column.to_owned()))
        }
        _ => Err(format!("{text} is not of the form regex:column")),
    }
}

/// `regex:[column1|column2]`.
pub(crate) fn timestamp_entry(text: &str) -> Result<(Regex, Vec<String>), String> {
    let wrong = || format!("{text} is not of the form regex:[column1|column2]");
    let (expression, columns) = text.rsplit_once(':').ok_or_else(wrong)?;
    let columns =
        columns.strip_prefix('[').and_then(|columns| columns.strip_suffix(']')).ok_or_else(wrong)?;
    let columns: Vec<String> = columns.split('|').map(|column| column.trim().to_owned()).collect();
    if expression.is_empty() || columns.iter().any(String::is_empty) {
        return Err(wrong());
    }
    Ok((pattern(expression)?, columns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Mode;

    #[test]
    fn a_table_must_match_one_pattern() {
        let columns = ColumnsOf::Mapped {
            incrementing: vec![
                incrementing_entry(r"a\..*:id").unwrap(),
                incrementing_entry(".*b:nr").unwrap(),
            ],
            timestamps: vec![timestamp_entry(".*:[created | updated]").unwrap()],
        };
        let of = |schema: &str, name: &str, mode| columns.of(Some(&TableId::new(Some(schema), name)), mode);
        assert_eq!(of("a", "x", Mode::Incrementing).unwrap().incrementing.as_deref(), Some("id"));
        assert_eq!(of("c", "b", Mode::Timestamp).unwrap().timestamps, ["created", "updated"]);
        assert!(of("a", "b", Mode::Incrementing).unwrap_err().contains("more than one"));
        assert!(of("c", "d", Mode::TimestampIncrementing).unwrap_err().contains("no pattern"));
    }

    #[test]
    fn entries_have_a_form() {
        for text in ["x", ":c", "x:", "(:c"] {
            assert!(incrementing_entry(text).is_err(), "{text}");
        }
        for text in ["x", "x:c", "x:[]", "x:[a|]", ":[a]", "x:[a"] {
            assert!(timestamp_entry(text).is_err(), "{text}");
        }
    }

    #[test]
    fn patterns_match_whole_names() {
        let filter = TableFilter::Patterns {
            include: vec![pattern("public.o.*").unwrap()],
            exclude: vec![pattern(".*_old").unwrap()],
        };
        let takes = |name| filter.takes(&TableId::new(Some("public"), name));
        assert!(takes("orders") && !takes("orders_old") && !takes("xorders"));
    }
}
