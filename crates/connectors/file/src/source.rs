//! Lines of a file to a topic.

use std::sync::Arc;
use std::time::Duration;

use api::config::RawConfig;
use api::data::{Datum, Kind, OffsetMap, Record, Schema, SchemaRef, SourceRecord, Topic, Value};
use api::{
    ConnectorContext, Error, ExactlyOnceSupport, OffsetChange, Result, SourceBatch, SourceConnector,
    SourceContext, SourceTask,
};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, SeekFrom};

use crate::FileSourceConfig;
use crate::lines::Lines;

const FILENAME: &str = "filename";
const POSITION: &str = "position";
/// A longer line is no text line: memory stays bounded.
const LINE_BYTES_MAX: usize = 64 << 20;
const READ_BYTES: usize = 256 << 10;
/// How long a poll waits before it looks at the file again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Plans one task, which reads the file.
#[derive(Debug)]
pub struct FileSource {
    raw: RawConfig,
}

impl SourceConnector for FileSource {
    const CLASS: &'static str = "org.apache.kafka.connect.file.FileStreamSourceConnector";
    const TASK_CLASS: &'static str = "org.apache.kafka.connect.file.FileStreamSourceTask";
    type Config = FileSourceConfig;
    type Task = FileSourceTask;

    async fn start(_config: FileSourceConfig, raw: RawConfig, _context: ConnectorContext) -> Result<Self> {
        Ok(Self { raw })
    }

    async fn task_configs(&mut self, _max_tasks: usize) -> Result<Vec<RawConfig>> {
        Ok(vec![self.raw.clone()]) // a file has one reader
    }

    fn exactly_once_support(config: &FileSourceConfig) -> ExactlyOnceSupport {
        match config.file {
            Some(_) => ExactlyOnceSupport::Supported,
            None => ExactlyOnceSupport::Unsupported, // the standard input cannot be read again
        }
    }

    fn alter_offsets(config: &FileSourceConfig, changes: &[OffsetChange]) -> Result<bool> {
        if config.file.is_none() {
            return Err(Error::fatal(
                "Offsets cannot be modified if the 'file' configuration is unspecified",
            ));
        }
        for (partition, offset) in changes {
            let named = partition.as_ref().is_some_and(|partition| partition.get(FILENAME).is_some());
            // A reset of a partition that should never have been there is a way to clean up.
            if offset.is_some() && !named {
                return Err(Error::fatal("Partition objects should contain the key 'filename'"));
            }
            let Some(offset) = offset else { continue };
            match offset.get(POSITION).map(|position| position.to_i64()) {
                None => {
                    return Err(Error::fatal(
                        "Offset objects should either be null or contain the key 'position'",
                    ));
                }
                Some(Some(0..)) => {}
                Some(None) => {
                    let text =
                        "The value for the 'position' key in the offset is expected to be a Long value";
                    return Err(Error::fatal(text));
                }
                Some(_) => {
                    let text =
                        "The value for the 'position' key in the offset should be a non-negative value";
                    return Err(Error::fatal(text));
                }
            }
        }
        Ok(true)
    }
}

/// Reads the file from the stored position.
#[derive(Debug)]
pub struct FileSourceTask {
    input: Input,
    lines: Lines,
    topic: Topic,
    schema: SchemaRef,
    batch_size: usize,
    context: SourceContext,
}

#[derive(Debug)]
enum Input {
    File {
        path: String,
        partition: Arc<OffsetMap>,
        position_name: Arc<str>,
        position: u64,
        open: Option<File>,
        /// It was said that the file is not there.
        missed: bool,
    },
    Stdin(tokio::io::Stdin),
}

impl SourceTask for FileSourceTask {
    type Config = FileSourceConfig;

    async fn start(config: FileSourceConfig, context: SourceContext) -> Result<Self> {
        let input = match config.file.filter(|path| !path.is_empty()) {
            Some(path) => {
                let partition = OffsetMap::new().with(FILENAME, path.as_str());
                let stored = context.offsets.offsets(std::slice::from_ref(&partition)).await?.pop().flatten();
                let position = stored_position(stored.as_ref(), &path)?;
                Input::File {
                    path,
                    partition: Arc::new(partition),
                    position_name: POSITION.into(),
                    position,
                    open: None,
                    missed: false,
                }
            }
            None => Input::Stdin(tokio::io::stdin()),
        };
        Ok(Self {
            input,
            lines: Lines::default(),
            topic: config.topic.into(),
            schema: Schema::required(Kind::String),
            batch_size: config.batch_size as usize, // the validator made it positive
            context,
        })
    }

