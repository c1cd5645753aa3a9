//! Records of topics to lines of a file.

use std::io::ErrorKind;

use api::config::RawConfig;
use api::data::{Offsets, SinkRecord, TopicPartition};
use api::{ConnectorContext, Error, PutOutcome, Result, SinkConnector, SinkContext, SinkTask};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom};

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

    // The twin's answer: a file keeps no offsets.
    fn alter_offsets(_config: &FileSinkConfig, _changes: &[(TopicPartition, Option<i64>)]) -> Result<bool> {
        Ok(true)
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
    File { path: String, file: File, torn: bool },
    Stdout(tokio::io::Stdout),
}

impl SinkTask for FileSinkTask {
    type Config = FileSinkConfig;

    async fn start(config: FileSinkConfig, _context: SinkContext) -> Result<Self> {
        let output = match config.file.filter(|path| !path.is_empty()) {
            Some(path) => {
                let opened = OpenOptions::new().create(true).read(true).append(true).open(&path).await;
                let file = match opened {
                    // A pipe or device may be for writing only.
                    Err(_) => OpenOptions::new().create(true).append(true).open(&path).await,
                    opened => opened,
                };
                let file = file.map_err(|error| {
                    // The twin's text, which tools and people look for.
                    Error::fatal(format!("Couldn't find or create file '{path}' for FileStreamSinkTask"))
                        .hint("the folder must exist and be writable by the worker")
                        .caused_by(error)
                })?;
                Output::File { path, file, torn: false }
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
        self.write().await.map_err(|error| self.failed("cannot write", error))?;
        Ok(PutOutcome::accepted())
    }

    async fn flush(&mut self, accepted: &Offsets) -> Result<Offsets> {
        // Invariant 2: lines are on the disk before their offsets are committed.
        let flushed = match &mut self.output {
            Output::File { file, .. } => match file.sync_data().await {
                Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()), // a pipe or device has no disk
                synced => synced,
            },
            Output::Stdout(stdout) => stdout.flush().await,
        };
        flushed.map_err(|error| self.failed("cannot flush", error))?;
        Ok(accepted.clone())
    }
}

impl FileSinkTask {
    // A batch is accepted when the system has taken all of it: writes of tokio's files go on in the background, and an
    // error of theirs must be this batch's, not the next one's.
    async fn write(&mut self) -> std::io::Result<()> {
        match &mut self.output {
            Output::Stdout(stdout) => {
                stdout.write_all(&self.text).await?;
                stdout.flush().await
            }
            Output::File { file, torn, .. } => {
                // What a failed write left of a line stays alone on its line. It is not cut off: other tasks may have
                // appended to the same file since.
                if *torn && ends_within_a_line(file).await {
                    self.text.insert(0, b'\n');
                }
                let written = match file.write_all(&self.text).await {
                    Ok(()) => file.flush().await,
                    failed => failed,
                };
                *torn = written.is_err();
                written
            }
        }
    }

    // A full disk can be emptied: retriable, and shown.
    fn failed(&self, what: &str, error: std::io::Error) -> Error {
        let path = match &self.output {
            Output::File { path, .. } => path,
            Output::Stdout(_) => "standard output",
        };
        Error::retry(what.to_owned()).with("file", path).caused_by(error)
    }
}

async fn ends_within_a_line(file: &mut File) -> bool {
    let mut last = [b'\n'];
    let read = match file.seek(SeekFrom::End(-1)).await {
        Ok(_) => file.read_exact(&mut last).await.map(drop),
        Err(error) => Err(error),
    };
    read.is_ok() && last != [b'\n'] // an empty file, or one that cannot be read, has no torn line to part from
}
