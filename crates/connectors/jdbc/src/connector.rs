//! The connector: finds the tables, watches them, and shares them out.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::config::{RawConfig, Report};
use api::{ConnectorContext, Error, ExactlyOnceSupport, OffsetChange, Result, SourceConnector};
use tokio::sync::watch;

use crate::choose;
use crate::config::{AivenKeys, ConfluentKeys, Keys, Settings, SourceConfig, TABLES, TABLES_FETCHED, Target};
use crate::database::Session;
use crate::lend::Lent;
use crate::offset;
use crate::table::{TableId, split};
use crate::task::JdbcTask;

/// The connector, with the keys and the class name of one of the two Java connectors.
pub struct JdbcSource<K> {
    settings: Arc<Settings>,
    raw: RawConfig,
    context: ConnectorContext,
    tables: watch::Receiver<Listing>,
    // Whether task configs were made before there was a list: then the first list is news.
    answered_without: Arc<AtomicBool>,
    keys: PhantomData<fn() -> K>,
}

/// What the table monitor knows: nothing yet, the tables, or why there will be none until somebody does something.
type Listing = Option<std::result::Result<Vec<TableId>, Arc<Error>>>;

/// `io.confluent.connect.jdbc.JdbcSourceConnector`.
pub type ConfluentSource = JdbcSource<Confluent>;
/// `io.aiven.connect.jdbc.JdbcSourceConnector`.
pub type AivenSource = JdbcSource<Aiven>;

/// Names of a class.
pub trait Class: Send + Sync + 'static {
    #[doc(hidden)]
    const CLASS: &'static str;
    #[doc(hidden)]
    const TASK_CLASS: &'static str;
    #[doc(hidden)]
    type Keys: Keys;
}

/// Confluent's connector.
#[derive(Debug)]
pub struct Confluent;
/// Aiven's connector.
#[derive(Debug)]
pub struct Aiven;

impl Class for Confluent {
    const CLASS: &'static str = "io.confluent.connect.jdbc.JdbcSourceConnector";
    const TASK_CLASS: &'static str = "io.confluent.connect.jdbc.source.JdbcSourceTask";
    type Keys = ConfluentKeys;
}

impl Class for Aiven {
    const CLASS: &'static str = "io.aiven.connect.jdbc.JdbcSourceConnector";
    const TASK_CLASS: &'static str = "io.aiven.connect.jdbc.source.JdbcSourceTask";
    type Keys = AivenKeys;
}

impl<C: Class> SourceConnector for JdbcSource<C> {
    const CLASS: &'static str = C::CLASS;
    const TASK_CLASS: &'static str = C::TASK_CLASS;
    type Config = SourceConfig<C::Keys>;
    type Task = JdbcTask<C::Keys>;

    async fn start(config: Self::Config, raw: RawConfig, context: ConnectorContext) -> Result<Self> {
        let settings = config.settings;
        let (found, tables) = watch::channel(None);
        let answered_without = Arc::new(AtomicBool::new(false));
        if settings.query.is_none() {
            let watching = watch_tables(settings.clone(), context.clone(), found, answered_without.clone());
            context.spawner.spawn("jdbc table monitor", Box::pin(watching));
        }
        Ok(Self { settings, raw, context, tables, answered_without, keys: PhantomData })
    }

    async fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<RawConfig>> {
        if self.settings.query.is_some() {
            return Ok(vec![self.task_config(&[], true)]);
        }
        let limit = self.context.clock.sleep(self.settings.startup_limit);
        let mut waiting = self.tables.clone();
        let listed = Box::pin(waiting.wait_for(Option::is_some));
        let tables = match futures::future::select(listed, limit).await {
            futures::future::Either::Left((Ok(tables), _)) => tables.clone(),
            // The monitor has not got an answer yet. The mark is set before a last
            // look, so that a list that comes now is either seen here or announced.
            _ => {
                self.answered_without.store(true, Ordering::SeqCst);
                self.tables.borrow().clone()
            }
        };
        let Some(tables) = tables else {
            tracing::warn!("the list of tables is not there yet; an idle task waits for it");
            return Ok(vec![self.task_config(&[], false)]);
        };
        let tables = tables.map_err(|error| again(&error))?;
        choose::refuse_same_names(&tables)?;
        if tables.is_empty() {
            // The task says why it has nothing to do.
            return Ok(vec![self.task_config(&[], true)]);
        }
        Ok(split(&tables, max_tasks.max(1)).iter().map(|group| self.task_config(group, true)).collect())
    }

    async fn check_connection(config: Self::Config) -> std::result::Result<(), Report> {
        check(&config.settings).await
    }

    fn exactly_once_support(config: &Self::Config) -> ExactlyOnceSupport {
        match config.settings.declares_exactly_once {
            true => ExactlyOnceSupport::Supported,
            false => ExactlyOnceSupport::Unsupported,
        }
    }

    // The Java connector checks nothing; an offset that the task could not read is refused here, before it is stored.
    fn alter_offsets(_: &Self::Config, changes: &[OffsetChange]) -> Result<bool> {
        for (_, offset) in changes {
            if let Some(offset) = offset {
                offset::read(offset)?;
            }
        }
        Ok(false)
    }
}

