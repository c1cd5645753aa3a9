//! One pass over a table or query.

use std::error::Error as StdError;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use api::data::{SchemaRef, Value};
use api::{BoxFuture, Clock, Error, Result};
use bytes::BytesMut;
use futures::Stream;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Row, RowStream, Statement};

use super::decode::{self, Decoder};
use super::link::Link;
use super::{catalog, error};
use crate::config::Settings;
use crate::rows::{BadCell, Block, Chunk, Position, SchemaOfRows};
use crate::stamp::Stamp;
use crate::statement::{Bind, Select};
use crate::temporal::TimeForm;

/// Rows of a statement under way.
pub(crate) struct Pass {
    rows: Pin<Box<RowStream>>,
    link: Arc<Link>,
    layout: Layout,
    label: String,
    /// How long the server may be silent.
    silence: Option<Duration>,
    last_row: Option<Duration>,
}

/// Which columns are read, and how.
struct Layout {
    schema: SchemaRef,
    columns: Vec<Column>,
    id: Option<(usize, Decoder)>,
    stamps: Vec<(usize, bool)>,
    form: TimeForm,
}

struct Column {
    index: usize,
    decoder: Decoder,
    name: String,
}

impl Pass {
    pub(super) async fn start(
        client: &Client,
        link: &Arc<Link>,
        settings: &Settings,
        select: &Select,
        from: Position,
        end: Option<Stamp>,
    ) -> Result<Self> {
        let (sql, binds) = select.sql(|n| format!("${n}"));
        let label = select.source.label();
        let failed = |e| error::of(e, "the query failed").with("table", &label);
        // Ids are bound as 64 bits whatever the column's type; timestamps take the column's type.
        let types: Vec<Type> =
            binds.iter().map(|bind| if *bind == Bind::Id { Type::INT8 } else { Type::UNKNOWN }).collect();
        let statement = client.prepare_typed(&sql, &types).await.map_err(failed)?;
        let form = TimeForm {
            zone: settings.zone,
            granularity: settings.granularity,
            legacy_calendar: settings.legacy_calendar,
        };
        let layout = Layout::of(client, settings, select, &statement, form).await?;
        let id = from.id.unwrap_or(settings.incrementing_initial);
        let begin = from.stamp.unwrap_or(Stamp::EPOCH);
        let parameters: Vec<Parameter> = binds
            .iter()
            .map(|bind| match bind {
                Bind::Id => Parameter::Id(id),
                Bind::Begin => Parameter::Time(begin, form),
                Bind::End => Parameter::Time(end.unwrap_or(Stamp::EPOCH), form),
            })
            .collect();
        let rows = client.query_raw(&statement, &parameters).await.map_err(failed)?;
        let silence = match &settings.target {
            crate::config::Target::Postgres(parameters) => parameters.socket_timeout,
            _ => None,
        };
        Ok(Self { rows: Box::pin(rows), link: link.clone(), layout, label, silence, last_row: None })
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.layout.schema
    }

    /// Rows up to a limit, or those that came until the time is over.
    pub(crate) async fn chunk(&mut self, limit: usize, clock: &dyn Clock, until: Duration) -> Result<Chunk> {
        let mut block = Block::with_capacity(limit);
        let mut over: Option<BoxFuture<'static, ()>> = None;
        let link = self.link.borrow();
        while !block.is_full(limit) {
            let rows = &mut self.rows;
            let next = poll_fn(|context| {
                if let Poll::Ready(next) = rows.as_mut().poll_next(context) {
                    return Poll::Ready(Some(next));
                }
                link.turn(context);
                if let Poll::Ready(next) = rows.as_mut().poll_next(context) {
                    return Poll::Ready(Some(next));
                }
                // Most rows are there already: a timer is made only when one is not.
                let over = over.get_or_insert_with(|| clock.sleep(until.saturating_sub(clock.elapsed())));
                over.as_mut().poll(context).map(|()| None)
            });
            let Some(next) = next.await else {
                self.check_silence(block.len(), clock)?;
                return self.finish(block, false);
            };
            match next {
                Some(Ok(row)) => self.layout.decode(&row, &mut block, &self.label)?,
                Some(Err(e)) => return Err(error::of(e, "the query failed").with("table", &self.label)),
                None => return self.finish(block, true),
            }
        }
        self.last_row = None;
        self.finish(block, false)
    }

