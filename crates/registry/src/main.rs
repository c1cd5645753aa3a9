//! `schema-registry`: the registry as a program. Its first line on stdout is its URL.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::Parser;
use kafka::librdkafka::RdKafkaClients;
use sluice_registry::log::{KafkaLog, KafkaLogOptions, MemoryLog};
use sluice_registry::{Options, Server, Users};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

/// A schema registry with Confluent's REST API. On loopback only, unless it has users.
#[derive(Debug, Parser)]
#[command(name = "schema-registry", version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Keep schemas in this Kafka cluster; without it they are kept in memory.
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap: Option<String>,
    /// The topic for them. No other registry may write it at the same time.
    #[arg(long, default_value = "_schemas", requires = "bootstrap")]
    topic: String,
    /// A file with lines of `name: password`, for HTTP Basic authentication.
    #[arg(long, value_name = "FILE")]
    users: Option<PathBuf>,
    /// The largest body of a request, in bytes.
    #[arg(long, default_value_t = 1024 * 1024, value_name = "BYTES")]
    body_bytes_max: usize,
}

/// How long the program waits for threads that are still at work when it ends, such as one that reads the log of a
/// broker that does not answer.
const THREADS_WAIT_MAX: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    let runtime = Runtime::new()?;
    let ended = runtime.block_on(run(arguments));
    runtime.shutdown_timeout(THREADS_WAIT_MAX);
    ended
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let mut options = Options { listen: arguments.listen, ..Options::default() };
    options.body_bytes_max = arguments.body_bytes_max;
    if let Some(path) = &arguments.users {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the users in {}", path.display()))?;
        let wrong = |line| anyhow!("{}, line {line}: write `name: password`", path.display());
        options.users = Users::parse(&text).map_err(wrong)?;
        if options.users.is_empty() {
            bail!("{} has no users: write a line `name: password` for each", path.display());
        }
    }
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let stopped = async {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    };
    tokio::pin!(stopped);
    // A broker that does not answer can take minutes.
    let server = tokio::select! {
        server = start(options, arguments.bootstrap.as_deref(), arguments.topic) => server?,
        () = &mut stopped => return Ok(()),
    };
    writeln!(std::io::stdout(), "{}", server.url())?;
    stopped.await;
    server.shutdown().await;
    Ok(())
}

async fn start(options: Options, bootstrap: Option<&str>, topic: String) -> anyhow::Result<Server> {
    let Some(bootstrap) = bootstrap else {
        return Ok(Server::start(options, MemoryLog::new()).await?);
    };
    let log = KafkaLogOptions { topic, ..KafkaLogOptions::new(bootstrap) };
    let log = KafkaLog::open(Arc::new(RdKafkaClients::new()), log).await?;
    Ok(Server::start(options, log).await?)
}
