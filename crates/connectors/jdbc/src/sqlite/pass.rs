//! One pass over a table or query.

use std::time::Duration;

use api::data::SchemaRef;
use api::{Clock, Error, Result};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Statement};
use tokio::sync::{mpsc, oneshot};

use super::decode::{self, Decoder};
use super::{Session, columns, failed};
use crate::config::Settings;
use crate::rows::{BadCell, Block, Chunk, Position, SchemaOfRows};
use crate::stamp::Stamp;
use crate::statement::{Bind, Select, Source};
use crate::temporal::TimeForm;

/// Rows on their way from the thread.
pub(crate) struct Pass {
    schema: SchemaRef,
    chunks: mpsc::Receiver<Result<Chunk>>,
}

/// Which columns are read, and how.
struct Layout {
    schema: SchemaRef,
    columns: Vec<(String, Decoder)>,
    id: Option<usize>,
    stamps: Vec<usize>,
    /// Where the row's number is, for error texts.
    row_id: Option<usize>,
    form: TimeForm,
    label: String,
}

impl Pass {
    pub(super) async fn start(
        session: &Session,
        settings: &Settings,
        select: &Select,
        from: Position,
        end: Option<Stamp>,
    ) -> Result<Self> {
        let rows = settings.batch_rows.min(settings.buffer_rows).max(1);
        let (chunks, receiver) = mpsc::channel((settings.buffer_rows / rows).clamp(1, 64));
        let (started, start) = oneshot::channel();
        let run = Run { settings: settings.clone(), select: select.clone(), from, end, rows };
        let job = Box::new(move |connection: &Connection| {
            let mut started = Some(started);
            let outcome = run.run(connection, &chunks, |schema| {
                if let Some(started) = started.take() {
                    let _ = started.send(Ok(schema)); // nobody waits any more: the channel is closed too
                }
            });
            if let Err(error) = outcome {
                match started.take() {
                    Some(started) => drop(started.send(Err(error))),
                    None => drop(chunks.blocking_send(Err(error))),
                }
            }
        });
        let gone = || Error::retry("the thread that reads the file has ended");
        session.jobs.send(job).await.map_err(|_| gone())?;
        let schema = start.await.map_err(|_| gone())??;
        Ok(Self { schema, chunks: receiver })
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The next rows, or none when the time is over before they came.
    pub(crate) async fn chunk(&mut self, clock: &dyn Clock, until: Duration) -> Result<Chunk> {
        if let Ok(chunk) = self.chunks.try_recv() {
            return chunk;
        }
        let over = clock.sleep(until.saturating_sub(clock.elapsed()));
        match futures::future::select(Box::pin(self.chunks.recv()), over).await {
            futures::future::Either::Left((Some(chunk), _)) => chunk,
            futures::future::Either::Left((None, _)) => {
                Err(Error::retry("the thread that reads the file has ended"))
            }
            futures::future::Either::Right(_) => Ok(Chunk::default()),
        }
    }
}

struct Run {
    settings: Settings,
    select: Select,
    from: Position,
    end: Option<Stamp>,
    rows: usize,
}

impl Run {
    fn run(
        &self,
        connection: &Connection,
        chunks: &mpsc::Sender<Result<Chunk>>,
        started: impl FnOnce(SchemaRef),
    ) -> Result<()> {
        let label = self.select.source.label();
        let failed = |e| failed(e, "the query failed").with("table", &label);
        self.refuse_text_times(connection)?;
        let (mut statement, binds, row_id) = self.prepare(connection)?;
        let layout = Layout::of(connection, &self.settings, &self.select, &statement, row_id)?;
        for (at, bind) in binds.iter().enumerate() {
            let value = match bind {
                Bind::Id => self.from.id.unwrap_or(self.settings.incrementing_initial),
                Bind::Begin => self.from.stamp.unwrap_or(Stamp::EPOCH).to_ms(),
                Bind::End => self.end.unwrap_or(Stamp::EPOCH).to_ms(),
            };
            statement.raw_bind_parameter(at + 1, value).map_err(failed)?;
        }
        started(layout.schema.clone());
        let mut rows = statement.raw_query();
        let mut block = Block::with_capacity(self.rows);
        while let Some(row) = rows.next().map_err(failed)? {
            layout.decode(row, &mut block)?;
            if block.is_full(self.rows) {
                let full = std::mem::replace(&mut block, Block::with_capacity(self.rows));
                let chunk = full.finish(false).map_err(|bad| layout.not_utf8(bad.column))?;
                if chunks.blocking_send(Ok(chunk)).is_err() {
                    return Ok(()); // the pass was dropped
                }
            }
        }
        let chunk = block.finish(true).map_err(|bad| layout.not_utf8(bad.column))?;
        let _ = chunks.blocking_send(Ok(chunk)); // the pass was dropped
        Ok(())
    }

    // With the row's number as a last column, where there is one.
    fn prepare<'a>(&self, connection: &'a Connection) -> Result<(Statement<'a>, Vec<Bind>, bool)> {
        let (sql, binds) = self.select.sql(|n| format!("?{n}"));
        if let Source::Table(table) = &self.select.source {
            let name = self.select.table(table);
            let with_row = sql.replacen("SELECT *", &format!("SELECT *, {name}.rowid"), 1);
            if let Ok(statement) = connection.prepare(&with_row) {
                return Ok((statement, binds, true));
            }
        }
        let label = self.select.source.label();
        let statement =
            connection.prepare(&sql).map_err(|e| failed(e, "the query failed").with("table", label))?;
        Ok((statement, binds, false))
    }