    fn finish(&self, block: Block, end: bool) -> Result<Chunk> {
        block.finish(end).map_err(|not_utf8| self.layout.not_utf8(not_utf8.column).into_error(&self.label))
    }

    // `socketTimeout`: the server has sent nothing for so long.
    fn check_silence(&mut self, rows: usize, clock: &dyn Clock) -> Result<()> {
        let Some(silence) = self.silence else { return Ok(()) };
        let now = clock.elapsed();
        if rows > 0 {
            self.last_row = None;
        }
        let since = *self.last_row.get_or_insert(now);
        match now.saturating_sub(since) >= silence {
            true => Err(Error::retry(format!(
                "the server sent nothing for {} s (socketTimeout)",
                silence.as_secs()
            ))
            .with("table", &self.label)),
            false => Ok(()),
        }
    }
}

impl Layout {
    async fn of(
        client: &Client,
        settings: &Settings,
        select: &Select,
        statement: &Statement,
        form: TimeForm,
    ) -> Result<Self> {
        let label = select.source.label();
        let mut tables: Vec<u32> =
            statement.columns().iter().filter_map(|column| column.table_oid()).collect();
        tables.sort_unstable();
        tables.dedup();
        let not_null = catalog::not_null(client, tables).await?;
        let mut schema = SchemaOfRows::new(select.source.schema_name());
        let mut columns = Vec::new();
        let mut left_out = Vec::new();
        for (index, column) in statement.columns().iter().enumerate() {
            let source = column.table_oid().zip(column.column_id());
            let optional = source.is_none_or(|source| !not_null.contains(&source));
            match Decoder::of(column.type_(), column.type_modifier(), optional, settings, &form) {
                Some((decoder, field)) => {
                    schema.add(column.name(), field);
                    columns.push(Column { index, decoder, name: column.name().to_owned() });
                }
                None => left_out.push(format!("{} ({})", column.name(), column.type_().name())),
            }
        }
        if !left_out.is_empty() {
            tracing::warn!(table = label, columns = left_out.join(", "), "columns left out: no Connect type");
        }
        let find = |name: &str| {
            let folded = name.to_lowercase();
            let name = if select.quote { name } else { folded.as_str() };
            let found = statement.columns().iter().enumerate().find(|(_, column)| column.name() == name);
            found.map(|(index, column)| (index, column.type_().clone())).ok_or_else(|| {
                let there: Vec<&str> = statement.columns().iter().map(|column| column.name()).collect();
                Error::misconfigured(format!(
                    "there is no column {name}, which mode {} needs",
                    select.mode.text()
                ))
                .with("table", &label)
                .hint(format!("the columns are {}", there.join(", ")))
            })
        };
        let mut id = None;
        if let Some(name) = &select.id {
            let (index, column_type) = find(name)?;
            let decoder = match column_type {
                Type::INT2 => Decoder::Int16,
                Type::INT4 => Decoder::Int32,
                Type::INT8 => Decoder::Int64,
                Type::OID => Decoder::Oid,
                Type::NUMERIC => Decoder::Numeric(crate::numeric::NumericForm::Int64),
                other => return Err(wrong_type(&label, name, &other, "an integer")),
            };
            id = Some((index, decoder));
        }
        let mut stamps = Vec::new();
        for name in &select.timestamps {
            let (index, column_type) = find(name)?;
            match column_type {
                Type::TIMESTAMP => stamps.push((index, false)),
                Type::TIMESTAMPTZ => stamps.push((index, true)),
                other => return Err(wrong_type(&label, name, &other, "timestamp or timestamptz")),
            }
        }
        let schema = schema.build().map_err(|error| error.with("table", &label))?;
        Ok(Self { schema, columns, id, stamps, form })
    }