    async fn poll(&mut self, max_wait: Duration) -> Result<SourceBatch> {
        let mut records = self.take_lines();
        if records.is_empty() && self.read().await? > 0 {
            records = self.take_lines();
        } else if records.is_empty() {
            self.context.clock.sleep(max_wait.min(LOOK_AGAIN)).await;
        }
        Ok(records.into())
    }
}

fn stored_position(stored: Option<&OffsetMap>, path: &str) -> Result<u64> {
    let Some(position) = stored.and_then(|offset| offset.get(POSITION)) else { return Ok(0) };
    position.to_i64().and_then(|position| u64::try_from(position).ok()).ok_or_else(|| {
        Error::fatal("the stored offset's position is not a number of bytes")
            .with("file", path)
            .hint("reset the connector's offsets")
    })
}

impl FileSourceTask {
    fn take_lines(&mut self) -> Vec<SourceRecord> {
        let mut records = Vec::new();
        // One look at the clock: these lines were read together.
        let now = self.context.clock.now_ms();
        while records.len() < self.batch_size {
            let Some((line, bytes)) = self.lines.next_line() else { break };
            let (source_partition, source_offset) = match &mut self.input {
                Input::File { partition, position_name, position, .. } => {
                    *position += bytes as u64;
                    let offset = OffsetMap::new().with(position_name.clone(), *position as i64);
                    (Some(partition.clone()), Some(offset))
                }
                Input::Stdin(_) => (None, None),
            };
            let record = Record {
                topic: self.topic.clone(),
                partition: None,
                key: Datum::NULL,
                value: Datum::new(self.schema.clone(), Value::String(line)),
                timestamp: Some(now),
                headers: Vec::new(),
            };
            records.push(SourceRecord { record, source_partition, source_offset });
        }
        records
    }

    // Appends what the input has to the buffer. `position` is that of the first byte held back.
    async fn read(&mut self) -> Result<usize> {
        if self.lines.held() > LINE_BYTES_MAX {
            return Err(Error::fatal(format!(
                "a line is longer than {LINE_BYTES_MAX} bytes: this is no text file"
            )));
        }
        let held = self.lines.held() as u64;
        let buffer = self.lines.buffer_mut();
        buffer.reserve(READ_BYTES);
        match &mut self.input {
            Input::Stdin(stdin) => stdin
                .read_buf(buffer)
                .await
                .map_err(|error| Error::fatal("cannot read the standard input").caused_by(error)),
            Input::File { path, position, open, missed, .. } => {
                let end = *position + held;
                let file = match open {
                    Some(file) => file,
                    None => match open_at(path, end).await? {
                        Some(file) => {
                            *missed = false;
                            open.insert(file)
                        }
                        None => {
                            if !std::mem::replace(missed, true) {
                                tracing::warn!(path, "there is no such file; waiting for it to be created");
                            }
                            return Ok(0);
                        }
                    },
                };
                let read = file.read_buf(buffer).await.map_err(|error| {
                    *open = None; // opened again at the position of the held bytes' end
                    Error::retry("cannot read the file").with("file", &*path).caused_by(error)
                })?;
                if read == 0 && is_shorter(path, end).await {
                    *open = None; // opening it says so
                }
                Ok(read)
            }
        }
    }
}

// Whether the file was cut or replaced since: what is written to it up to there would never be read.
async fn is_shorter(path: &str, end: u64) -> bool {
    tokio::fs::metadata(path).await.is_ok_and(|metadata| metadata.is_file() && metadata.len() < end)
}

// A file that is not there yet is waited for.
async fn open_at(path: &str, position: u64) -> Result<Option<File>> {
    let failed = |what: &str, error| Error::retry(what.to_owned()).with("file", path).caused_by(error);
    let mut file = match File::open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(None);
        }
        Err(error) => return Err(failed("cannot open the file", error)),
    };
    let length = file.metadata().await.map_err(|error| failed("cannot look at the file", error))?.len();
    if position > length {
        return Err(Error::retry(format!("the file has {length} bytes, but {position} were read before"))
            .with("file", path)
            .hint("was it replaced? stop the connector and reset its offsets to read the new file"));
    }
    file.seek(SeekFrom::Start(position)).await.map_err(|error| failed("cannot go to the position", error))?;
    Ok(Some(file))
}
