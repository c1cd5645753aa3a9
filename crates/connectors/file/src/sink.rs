//! Records of topics to lines of a file.

use api::config::RawConfig;
use api::data::{Offsets, SinkRecord};
use api::{ConnectorContext, Error, PutOutcome, Result, SinkConnector, SinkContext, SinkTask};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;

use crate::FileSinkConfig;

/// Plans tasks that all append to the file.
#[derive(Debug)]
pub struct FileSink {
    raw: RawConfig,
}

impl SinkConnector for FileSink {
    const CLASS: &'static str = "org.apache.kafka.connect.file.FileStreamSinkConnector";
    const TASK_CLASS: &'static str = "org.apache.kafka.connect.file.FileStreamSinkTask";
    type Config = FileSinkConfig;
    type Task = FileSinkTask;

    async fn start(_config: FileSinkConfig, raw: RawConfig, _context: ConnectorContext) -> Result<Self> {
        Ok(Self { raw })
    }

    async fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<RawConfig>> {
        Ok(vec![self.raw.clone(); max_tasks])
    }
}

/// Appends the text form of each value, one a line.
#[derive(Debug)]
pub struct FileSinkTask {
    output: Output,
    text: Vec<u8>,
}

#[derive(Debug)]
enum Output {
    File(String, File),
    Stdout(tokio::io::Stdout),
}

impl SinkTask for FileSinkTask {
    type Config = FileSinkConfig;

    async fn start(config: FileSinkConfig, _context: SinkContext) -> Result<Self> {
        let output = match config.file.filter(|path| !path.is_empty()) {
            Some(path) => {
                let file =
                    OpenOptions::new().create(true).append(true).open(&path).await.map_err(|error| {
                        // The twin's text, which tools and people look for.
                        Error::fatal(format!("Couldn't find or create file '{path}' for FileStreamSinkTask"))
                            .hint("the folder must exist and be writable by the worker")
                            .caused_by(error)
                    })?;
                Output::File(path, file)
            }
            None => Output::Stdout(tokio::io::stdout()),
        };
        Ok(Self { output, text: Vec::new() })
    }

    async fn put(&mut self, records: &[SinkRecord]) -> Result<PutOutcome> {
        self.text.clear();
        for record in records {
            literal::java::write(&record.record.value.value, &mut self.text);
            self.text.push(b'\n');
        }
        // One write a batch: after a failure the batch is offered again, so lines may repeat but none is missing.
        let written = match &mut self.output {
            Output::File(_, file) => file.write_all(&self.text).await,
            Output::Stdout(stdout) => stdout.write_all(&self.text).await,
        };
        written.map_err(|error| self.failed("cannot write", error))?;
        Ok(PutOutcome::accepted())
    }

    async fn flush(&mut self, accepted: &Offsets) -> Result<Offsets> {
        // Invariant 2: lines are on the disk before their offsets are committed.
        let flushed = match &mut self.output {
            Output::File(_, file) => match file.flush().await {
                Ok(()) => file.sync_data().await,
                failed => failed,
            },
            Output::Stdout(stdout) => stdout.flush().await,
        };
        flushed.map_err(|error| self.failed("cannot flush", error))?;
        Ok(accepted.clone())
    }

    async fn stop(mut self) -> Result<()> {
        let flushed = match &mut self.output {
            Output::File(_, file) => file.flush().await,
            Output::Stdout(stdout) => stdout.flush().await,
        };
        flushed.map_err(|error| self.failed("cannot flush", error))
    }
}

impl FileSinkTask {
    // A full disk can be emptied: retriable, and shown.
    fn failed(&self, what: &str, error: std::io::Error) -> Error {
        let path = match &self.output {
            Output::File(path, _) => path,
            Output::Stdout(_) => "standard output",
        };
        Error::retry(what.to_owned()).with("file", path).caused_by(error)
    }
}
