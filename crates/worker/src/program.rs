//! The program `sluice worker`.

use std::path::Path;

use ::config::{RawConfig, properties};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::environment::{self, PREFIX};
use crate::logging::Logs;
use crate::{ConnectorSources, Error, Options, Worker, ecs};

/// Runs a standalone worker of files until SIGTERM or SIGINT, or until standard input ends if that is wanted, and ends
/// it gracefully. SIGINT ends it at once while it ends, which is a person who presses Ctrl-C again; SIGTERM does not:
/// programs send it more than once, and what a worker stores at its end must not depend on that.
///
/// Logging is up to the caller: see [`crate::logging::init`], whose answer is wanted here.
///
/// # Errors
/// All problems of all files at once; or what failed while starting. [`Error::exit_code`] is the exit code.
pub fn standalone(
    worker: &Path,
    connectors: &ConnectorSources,
    until_stdin_ends: bool,
    logs: Logs,
) -> Result<(), Error> {
    let mut problems = Vec::new();
    let properties = read_properties(worker).unwrap_or_else(|problem| {
        problems.push(problem);
        RawConfig::new()
    });
    let connectors = connectors.read().unwrap_or_else(|found| {
        problems.extend(found);
        Vec::new()
    });
    if !problems.is_empty() {
        return Err(Error::Wrong(problems));
    }
    let options =
        Options::new(properties).named(worker.display().to_string()).connectors(connectors).logs(logs);
    run(&runtime()?, options, until_stdin_ends)
}

/// Runs a worker that keeps everything in topics, as `connect-distributed`, until it is told to stop: see
/// [`standalone`]. Its properties are those of the file, and of the [environment](crate::environment), which
/// outweighs it, as in container images of Kafka Connect. The group is made to have the connectors, by whichever worker
/// leads it.
///
/// # Errors
/// As [`standalone`]; or there is neither a file nor a variable.
pub fn distributed(
    worker: Option<&Path>,
    connectors: &ConnectorSources,
    until_stdin_ends: bool,
    logs: Logs,
) -> Result<(), Error> {
    let wrong = |problem| Error::Wrong(vec![problem]);
    let connectors = connectors.read().map_err(Error::Wrong)?;
    let mut properties = worker.map_or_else(|| Ok(RawConfig::new()), read_properties).map_err(wrong)?;
    let variables = environment::properties(std::env::vars_os()).map_err(wrong)?;
    let given = !variables.is_empty();
    let source = match worker {
        Some(file) if given => format!("{} and {PREFIX}* variables", file.display()),
        Some(file) => file.display().to_string(),
        None if given => format!("{PREFIX}* variables"),
        None => {
            return Err(wrong(format!(
                "there are no properties for the worker: name a file, or set {PREFIX}* variables, such as \
                 {PREFIX}BOOTSTRAP_SERVERS for bootstrap.servers"
            )));
        }
    };
    if given {
        let keys: Vec<&str> = variables.iter().map(|(key, _)| key).collect();
        tracing::info!("these keys are from {PREFIX}* variables: {}", keys.join(", "));
    }
    for (key, value) in variables.iter() {
        properties.set(key, value.unwrap_or_default());
    }
    let runtime = runtime()?;
    if let Ok(uri) = std::env::var(ecs::METADATA) {
        runtime.block_on(ecs::advertise(&mut properties, &uri)).map_err(Error::Failed)?;
    }
    let options = Options::new(properties).named(source).connectors(connectors).logs(logs).distributed();
    run(&runtime, options, until_stdin_ends)
}

fn runtime() -> Result<Runtime, Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Failed(format!("cannot start: {error}")))
}

fn run(runtime: &Runtime, options: Options, until_stdin_ends: bool) -> Result<(), Error> {
    runtime.block_on(async {
        let failed = |error| Error::Failed(format!("cannot listen for signals: {error}"));
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut input = std::pin::pin!(end_of_input(until_stdin_ends));
        let running = tokio::select! {
            running = Worker::start(options) => running?,
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            () = &mut input => return Ok(()),
        };
        let mut ended = Ok(());
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            why = running.failed() => ended = Err(Error::Failed(why)),
            () = &mut input => tracing::info!("standard input has ended: whoever started this worker is gone"),
        }
        let mut shutdown = std::pin::pin!(running.shutdown());
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                _ = terminate.recv() => tracing::info!("SIGTERM again: the worker is ending; SIGKILL ends it at once"),
                _ = interrupt.recv() => {
                    tracing::warn!("a second signal: the worker ends at once");
                    break;
                }
            }
        }
        ended
    })
}

// Read by a thread of its own: one that waits for input cannot be stopped, and must not hold the end of the runtime up.
async fn end_of_input(wanted: bool) {
    let (ended, end) = tokio::sync::oneshot::channel();
    if !wanted {
        return std::future::pending().await;
    }
    let read = move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()); // an error is an end, too
        let _ = ended.send(()); // the worker ends already
    };
    match std::thread::Builder::new().name("stdin".to_owned()).spawn(read) {
        Ok(_) => _ = end.await,
        Err(error) => {
            tracing::warn!("cannot watch standard input: {error}; the worker stops by a signal only");
            std::future::pending().await
        }
    }
}

fn read_properties(path: &Path) -> Result<RawConfig, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{}: cannot read the file: {error}", path.display()))?;
    properties::parse(&text).map_err(|why| format!("{}: {why}", path.display()))
}
