//! The SQL of a pass.

use api::config::Secret;

use crate::config::Mode;
use crate::table::{TableId, quoted};

/// What is read.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// A whole table.
    Table(TableId),
    /// The result of a query.
    Query(Secret),
}

impl Source {
    /// For texts: the table's full name, or "query".
    pub(crate) fn label(&self) -> String {
        match self {
            Source::Table(table) => table.full_name(),
            Source::Query(_) => "query".to_owned(),
        }
    }

    /// The name of the row schema.
    pub(crate) fn schema_name(&self) -> Option<&str> {
        match self {
            Source::Table(table) => Some(&table.name),
            Source::Query(_) => None,
        }
    }
}

/// What is bound to a place in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bind {
    /// The last timestamp handed out.
    Begin,
    /// The upper bound.
    End,
    /// The last id handed out.
    Id,
}

/// A select of what is new.
#[derive(Debug, Clone)]
pub(crate) struct Select {
    pub(crate) source: Source,
    pub(crate) mode: Mode,
    /// The incrementing column, in modes with an id.
    pub(crate) id: Option<String>,
    /// The timestamp columns, in modes with a timestamp.
    pub(crate) timestamps: Vec<String>,
    pub(crate) quote: bool,
    pub(crate) qualify: bool,
    pub(crate) suffix: String,
}

impl Select {
    /// The table as SQL names it.
    pub(crate) fn table(&self, table: &TableId) -> String {
        match (self.quote, self.qualify) {
            (true, true) => table.quoted(),
            (true, false) => quoted(&table.name),
            (false, true) => table.full_name(),
            (false, false) => table.name.clone(),
        }
    }

    /// A column as SQL names it: with its table, or bare in a query.
    pub(crate) fn column(&self, name: &str) -> String {
        let column = if self.quote { quoted(name) } else { name.to_owned() };
        match &self.source {
            Source::Table(table) => format!("{}.{column}", self.table(table)),
            Source::Query(_) => column,
        }
    }

    /// The expression of a row's timestamp.
    pub(crate) fn timestamp(&self) -> String {
        let columns: Vec<String> = self.timestamps.iter().map(|name| self.column(name)).collect();
        match columns.as_slice() {
            [one] => one.clone(),
            several => format!("COALESCE({})", several.join(",")),
        }
    }

    /// A statement that finds a row which no pass ever reads, because a column that says what is new is null, and these
    /// columns. Of queries only: the columns of tables are checked before they are read.
    pub(crate) fn never_read(&self) -> Option<(String, String)> {
        let Source::Query(query) = &self.source else { return None };
        let id = self.id.as_deref().filter(|_| self.mode.has_id());
        let times = Some(&self.timestamps).filter(|columns| self.mode.has_timestamp() && !columns.is_empty());
        let conditions: Vec<String> = id
            .map(|name| format!("{} IS NULL", self.column(name)))
            .into_iter()
            .chain(times.map(|_| format!("{} IS NULL", self.timestamp())))
            .collect();
        if conditions.is_empty() {
            return None;
        }
        let names: Vec<&str> =
            id.into_iter().chain(times.into_iter().flatten().map(String::as_str)).collect();
        let query = query.expose().trim_end().trim_end_matches(';');
        Some((format!("{query} WHERE {} LIMIT 1", conditions.join(" OR ")), names.join(", ")))
    }

