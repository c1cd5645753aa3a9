//! The program `sluice worker --standalone`.

use std::path::{Path, PathBuf};

use ::config::{RawConfig, properties};
use secrets::LogSecrets;
use tokio::signal::unix::{SignalKind, signal};

use crate::{Error, Options, Worker, connector_file};

/// Runs a standalone worker of files until SIGTERM or SIGINT, and ends it gracefully. A second signal ends it at once.
/// Logging is up to the caller: see [`crate::logging::init`], whose answer is wanted here.
///
/// # Errors
/// All problems of all files at once; or what failed while starting. [`Error::exit_code`] is the exit code.
pub fn standalone(worker: &Path, connectors: &[PathBuf], log_secrets: LogSecrets) -> Result<(), Error> {
    let mut problems = Vec::new();
    let properties = read_properties(worker).unwrap_or_else(|problem| {
        problems.push(problem);
        RawConfig::new()
    });
    let connectors = connector_file::read(connectors).unwrap_or_else(|found| {
        problems.extend(found);
        Vec::new()
    });
    if !problems.is_empty() {
        return Err(Error::Wrong(problems));
    }
    let options = Options::new(properties)
        .named(worker.display().to_string())
        .connectors(connectors)
        .log_secrets(log_secrets);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Failed(format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let failed = |error| Error::Failed(format!("cannot listen for signals: {error}"));
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let running = tokio::select! {
            running = Worker::start(options) => running?,
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tokio::select! {
            () = running.shutdown() => {}
            _ = terminate.recv() => tracing::warn!("a second signal: the worker ends at once"),
            _ = interrupt.recv() => tracing::warn!("a second signal: the worker ends at once"),
        }
        Ok(())
    })
}

fn read_properties(path: &Path) -> Result<RawConfig, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{}: cannot read the file: {error}", path.display()))?;
    properties::parse(&text).map_err(|why| format!("{}: {why}", path.display()))
}
