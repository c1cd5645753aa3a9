//! The task: runs the queries of its tables in turn, and makes records of their rows.

use std::sync::Arc;
use std::time::Duration;

use api::data::{Datum, OffsetMap, Record, SchemaRef, SourceRecord, Struct, Topic, Value};
use api::{BoxFuture, Error, OffsetReader, Result, SourceBatch, SourceContext, SourceTask};

use crate::choose;
use crate::config::{InitialTimestamp, Keys, Settings, TaskConfig};
use crate::database::{Pass, Session};
use crate::lend::Lent;
use crate::offset::{self, OffsetNames};
use crate::order::Order;
use crate::rows::Position;
use crate::statement::{Select, Source};
use crate::table::TableId;

/// Reads tables, or a query.
pub struct JdbcTask<K> {
    settings: Arc<Settings>,
    lent: Lent,
    queries: Vec<Query>,
    session: Option<Session>,
    work: Work,
    keys: std::marker::PhantomData<fn() -> K>,
}

/// One table or query, and where it stands.
struct Query {
    select: Arc<Select>,
    topic: Topic,
    partition: Arc<OffsetMap>,
    /// What was handed out last.
    position: Position,
    /// When it is due, in time of [`api::Clock::elapsed`].
    due: Duration,
    /// Failed runs in a row.
    failures: u32,
    /// Whether it was looked for rows that no pass reads.
    looked_for_nulls: bool,
}