impl<C> JdbcSource<C> {
    fn task_config(&self, tables: &[TableId], fetched: bool) -> RawConfig {
        let names: Vec<String> = tables.iter().map(TableId::quoted).collect();
        self.raw.clone().with(TABLES, names.join(",")).with(TABLES_FETCHED, fetched.to_string())
    }
}

/// Lists the tables again and again, and asks for other tasks when the list changes. An error for which trying again
/// should not help is what [`JdbcSource::task_configs`] answers from then on; it is looked again all the same, because
/// a file, a database or a grant may come, and then the connector recovers by itself.
async fn watch_tables(
    settings: Arc<Settings>,
    context: ConnectorContext,
    found: watch::Sender<Listing>,
    answered_without: Arc<AtomicBool>,
) {
    let lent = Lent { clock: context.clock.clone(), spawner: context.spawner.clone() };
    let mut session: Option<Session> = None;
    loop {
        let listed = list(&settings, &lent, &mut session).await;
        let pause = match listed {
            Ok(tables) => {
                let same = matches!(&*found.borrow(), Some(Ok(before)) if *before == tables);
                if !same {
                    tracing::info!(tables = tables.len(), "list of tables");
                    if !announce(&found, Ok(tables), &context, &answered_without) {
                        return;
                    }
                }
                settings.table_poll_interval
            }
            Err(error) if error.is_retriable() => {
                tracing::warn!(%error, "cannot list the tables; will try again");
                session = None;
                settings.table_poll_interval.min(settings.backoff)
            }
            Err(error) => {
                session = None;
                let text = error.to_string();
                let same = matches!(&*found.borrow(), Some(Err(before)) if before.to_string() == text);
                tracing::debug!(%error, "cannot list the tables"); // the herder logs what is answered
                if !same && !announce(&found, Err(Arc::new(error)), &context, &answered_without) {
                    return;
                }
                settings.table_poll_interval
            }
        };
        lent.clock.sleep(pause.max(Duration::from_millis(1))).await;
    }
}

/// Says what is new; false when the connector has stopped.
fn announce(
    found: &watch::Sender<Listing>,
    news: std::result::Result<Vec<TableId>, Arc<Error>>,
    context: &ConnectorContext,
    answered_without: &AtomicBool,
) -> bool {
    let first = found.borrow().is_none();
    if found.send(Some(news)).is_err() {
        return false;
    }
    // Whoever waits for the first answer needs no request.
    if !first || answered_without.load(Ordering::SeqCst) {
        context.events.request_task_reconfiguration();
    }
    true
}

/// The same error once more, with its causes.
fn again(error: &Error) -> Error {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(known) = cause {
        causes.push(known.to_string());
        cause = known.source();
    }
    let same = Error::new(error.kind(), error.to_string());
    if causes.is_empty() { same } else { same.caused_by(causes.join(": ")) }
}

async fn list(settings: &Settings, lent: &Lent, session: &mut Option<Session>) -> Result<Vec<TableId>> {
    let open = match session.take().filter(|session| !session.is_closed()) {
        Some(open) => open,
        None => Session::open(settings, lent).await?,
    };
    let tables = choose::tables(&open, settings).await?;
    *session = Some(open);
    Ok(tables)
}

/// Connects, looks for the tables, prepares the query.
async fn check(settings: &Settings) -> std::result::Result<(), Report> {
    let mut report = Report::default();
    if matches!(settings.target, Target::Unresolved) {
        return Ok(());
    }
    let session = match Session::open(settings, &Lent::own()).await {
        Ok(session) => session,
        Err(error) => {
            report.add("connection.url", error.to_string());
            return Err(report);
        }
    };
    let problem: Option<(&str, Error)> = match &settings.query {
        Some(query) => session.test(query.expose()).await.err().map(|error| (settings.query_key, error)),
        None => match choose::tables(&session, settings).await {
            Ok(tables) => choose::refuse_same_names(&tables).err().map(|error| (list_key(settings), error)),
            Err(error) => Some(("connection.url", error)),
        },
    };
    match problem {
        None => Ok(()),
        Some((key, error)) => {
            report.add(key, error.to_string());
            Err(report)
        }
    }
}

fn list_key(settings: &Settings) -> &'static str {
    match settings.filter {
        crate::config::TableFilter::Patterns { .. } => "table.include.list",
        crate::config::TableFilter::Blacklist(_) => "table.blacklist",
        _ => "table.whitelist",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_is_answered_again_tells_the_same() {
        let cause = Error::fatal("cannot sign in").caused_by("no such role".to_owned());
        let error = Error::misconfigured("cannot connect").with("host", "db").hint("look").caused_by(cause);
        let same = again(&error);
        assert_eq!(same.kind(), error.kind());
        assert_eq!(same.to_string(), error.to_string());
        let joined = "Caused by: cannot sign in: no such role\n";
        assert!(same.trace().ends_with(joined), "{}", same.trace());
        assert_eq!(again(&Error::fatal("alone")).trace(), Error::fatal("alone").trace());
    }
}
