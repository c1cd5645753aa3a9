//! What the server knows of its tables.

use api::Result;
use tokio_postgres::Client;

use super::error;
use crate::config::Settings;
use crate::database::Column;
use crate::table::TableId;

// In the order of the JDBC driver's answer: type, schema, name.
const TABLES: &str = "
    SELECT kind, nspname, relname FROM (
        SELECT CASE
                 WHEN n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'p') THEN 'SYSTEM TABLE'
                 WHEN n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind = 'v' THEN 'SYSTEM VIEW'
                 WHEN n.nspname LIKE 'pg\\_temp\\_%' AND c.relkind = 'r' THEN 'TEMPORARY TABLE'
                 WHEN c.relkind = 'r' THEN 'TABLE'
                 WHEN c.relkind = 'p' THEN 'PARTITIONED TABLE'
                 WHEN c.relkind = 'v' THEN 'VIEW'
                 WHEN c.relkind = 'm' THEN 'MATERIALIZED VIEW'
                 WHEN c.relkind = 'f' THEN 'FOREIGN TABLE'
               END AS kind, n.nspname::text, c.relname::text
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg\\_toast%'
          AND ($2::text IS NULL OR $2 = '' OR $2 = current_database())
          AND ($3::text IS NULL OR $3 = '' OR n.nspname LIKE $3)
    ) AS found
    WHERE kind = ANY($1) ORDER BY kind, nspname, relname";

/// Tables of the wanted types.
pub(super) async fn tables(client: &Client, settings: &Settings) -> Result<Vec<TableId>> {
    let types: Vec<&str> = settings.table_types.iter().map(String::as_str).collect();
    let rows = client
        .query(TABLES, &[&types, &settings.catalog_pattern, &settings.schema_pattern])
        .await
        .map_err(|e| error::of(e, "cannot list the tables"))?;
    let tables = rows.iter().map(|row| {
        let (schema, name): (String, String) = (row.try_get(1)?, row.try_get(2)?);
        Ok(TableId::new(Some(&schema), &name))
    });
    tables.collect::<std::result::Result<_, _>>().map_err(|e| error::of(e, "cannot list the tables"))
}

const COLUMNS: &str = "
    SELECT a.attname::text, NOT a.attnotnull,
           a.attidentity <> '' OR COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') LIKE 'nextval(%'
    FROM pg_catalog.pg_attribute a
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

/// The columns of a table.
pub(super) async fn columns(client: &Client, table: &TableId, quote: bool) -> Result<Vec<Column>> {
    let name = if quote { table.quoted() } else { table.full_name() };
    let what = "cannot look at the table";
    let rows = client.query(COLUMNS, &[&name]).await.map_err(|e| error::of(e, what).with("table", table))?;
    let columns = rows.iter().map(|row| {
        Ok(Column { name: row.try_get(0)?, nullable: row.try_get(1)?, auto_increment: row.try_get(2)? })
    });
    columns.collect::<std::result::Result<_, _>>().map_err(|e| error::of(e, what).with("table", table))
}

/// Which columns of base tables are NOT NULL, by table and number.
pub(super) async fn not_null(client: &Client, tables: Vec<u32>) -> Result<Vec<(u32, i16)>> {
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT attrelid, attnum FROM pg_catalog.pg_attribute \
               WHERE attrelid = ANY($1) AND attnotnull AND attnum > 0";
    let rows = client.query(sql, &[&tables]).await;
    let pairs = rows.and_then(|rows| rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect());
    pairs.map_err(|e| error::of(e, "cannot look at the columns"))
}