/// What is under way.
enum Work {
    Nothing,
    Connecting(BoxFuture<'static, Result<Session>>),
    Starting(usize, BoxFuture<'static, Result<Pass>>),
    Reading(usize, Box<Reading>),
    /// Looking for rows that no pass reads.
    LookingForNulls(usize, BoxFuture<'static, Result<bool>>),
}

struct Reading {
    pass: Pass,
    order: Order,
    /// Nothing has come yet.
    is_empty: bool,
}

impl<K: Keys> SourceTask for JdbcTask<K> {
    type Config = TaskConfig<K>;

    async fn start(config: TaskConfig<K>, context: SourceContext) -> Result<Self> {
        let settings = config.settings;
        let lent = Lent { clock: context.clock, spawner: context.spawner };
        let sources = match &settings.query {
            Some(query) => vec![Source::Query(query.clone())],
            None => tables(&config.tables)?.into_iter().map(Source::Table).collect(),
        };
        let mut task = Self {
            settings: settings.clone(),
            lent,
            queries: Vec::new(),
            session: None,
            work: Work::Nothing,
            keys: std::marker::PhantomData,
        };
        if sources.is_empty() {
            // The list of tables was not there in time: the connector makes other tasks when it is.
            if config.fetched {
                return Err(choose::no_tables(&settings));
            }
            // The list is late because it is long, or because nobody answers: then the status says so, at once.
            drop(Session::open(&settings, &task.lent).await?);
            return Ok(task);
        }
        let session = Session::open_patiently(&settings, &task.lent).await?;
        for source in sources {
            let topic = match &source {
                Source::Table(table) => format!("{}{}", settings.topic_prefix, table.name),
                Source::Query(_) => settings.topic_prefix.clone(),
            };
            let partition = Arc::new(offset::partition(&source, settings.mode));
            let position = first_position(&source, &settings, &session, context.offsets.as_ref()).await?;
            let select = Arc::new(choose::select(&session, &settings, source).await?);
            task.queries.push(Query {
                select,
                topic: topic.into(),
                partition,
                position,
                due: Duration::ZERO,
                failures: 0,
                looked_for_nulls: false,
            });
        }
        task.session = Some(session);
        Ok(task)
    }

    async fn poll(&mut self, max_wait: Duration) -> Result<SourceBatch> {
        let clock = self.lent.clock.clone();
        let until = clock.elapsed() + max_wait.min(self.settings.linger.max(Duration::from_millis(1)));
        loop {
            match &mut self.work {
                Work::Nothing if self.session.as_ref().is_none_or(Session::is_closed) => {
                    if self.queries.is_empty() {
                        clock.sleep(until.saturating_sub(clock.elapsed())).await;
                        return Ok(SourceBatch::empty());
                    }
                    let (settings, lent) = (self.settings.clone(), self.lent.clone());
                    self.session = None;
                    self.work =
                        Work::Connecting(Box::pin(
                            async move { Session::open_patiently(&settings, &lent).await },
                        ));
                }
                Work::Nothing => match self.next_due() {
                    Some(query) if self.queries[query].due <= clock.elapsed() => self.begin(query)?,
                    next => {
                        let due = next.map_or(until, |query| self.queries[query].due);
                        clock.sleep(due.min(until).saturating_sub(clock.elapsed())).await;
                        if clock.elapsed() >= until || due > until {
                            return Ok(SourceBatch::empty());
                        }
                    }
                },
                Work::Connecting(connecting) => match within(connecting, &self.lent, until).await {
                    None => return Ok(SourceBatch::empty()),
                    Some(connected) => {
                        self.work = Work::Nothing;
                        self.session = Some(connected?);
                    }
                },
                Work::Starting(query, starting) => {
                    let query = *query;
                    match within(starting, &self.lent, until).await {
                        None => return Ok(SourceBatch::empty()),
                        Some(Ok(pass)) => {
                            let order = Order::new(self.settings.mode, self.queries[query].position);
                            self.work =
                                Work::Reading(query, Box::new(Reading { pass, order, is_empty: true }));
                        }
                        Some(Err(error)) => return Err(self.failed(query, error)),
                    }
                }
                Work::Reading(query, reading) => {
                    let query = *query;
                    let rows = self.settings.batch_rows;
                    match reading.pass.chunk(rows, clock.as_ref(), until).await {
                        Ok(chunk) => {
                            let end = chunk.end;
                            reading.is_empty &= chunk.rows.is_empty();
                            let is_empty = reading.is_empty;
                            let records = self.queries[query].records(reading, chunk);
                            if end {
                                self.work = Work::Nothing;
                                self.queries[query].due = clock.elapsed() + self.settings.poll_interval;
                                self.queries[query].failures = 0;
                                if is_empty {
                                    self.look_for_nulls(query);
                                }
                            }
                            if !records.is_empty() || clock.elapsed() >= until {
                                return Ok(records.into());
                            }
                        }
                        Err(error) => return Err(self.failed(query, error)),
                    }
                }
                Work::LookingForNulls(query, looking) => {
                    let query = *query;
                    match within(looking, &self.lent, until).await {
                        None => return Ok(SourceBatch::empty()),
                        Some(Ok(found)) => {
                            self.work = Work::Nothing;
                            self.queries[query].looked_for_nulls = true;
                            if found {
                                self.nulls_found(query)?;
                            }
                        }
                        Some(Err(error)) => return Err(self.failed(query, error)),
                    }
                }
            }
        }
    }
}

impl<K> JdbcTask<K> {
    // The query that ran longest ago; of several, the first.
    fn next_due(&self) -> Option<usize> {
        (0..self.queries.len()).min_by_key(|query| self.queries[*query].due)
    }

    fn begin(&mut self, query: usize) -> Result<()> {
        let Some(session) = self.session.clone() else {
            return Err(Error::retry("there is no connection"));
        };
        let Query { select, position, .. } = &self.queries[query];
        let (settings, select, position) = (self.settings.clone(), select.clone(), *position);
        self.work = Work::Starting(
            query,
            Box::pin(async move {
                let end = match settings.mode.has_timestamp() {
                    true => Some(session.now().await?.minus_ms(settings.delay_ms)),
                    false => None,
                };
                session.start(&settings, &select, position, end).await
            }),
        );
        Ok(())
    }

    // A pass that brought nothing may have left everything out. Looked for once, since it reads the whole result.
    fn look_for_nulls(&mut self, query: usize) {
        let Query { select, looked_for_nulls, .. } = &self.queries[query];
        let (Some(session), Some((sql, _)), false) =
            (self.session.clone(), select.never_read(), *looked_for_nulls)
        else {
            return;
        };
        self.work = Work::LookingForNulls(query, Box::pin(async move { session.finds(&sql).await }));
    }

    fn nulls_found(&self, query: usize) -> Result<()> {
        let columns = self.queries[query].select.never_read().map(|(_, columns)| columns).unwrap_or_default();
        if !self.settings.validate_non_null {
            tracing::warn!(
                columns,
                "the query has rows in which columns that say what is new are null; they are never read"
            );
            return Ok(());
        }
        Err(Error::misconfigured(format!(
            "the query has rows that are never read: {columns} is null in them"
        ))
        .hint("leave them out of the query, or set validate.non.null=false to have them left out"))
    }

    // The same query runs again from what was handed out last; the connection is given up, since rows of the failed
    // pass may still be on their way.
    fn failed(&mut self, query: usize, error: Error) -> Error {
        let lost = self.session.as_ref().is_none_or(Session::is_closed);
        self.work = Work::Nothing;
        self.session = None;
        if !error.is_retriable() || lost {
            return error;
        }
        let query = &mut self.queries[query];
        query.failures += 1;
        match self.settings.retry_attempts {
            Some(attempts) if query.failures >= attempts => Error::fatal(format!(
                "the query failed {} times in a row (query.retry.attempts): {error}",
                query.failures
            ))
            .caused_by(error),
            _ => error,
        }
    }
}

impl Query {
    fn records(&mut self, reading: &mut Reading, chunk: crate::rows::Chunk) -> Vec<SourceRecord> {
        let schema = reading.pass.schema();
        if reading.order.is_free() {
            return chunk.rows.into_iter().filter_map(|row| self.record(schema, row.values, None)).collect();
        }
        let names = OffsetNames::new();
        let mut records = Vec::with_capacity(chunk.rows.len());
        for (values, position) in reading.order.take(chunk.rows, chunk.end) {
            self.position = position;
            records.extend(self.record(schema, values, Some(names.write(position))));
        }
        records
    }

    #[inline]
    fn record(
        &self,
        schema: &SchemaRef,
        values: Vec<Value>,
        offset: Option<OffsetMap>,
    ) -> Option<SourceRecord> {
        let row = Struct::new(schema.clone(), values);
        debug_assert!(row.is_some(), "a decoder makes one value a field");
        Some(SourceRecord {
            record: Record {
                topic: self.topic.clone(),
                partition: None,
                key: Datum::NULL,
                value: Datum::new(schema.clone(), Value::Struct(row?)),
                timestamp: None,
                headers: Vec::new(),
            },
            source_partition: Some(self.partition.clone()),
            source_offset: offset,
        })
    }
}

// Waits for work until a time; `None`: it is not done yet.
async fn within<T>(work: &mut BoxFuture<'static, T>, lent: &Lent, until: Duration) -> Option<T> {
    let over = lent.clock.sleep(until.saturating_sub(lent.clock.elapsed()));
    match futures::future::select(work, over).await {
        futures::future::Either::Left((done, _)) => Some(done),
        futures::future::Either::Right(_) => None,
    }
}

fn tables(names: &[String]) -> Result<Vec<TableId>> {
    let parsed = names.iter().map(|name| {
        TableId::parse(name).ok_or_else(|| {
            Error::misconfigured(format!("{name} is no table name"))
                .with("key", crate::config::TABLES)
                .hint("the connector writes this key; restart it")
        })
    });
    parsed.collect()
}

async fn first_position(
    source: &Source,
    settings: &Settings,
    session: &Session,
    offsets: &dyn OffsetReader,
) -> Result<Position> {
    let mode = settings.mode;
    if !mode.has_id() && !mode.has_timestamp() {
        return Ok(Position::default());
    }
    let stored = offsets.offsets(&offset::known_partitions(source, mode)).await?;
    let mut position = match stored.into_iter().flatten().next() {
        Some(stored) => offset::read(&stored).map_err(|error| error.with("table", source.label()))?,
        None => Position::default(),
    };
    if !mode.has_id() {
        position.id = None;
    } else {
        position.id.get_or_insert(settings.incrementing_initial);
    }
    if !mode.has_timestamp() {
        position.stamp = None;
    } else if position.stamp.is_none() {
        position.stamp = Some(match settings.timestamp_initial {
            InitialTimestamp::At(ms) => crate::stamp::Stamp::from_ms(ms),
            InitialTimestamp::Now => session.now().await?,
        });
    }
    Ok(position)
}