    /// The statement, and what is bound to its places, in order. `place` writes the n-th place, from 1.
    pub(crate) fn sql(&self, place: impl Fn(usize) -> String) -> (String, Vec<Bind>) {
        let mut sql = match &self.source {
            Source::Table(table) => format!("SELECT * FROM {}", self.table(table)),
            Source::Query(query) => query.expose().trim_end().trim_end_matches(';').to_owned(),
        };
        let id = self.id.as_deref().map(|name| self.column(name)).unwrap_or_default();
        let mut binds = Vec::new();
        match self.mode {
            Mode::Bulk => {}
            Mode::Incrementing => {
                sql.push_str(&format!(" WHERE {id} > {} ORDER BY {id} ASC", place(1)));
                binds.push(Bind::Id);
            }
            Mode::Timestamp => {
                let time = self.timestamp();
                sql.push_str(&format!(
                    " WHERE {time} > {} AND {time} < {} ORDER BY {time} ASC",
                    place(1),
                    place(2)
                ));
                binds.extend([Bind::Begin, Bind::End]);
            }
            Mode::TimestampIncrementing => {
                let time = self.timestamp();
                sql.push_str(&format!(
                    " WHERE {time} < {} AND (({time} = {} AND {id} > {}) OR {time} > {}) ORDER BY {time},{id} ASC",
                    place(1),
                    place(2),
                    place(3),
                    place(4)
                ));
                binds.extend([Bind::End, Bind::Begin, Bind::Id, Bind::Begin]);
            }
        }
        if !self.suffix.is_empty() {
            sql.push(' ');
            sql.push_str(&self.suffix);
        }
        (sql, binds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(mode: Mode, source: Source, quote: bool) -> Select {
        Select {
            source,
            mode,
            id: Some("id".to_owned()),
            timestamps: vec!["a".to_owned(), "B".to_owned()],
            quote,
            qualify: true,
            suffix: String::new(),
        }
    }

    fn check(select: &Select, expected: &str, binds: &[Bind]) {
        let (sql, found) = select.sql(|n| format!("${n}"));
        assert_eq!((sql.as_str(), found.as_slice()), (expected, binds));
    }

    #[test]
    fn statements_of_tables() {
        let table = || Source::Table(TableId::new(Some("s"), "T"));
        check(&select(Mode::Bulk, table(), true), r#"SELECT * FROM "s"."T""#, &[]);
        check(
            &select(Mode::Incrementing, table(), true),
            r#"SELECT * FROM "s"."T" WHERE "s"."T"."id" > $1 ORDER BY "s"."T"."id" ASC"#,
            &[Bind::Id],
        );
        check(
            &select(Mode::Timestamp, table(), false),
            "SELECT * FROM s.T WHERE COALESCE(s.T.a,s.T.B) > $1 AND COALESCE(s.T.a,s.T.B) < $2 \
             ORDER BY COALESCE(s.T.a,s.T.B) ASC",
            &[Bind::Begin, Bind::End],
        );
    }

    #[test]
    fn rows_that_no_pass_reads() {
        let query = || Source::Query(Secret::new("SELECT x FROM y; "));
        let check = |mode, expected: Option<(&str, &str)>| {
            let found = select(mode, query(), true).never_read();
            assert_eq!(found, expected.map(|(sql, names)| (sql.to_owned(), names.to_owned())));
        };
        check(Mode::Bulk, None);
        check(Mode::Incrementing, Some((r#"SELECT x FROM y WHERE "id" IS NULL LIMIT 1"#, "id")));
        check(
            Mode::TimestampIncrementing,
            Some((r#"SELECT x FROM y WHERE "id" IS NULL OR COALESCE("a","B") IS NULL LIMIT 1"#, "id, a, B")),
        );
        let table = Source::Table(TableId::new(None, "T"));
        assert_eq!(select(Mode::Incrementing, table, true).never_read(), None);
    }

    #[test]
    fn statements_of_queries() {
        let query = Source::Query(Secret::new("SELECT x FROM y; "));
        let mut select = select(Mode::TimestampIncrementing, query, true);
        select.timestamps.truncate(1);
        select.suffix = "LIMIT 5".to_owned();
        check(
            &select,
            r#"SELECT x FROM y WHERE "a" < $1 AND (("a" = $2 AND "id" > $3) OR "a" > $4) ORDER BY "a","id" ASC LIMIT 5"#,
            &[Bind::End, Bind::Begin, Bind::Id, Bind::Begin],
        );
    }
}
