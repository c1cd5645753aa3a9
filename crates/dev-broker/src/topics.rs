//! The topics, their settings and partitions, in memory and in the data folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use kafka_protocol::ResponseError;
use parking_lot::{Mutex, RwLock};
use uuid::Uuid;

use crate::config_keys::TopicConfig;
use crate::encoding::{Reader, Write as _, framed, unframe};
use crate::log::partition::{Log, Partition};
use crate::log::recovery;

const CONFIG_FILE: &str = "topic";
const VERSION: u8 = 1;
/// More partitions than this in one topic are a mistake on a laptop.
pub const PARTITIONS_MAX: i32 = 10_000;

/// A topic.
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Its id, which a later topic of the same name does not share.
    pub id: Uuid,
    config: RwLock<Arc<TopicConfig>>,
    partitions: RwLock<Vec<Arc<Partition>>>,
    folder: Option<PathBuf>,
}

/// All topics.
pub struct Topics {
    by_name: RwLock<BTreeMap<String, Arc<Topic>>>,
    folder: Option<PathBuf>,
    /// One change of the set of topics at a time, for it touches files.
    changing: Mutex<()>,
}

/// Refused by the broker, with a text for the client.
pub type Refusal = (ResponseError, String);

fn disk(error: &io::Error) -> Refusal {
    tracing::error!(%error, "cannot change the data directory; check the disk and its permissions");
    (ResponseError::KafkaStorageError, format!("the broker cannot write its data directory: {error}"))
}

/// Kafka's rule for topic names.
pub fn check_name(name: &str) -> Result<(), Refusal> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let why = if name.is_empty() {
        "the empty string is not allowed"
    } else if name == "." || name == ".." {
        "'.' or '..' is not allowed"
    } else if name.len() > 249 {
        "the length may not exceed 249 characters"
    } else if !name.chars().all(legal) {
        "it contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
    } else {
        return Ok(());
    };
    Err((ResponseError::InvalidTopicException, format!("Topic name is invalid: {why}")))
}

impl Topic {
    /// The settings in effect.
    pub fn config(&self) -> Arc<TopicConfig> {
        self.config.read().clone()
    }

    /// The partitions in order.
    pub fn partitions(&self) -> Vec<Arc<Partition>> {
        self.partitions.read().clone()
    }

    /// How many partitions there are.
    pub fn partition_count(&self) -> i32 {
        self.partitions.read().len() as i32
    }

    /// One partition.
    pub fn partition(&self, index: i32) -> Option<Arc<Partition>> {
        self.partitions.read().get(usize::try_from(index).ok()?).cloned()
    }

    /// Replaces the settings.
    pub fn set_config(&self, config: TopicConfig) -> Result<(), Refusal> {
        let mut current = self.config.write();
        let partitions = self.partitions.read();
        if let Some(folder) = &self.folder {
            write_config(folder, self.id, partitions.len(), &config).map_err(|e| disk(&e))?;
        }
        let config = Arc::new(config);
        for partition in partitions.iter() {
            partition.with(|log| log.config = config.clone());
        }
        *current = config;
        Ok(())
    }

    /// Adds empty partitions up to `count`.
    pub fn grow(&self, count: i32, now_ms: i64) -> Result<(), Refusal> {
        let config = self.config.read();
        let mut partitions = self.partitions.write();
        for index in partitions.len()..usize::try_from(count).unwrap_or(0) {
            partitions.push(Arc::new(self.open_partition(index, &config, now_ms).map_err(|e| disk(&e))?));
        }
        match &self.folder {
            Some(folder) => write_config(folder, self.id, partitions.len(), &config).map_err(|e| disk(&e)),
            None => Ok(()),
        }
    }

    fn open_partition(&self, index: usize, config: &Arc<TopicConfig>, now_ms: i64) -> io::Result<Partition> {
        let name = format!("{}-{index}", self.name);
        let log = match &self.folder {
            Some(folder) => recovery::open(&folder.join(index.to_string()), config.clone(), now_ms, &name)?,
            None => Log::in_memory(config.clone(), now_ms),
        };
        Ok(Partition::new(name, log))
    }
}