    #[inline]
    fn decode(&self, row: &Row, block: &mut Block, label: &str) -> Result<()> {
        let mut values = Vec::with_capacity(self.columns.len());
        for (at, column) in self.columns.iter().enumerate() {
            let value = match cell(row, column.index)? {
                None => Value::Null,
                Some(raw) => column
                    .decoder
                    .value(raw, at, &self.form, block)
                    .map_err(|why| BadCell { column: column.name.clone(), why }.into_error(label))?,
            };
            values.push(value);
        }
        let position = self.position(row, label)?;
        block.push(values, position).map_err(|not_utf8| self.not_utf8(not_utf8.column).into_error(label))
    }

    #[inline]
    fn position(&self, row: &Row, label: &str) -> Result<Position> {
        let mut position = Position::default();
        let bad = |index: usize, why: String| {
            let column = row.columns().get(index).map_or("", |column| column.name()).to_owned();
            BadCell { column, why }.into_error(label)
        };
        if let Some((index, decoder)) = self.id {
            let Some(raw) = cell(row, index)? else {
                return Err(bad(index, "the incrementing column is null".to_owned()));
            };
            position.id = Some(decode::position_id(decoder, raw).map_err(|why| bad(index, why))?);
        }
        for (index, zoned) in &self.stamps {
            if let Some(raw) = cell(row, *index)? {
                let stamp =
                    decode::position_stamp(raw, *zoned, &self.form).map_err(|why| bad(*index, why))?;
                position.stamp = Some(stamp);
                break;
            }
        }
        Ok(position)
    }

    fn not_utf8(&self, column: usize) -> BadCell {
        let column = self.columns.get(column).map_or(String::new(), |column| column.name.clone());
        BadCell { column, why: "the text is not UTF-8 (in this row or one of the 63 around it)".to_owned() }
    }
}

fn wrong_type(table: &str, column: &str, found: &Type, wanted: &str) -> Error {
    Error::misconfigured(format!("the column's type is {}, where {wanted} is needed", found.name()))
        .with("table", table)
        .with("column", column)
        .hint("choose another column, or read through a query that casts it")
}

/// A cell as it came.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    #[inline]
    fn from_sql(_: &Type, raw: &'a [u8]) -> std::result::Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(raw))
    }

    #[inline]
    fn accepts(_: &Type) -> bool {
        true
    }
}

#[inline]
fn cell(row: &Row, index: usize) -> Result<Option<&[u8]>> {
    match row.try_get::<_, Option<Raw<'_>>>(index) {
        Ok(cell) => Ok(cell.map(|raw| raw.0)),
        Err(e) => Err(error::of(e, "the server's answer cannot be read")),
    }
}

/// What is bound.
#[derive(Debug)]
enum Parameter {
    Id(i64),
    Time(Stamp, TimeForm),
}

impl ToSql for Parameter {
    fn to_sql(
        &self,
        column_type: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn StdError + Sync + Send>> {
        let micros = match (self, column_type) {
            (Parameter::Id(id), _) => *id,
            (Parameter::Time(stamp, form), &Type::TIMESTAMP) => {
                let wall = Stamp { seconds: form.zone.to_wall(stamp.seconds), ..*stamp };
                decode::server_micros(wall).ok_or("the timestamp lies beyond the server's range")?
            }
            (Parameter::Time(stamp, _), _) => {
                decode::server_micros(*stamp).ok_or("the timestamp lies beyond the server's range")?
            }
        };
        out.extend_from_slice(&micros.to_be_bytes());
        Ok(IsNull::No)
    }

    fn accepts(column_type: &Type) -> bool {
        matches!(*column_type, Type::INT8 | Type::TIMESTAMP | Type::TIMESTAMPTZ)
    }

    to_sql_checked!();
}
