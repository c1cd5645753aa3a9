//! Looking at a database before reading it: which tables are copied, and which columns say what is new.

use std::collections::HashMap;

use api::{Error, Result};

use crate::config::{Settings, TableFilter};
use crate::database::{Column, Session};
use crate::statement::{Select, Source};
use crate::table::TableId;

/// The tables to copy, in the database's order.
pub(crate) async fn tables(session: &Session, settings: &Settings) -> Result<Vec<TableId>> {
    let all = session.tables(settings).await?;
    let unused = settings.filter.unused(&all);
    if !unused.is_empty() {
        tracing::warn!(tables = unused.join(", "), "table.whitelist names tables that are not there");
    }
    Ok(all.into_iter().filter(|table| settings.filter.takes(table)).collect())
}

/// Refuses tables that would share a topic: it is made of the bare name.
pub(crate) fn refuse_same_names(tables: &[TableId]) -> Result<()> {
    let mut seen: HashMap<&str, &TableId> = HashMap::new();
    for table in tables {
        if let Some(other) = seen.insert(&table.name, table) {
            return Err(Error::misconfigured(format!(
                "tables {other} and {table} have the same name, and would be written to the same topic"
            ))
            .hint("choose one with table.whitelist or schema.pattern, and make a connector for each"));
        }
    }
    Ok(())
}

/// Why there is nothing to copy.
pub(crate) fn no_tables(settings: &Settings) -> Error {
    let filter = match &settings.filter {
        TableFilter::All => "there are none".to_owned(),
        TableFilter::Whitelist(names) => format!("table.whitelist is {}", names.join(",")),
        TableFilter::Blacklist(names) => format!("table.blacklist is {}", names.join(",")),
        TableFilter::Patterns { .. } => {
            "none matches table.include.list without table.exclude.list".to_owned()
        }
    };
    Error::misconfigured(format!(
        "no table to copy: {filter}, table.types is {}",
        settings.table_types.join(",")
    ))
    .hint("check the names (upper and lower case differ), schema.pattern, table.types and the user's rights")
}

/// The select of a table or query, with columns looked up and checked.
pub(crate) async fn select(session: &Session, settings: &Settings, source: Source) -> Result<Select> {
    let table = match &source {
        Source::Table(table) => Some(table),
        Source::Query(_) => None,
    };
    let mut chosen = settings.columns.of(table, settings.mode).map_err(Error::misconfigured)?;
    if let (Some(table), true) = (table, settings.mode.has_id() || settings.mode.has_timestamp()) {
        let columns = session.columns(table, settings.quote).await?;
        if settings.mode.has_id() && chosen.incrementing.is_none() {
            chosen.incrementing = Some(detect(table, &columns)?);
        }
        let names = chosen.incrementing.iter().chain(&chosen.timestamps);
        for name in names.clone() {
            if column(&columns, name, settings.quote).is_none() {
                let there: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
                return Err(Error::misconfigured(format!(
                    "there is no column {name}, which mode {} needs",
                    settings.mode.text()
                ))
                .with("table", table)
                .hint(format!("the columns are {}", there.join(", "))));
            }
        }
        let nullable =
            |name: &String| column(&columns, name, settings.quote).is_some_and(|column| column.nullable);
        check_nulls(table, settings, chosen.incrementing.as_ref(), &chosen.timestamps, nullable)?;
    }
    Ok(Select {
        source,
        mode: settings.mode,
        id: chosen.incrementing,
        timestamps: chosen.timestamps,
        quote: settings.quote,
        qualify: settings.qualify,
        suffix: settings.suffix.clone(),
    })
}

fn column<'a>(columns: &'a [Column], name: &str, quote: bool) -> Option<&'a Column> {
    columns.iter().find(|column| match quote {
        true => column.name == name,
        false => column.name.eq_ignore_ascii_case(name),
    })
}

fn detect(table: &TableId, columns: &[Column]) -> Result<String> {
    let mut own = columns.iter().filter(|column| column.auto_increment);
    match (own.next(), own.next()) {
        (Some(column), None) => Ok(column.name.clone()),
        (first, _) => {
            let found = if first.is_none() {
                "has no auto-increment column"
            } else {
                "has several auto-increment columns"
            };
            Err(Error::misconfigured(format!("the table {found}"))
                .with("table", table)
                .hint("name the column in incrementing.column.name"))
        }
    }
}

fn check_nulls(
    table: &TableId,
    settings: &Settings,
    id: Option<&String>,
    timestamps: &[String],
    nullable: impl Fn(&String) -> bool,
) -> Result<()> {
    let bad_id = id.filter(|name| nullable(name));
    let bad_time = !timestamps.is_empty() && timestamps.iter().all(&nullable);
    if !settings.validate_non_null {
        if bad_id.is_some() || bad_time {
            tracing::warn!(%table, "columns that say what is new may be null; rows where they are null are never read");
        }
        return Ok(());
    }
    let what = match (bad_id, bad_time) {
        (Some(name), _) => format!("the incrementing column {name} may be null"),
        (None, true) if timestamps.len() == 1 => {
            format!("the timestamp column {} may be null", timestamps[0])
        }
        (None, true) => format!("all of the timestamp columns {} may be null", timestamps.join(", ")),
        (None, false) => return Ok(()),
    };
    Err(Error::misconfigured(format!("{what}: rows where it is null would never be read"))
        .with("table", table)
        .hint("make it NOT NULL, or set validate.non.null=false to leave such rows out"))
}