impl Topics {
    /// Opens the topics of a data folder, or begins with none in memory.
    pub fn open(folder: Option<PathBuf>, now_ms: i64) -> io::Result<Self> {
        let mut by_name = BTreeMap::new();
        if let Some(folder) = &folder {
            fs::create_dir_all(folder)?;
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.ends_with(DELETED) {
                    fs::remove_dir_all(entry.path())?;
                } else if let Some(topic) = read_topic(&entry.path(), &name, now_ms)? {
                    by_name.insert(name, Arc::new(topic));
                }
            }
        }
        Ok(Self { by_name: RwLock::new(by_name), folder, changing: Mutex::new(()) })
    }

    /// The topic of this name.
    pub fn get(&self, name: &str) -> Option<Arc<Topic>> {
        self.by_name.read().get(name).cloned()
    }

    /// The topic with this id.
    pub fn by_id(&self, id: Uuid) -> Option<Arc<Topic>> {
        self.by_name.read().values().find(|t| t.id == id).cloned()
    }

    /// The partition of this topic and number.
    pub fn partition(&self, name: &str, index: i32) -> Option<Arc<Partition>> {
        self.by_name.read().get(name)?.partition(index)
    }

    /// All topics by name.
    pub fn all(&self) -> Vec<Arc<Topic>> {
        self.by_name.read().values().cloned().collect()
    }

    /// Checks whether a topic could be created.
    pub fn check_new(&self, name: &str, partitions: i32) -> Result<(), Refusal> {
        check_name(name)?;
        if self.get(name).is_some() {
            return Err((ResponseError::TopicAlreadyExists, format!("Topic '{name}' already exists.")));
        }
        if !(1..=PARTITIONS_MAX).contains(&partitions) {
            let text = format!("Number of partitions must be from 1 to {PARTITIONS_MAX}, not {partitions}.");
            return Err((ResponseError::InvalidPartitions, text));
        }
        Ok(())
    }

    /// Creates a topic.
    pub fn create(
        &self,
        name: &str,
        partitions: i32,
        config: TopicConfig,
        now_ms: i64,
    ) -> Result<Arc<Topic>, Refusal> {
        let _one = self.changing.lock();
        self.check_new(name, partitions)?;
        let folder = self.folder.as_ref().map(|f| f.join(name));
        let topic = Topic {
            name: name.to_owned(),
            id: Uuid::new_v4(),
            config: RwLock::new(Arc::new(config)),
            partitions: RwLock::new(Vec::new()),
            folder,
        };
        if let Some(folder) = &topic.folder {
            fs::create_dir_all(folder).map_err(|e| disk(&e))?;
        }
        topic.grow(partitions, now_ms)?;
        let topic = Arc::new(topic);
        self.by_name.write().insert(name.to_owned(), topic.clone());
        Ok(topic)
    }

    /// Deletes a topic with its data.
    pub fn delete(&self, name: &str) -> Result<Arc<Topic>, Refusal> {
        let _one = self.changing.lock();
        let topic = self.by_name.write().remove(name).ok_or_else(|| {
            (ResponseError::UnknownTopicOrPartition, format!("Topic '{name}' does not exist."))
        })?;
        for partition in topic.partitions() {
            partition.with(|log| log.deleted = true);
            partition.wake();
        }
        if let Some(folder) = &topic.folder {
            // The renaming is the deletion; what a crash leaves is removed at the next start.
            let gone = folder.with_file_name(format!("{}{DELETED}", topic.id));
            fs::rename(folder, &gone).and_then(|()| fs::remove_dir_all(&gone)).map_err(|e| disk(&e))?;
        }
        Ok(topic)
    }
}

/// Not legal in a topic name, so no topic is mistaken for a deleted one.
const DELETED: &str = "~deleted";

fn write_config(folder: &Path, id: Uuid, partitions: usize, config: &TopicConfig) -> io::Result<()> {
    let mut body = BytesMut::new();
    body.put_u8(VERSION);
    body.put_slice(id.as_bytes());
    body.put_u32(partitions as u32);
    body.put_u32(config.overrides.len() as u32);
    for (name, value) in &config.overrides {
        body.put_text(name);
        body.put_text(value);
    }
    let new = folder.join("topic.new");
    let mut file = fs::File::create(&new)?;
    file.write_all(&framed(&body))?;
    file.sync_data()?;
    fs::rename(new, folder.join(CONFIG_FILE))
}

fn read_topic(folder: &Path, name: &str, now_ms: i64) -> io::Result<Option<Topic>> {
    let bytes = match fs::read(folder.join(CONFIG_FILE)) {
        Ok(bytes) => bytes,
        // A crash in the middle of creating it: the client was not told that it exists.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::remove_dir_all(folder)?;
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let damaged = || {
        let text = format!(
            "{} is damaged; remove the folder to give the topic up",
            folder.join(CONFIG_FILE).display()
        );
        io::Error::new(io::ErrorKind::InvalidData, text)
    };
    let mut body = Reader(unframe(&mut bytes.into()).ok_or_else(damaged)?);
    let parsed = (|| {
        if body.u8()? != VERSION || body.0.len() < 16 {
            return None;
        }
        let id = Uuid::from_slice(&body.0.split_to(16)).ok()?;
        let partitions = body.i32()?;
        let mut overrides = BTreeMap::new();
        for _ in 0..body.count()? {
            overrides.insert(body.text()?, body.text()?);
        }
        Some((id, partitions, TopicConfig::new(overrides).ok()?))
    })();
    let (id, partitions, config) = parsed.ok_or_else(damaged)?;
    let topic = Topic {
        name: name.to_owned(),
        id,
        config: RwLock::new(Arc::new(config)),
        partitions: RwLock::new(Vec::new()),
        folder: Some(folder.to_owned()),
    };
    topic.grow(partitions, now_ms).map_err(|(_, text)| io::Error::other(text))?;
    Ok(Some(topic))
}