    // Text is greater than every number in SQLite: bounds would silently leave such rows out.
    fn refuse_text_times(&self, connection: &Connection) -> Result<()> {
        if !self.select.mode.has_timestamp() {
            return Ok(());
        }
        let time = self.select.timestamp();
        let sql = match &self.select.source {
            Source::Table(table) => {
                format!("SELECT 1 FROM {} WHERE {time} >= '' LIMIT 1", self.select.table(table))
            }
            Source::Query(query) => {
                format!("{} WHERE {time} >= '' LIMIT 1", query.expose().trim_end().trim_end_matches(';'))
            }
        };
        let label = self.select.source.label();
        let text = connection
            .prepare(&sql)
            .and_then(|mut statement| statement.exists([]))
            .map_err(|e| failed(e, "the query failed").with("table", &label))?;
        match text {
            false => Ok(()),
            true => Err(Error::fatal(
                "the timestamp column holds text, which SQLite does not compare with a time; rows would be missed",
            )
            .with("table", label)
            .with("column", self.select.timestamps.join(","))
            .hint(
                "keep milliseconds since the epoch in it, or read a query with \
                 CAST(unixepoch(column, 'subsec') * 1000 AS INTEGER)",
            )),
        }
    }
}

impl Layout {
    fn of(
        connection: &Connection,
        settings: &Settings,
        select: &Select,
        statement: &Statement<'_>,
        row_id: bool,
    ) -> Result<Self> {
        let label = select.source.label();
        let form = TimeForm {
            zone: settings.zone,
            granularity: settings.granularity,
            legacy_calendar: settings.legacy_calendar,
        };
        let known = match &select.source {
            Source::Table(table) => columns(connection, table)?,
            Source::Query(_) => Vec::new(),
        };
        let found: Vec<(String, Option<String>)> = statement
            .columns()
            .map(|column| (column.name().to_owned(), column.decl_type().map(str::to_owned)))
            .collect();
        let count = found.len() - usize::from(row_id);
        let mut schema = SchemaOfRows::new(select.source.schema_name());
        let mut columns = Vec::new();
        for (name, declared) in &found[..count] {
            let optional =
                known.iter().find(|column| column.name == *name).is_none_or(|column| column.nullable);
            // An expression declares nothing; one that stands for a position says by that what it is.
            let declared = match declared.as_deref() {
                None if select.id.as_ref() == Some(name) => Some("INTEGER"),
                None if select.timestamps.contains(name) => Some("TIMESTAMP"),
                declared => declared,
            };
            let (decoder, field) = Decoder::of(declared, optional, settings, &form);
            schema.add(name, field);
            columns.push((name.clone(), decoder));
        }
        let find = |wanted: &str| {
            let position = columns.iter().position(|(name, _)| match select.quote {
                true => name == wanted,
                false => name.eq_ignore_ascii_case(wanted),
            });
            position.ok_or_else(|| {
                let there: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
                Error::misconfigured(format!(
                    "there is no column {wanted}, which mode {} needs",
                    select.mode.text()
                ))
                .with("table", &label)
                .hint(format!("the columns are {}", there.join(", ")))
            })
        };
        let id = select.id.as_deref().map(find).transpose()?;
        let stamps = select.timestamps.iter().map(|name| find(name)).collect::<Result<_>>()?;
        let schema = schema.build().map_err(|error| error.with("table", &label))?;
        let row_id = row_id.then_some(count);
        Ok(Self { schema, columns, id, stamps, row_id, form, label })
    }

    fn decode(&self, row: &Row<'_>, block: &mut Block) -> Result<()> {
        let cell = |index: usize| row.get_ref(index).map_err(|e| failed(e, "the row cannot be read"));
        let mut values = Vec::with_capacity(self.columns.len());
        for (at, (_, decoder)) in self.columns.iter().enumerate() {
            let value = decoder.value(cell(at)?, at, &self.form, block);
            values.push(value.map_err(|why| self.bad(row, at, why))?);
        }
        let mut position = Position::default();
        if let Some(at) = self.id {
            position.id = Some(decode::position_id(cell(at)?).map_err(|why| self.bad(row, at, why))?);
        }
        for at in &self.stamps {
            position.stamp = decode::position_stamp(cell(*at)?).map_err(|why| self.bad(row, *at, why))?;
            if position.stamp.is_some() {
                break;
            }
        }
        block.push(values, position).map_err(|bad| self.not_utf8(bad.column))
    }

    fn bad(&self, row: &Row<'_>, column: usize, why: String) -> Error {
        let error = BadCell { column: self.columns[column].0.clone(), why }.into_error(&self.label);
        match self.row_id.map(|at| row.get_ref(at)) {
            Some(Ok(ValueRef::Integer(id))) => error.with("rowid", id),
            _ => error,
        }
    }

    fn not_utf8(&self, column: usize) -> Error {
        let column = self.columns.get(column).map_or(String::new(), |(name, _)| name.clone());
        BadCell { column, why: "the text is not UTF-8 (in this row or one of the 63 around it)".to_owned() }
            .into_error(&self.label)
    }
}
