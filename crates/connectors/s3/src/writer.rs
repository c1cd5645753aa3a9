//! A topic partition: its open files, the closed ones on their way, and the offset up to which all is in the bucket.

use std::collections::VecDeque;
use std::time::Duration;

use api::data::{SinkRecord, TopicPartition, Value};
use api::{Error, ErrorKind, Result};
use tokio::sync::oneshot;

use crate::body::Chunk;
use crate::file::{OpenFile, Pending, Place};
use crate::format::Encoder;
use crate::settings::Settings;
use crate::upload::{Outcome, Ticket, Uploads};

/// What a writer works with, lent for a call.
pub struct Tools<'a> {
    /// The config's meaning.
    pub settings: &'a Settings,
    /// Records to bytes.
    pub encoder: &'a mut Encoder,
    /// Bytes to the bucket.
    pub uploads: &'a Uploads,
    /// Gives the next ticket.
    pub tickets: &'a mut Tickets,
    /// The clock, once a batch.
    pub now_ms: i64,
}

/// Gives tickets out, each once.
#[derive(Debug, Default)]
pub struct Tickets(u64);

impl Tickets {
    fn issue(&mut self) -> Ticket {
        self.0 += 1;
        Ticket(self.0)
    }
}

/// Files that were closed together.
#[derive(Debug)]
struct Closed {
    start_offset: i64,
    next_offset: i64,
    pending: Vec<Pending>,
}

/// See the module.
#[derive(Debug)]
pub struct Writer {
    partition: TopicPartition,
    files: Vec<OpenFile>,
    // The file of the last record, which most often is that of the next.
    current: usize,
    // The directory that was computed last, and for what time.
    directory: String,
    directory_ms: i64,
    // Records, over all files, since the last close.
    records: usize,
    first_ms: Option<i64>,
    next_slot_ms: i64,
    // One more than the last record that was accepted or rejected.
    next_offset: i64,
    closed: VecDeque<Closed>,
    durable: Option<i64>,
    reported: Option<i64>,
    // One more than the last record that was offered, taken or not.
    position: i64,
    // Until the records that were given up come again.
    rewound: Option<Rewound>,
    was_rewound: bool,
    // Files were lost: nothing more may count as durable behind them.
    broken: bool,
}

/// Reading begins again, after a pause. Nothing is taken until the consumer has gone back: a seek is only asked for, and
/// records from before it may come at any time.
#[derive(Debug, Clone, Copy)]
pub struct Rewound {
    /// At this offset.
    pub offset: i64,
    /// While it pauses nothing is taken at all.
    pub paused: bool,
    /// When the pause is over; after it, when to ask again for the seek. A time of the clock.
    pub due: Duration,
}

impl Rewound {
    // Whether a record shows that the consumer reads from the offset on. Without a seek offsets only grow, so one that
    // is not past the last comes of a seek. The record of the very offset may be gone (compacted, or by retention); when
    // all up to the last are gone, too, the record behind is left out once and then comes again by the next seek. An
    // offset ahead of all that was read needs no going back: the first record from there on is the one to begin with.
    fn is_followed(&self, offset: i64, position: i64) -> bool {
        offset >= self.offset && (offset < position || position <= self.offset)
    }
}

impl Writer {
    /// A partition without files.
    pub fn new(partition: TopicPartition, settings: &Settings, now_ms: i64) -> Self {
        Self {
            partition,
            files: Vec::new(),
            current: 0,
            directory: String::new(),
            directory_ms: 0,
            records: 0,
            first_ms: None,
            next_slot_ms: settings.rules.next_slot(now_ms),
            next_offset: i64::MIN,
            closed: VecDeque::new(),
            durable: None,
            reported: None,
            position: i64::MIN,
            rewound: None,
            was_rewound: false,
            broken: false,
        }
    }

    /// Accepts a record.
    ///
    /// # Errors
    /// Bad record: it can never be written, and counts as seen. Anything else is fatal.
    #[inline]
    pub fn accept(&mut self, record: &SinkRecord, tools: &mut Tools<'_>) -> Result<()> {
        check_topic(record)?;
        let position = std::mem::replace(&mut self.position, record.offset.saturating_add(1));
        if let Some(rewound) = &self.rewound {
            if rewound.paused || !rewound.is_followed(record.offset, position) {
                return Ok(()); // read again
            }
            self.rewound = None;
        }
        if self.broken {
            return Err(lost_files(&self.partition));
        }
        // Offered again, or read again from a committed offset: what it belongs to is here or in the bucket.
        if record.offset < self.next_offset {
            return Ok(());
        }
        let result = self.write(record, tools);
        self.next_offset = record.offset + 1;
        if result.is_ok() && self.records >= tools.settings.rules.flush_size {
            self.close(tools.settings, tools.uploads)?;
        }
        result
    }

    fn write(&mut self, record: &SinkRecord, tools: &mut Tools<'_>) -> Result<()> {
        let settings = tools.settings;
        let Some(time_ms) = self.time_of(record, tools)? else { return Ok(()) };
        let mut found = self.find(record, time_ms, settings)?;
        if self.records > 0 && self.must_close(record, time_ms, found, tools)? {
            self.close(settings, tools.uploads)?;
            found = None;
        }
        if settings.partitioner.extractor().is_some() {
            self.first_ms.get_or_insert(time_ms);
        }
        let new = found.is_none();
        let index = match found {
            Some(index) => index,
            None => self.open(record, tools)?,
        };
        let file = &mut self.files[index];
        let projected = file.project(record, settings.rules.compatibility)?;
        let record = projected.as_ref().unwrap_or(record);
        let written = file.append(settings, tools.encoder, tools.uploads, self.partition.partition, record);
        if written.is_err() && new {
            self.files.swap_remove(index);
        }
        written?;
        self.current = index;
        self.records += 1;
        Ok(())
    }

    // The record's time, 0 where directories are not by time; `None` leaves the record out.
    fn time_of(&self, record: &SinkRecord, tools: &Tools<'_>) -> Result<Option<i64>> {
        use crate::config::NullBehavior;
        let (settings, null) = (tools.settings, record.record.value.value.is_null());
        match settings.nulls {
            NullBehavior::Fail if null => {
                return Err(Error::bad_record(
                    "Null valued records are not writeable with current behavior.on.null.values 'settings.",
                )
                .hint("set it to ignore or write"));
            }
            NullBehavior::Ignore if null && settings.report_nulls => {
                return Err(Error::bad_record("Skipping null value record."));
            }
            NullBehavior::Ignore if null => return Ok(None),
            _ => {}
        }
        match settings.partitioner.extractor() {
            None => Ok(Some(0)),
            // A null has no field to take the time from.
            Some(_) if null => Ok(Some(record.record.timestamp.unwrap_or(tools.now_ms))),
            Some(extractor) => extractor.extract(record, tools.now_ms).map(Some),
        }
    }

    // The open file of the record's directory; the directory is left in `self.directory`.
    #[inline]
    fn find(&mut self, record: &SinkRecord, time_ms: i64, settings: &Settings) -> Result<Option<usize>> {
        let topic = &record.record.topic;
        if let Some(file) = self.files.get(self.current)
            && settings.partitioner.is_same(self.directory_ms, time_ms)
            && file.holds(topic, &self.directory)
        {
            return Ok(Some(self.current));
        }
        self.directory.clear();
        settings.partitioner.encode(record, time_ms, &mut self.directory)?;
        self.directory_ms = time_ms;
        if self.files.get(self.current).is_some_and(|file| file.holds(topic, &self.directory)) {
            return Ok(Some(self.current));
        }
        Ok(self.files.iter().position(|file| file.holds(topic, &self.directory)))
    }

    // Before a record is written: whether it begins new files.
    #[inline]
    fn must_close(
        &mut self,
        record: &SinkRecord,
        time_ms: i64,
        found: Option<usize>,
        tools: &Tools<'_>,
    ) -> Result<bool> {
        let rules = &tools.settings.rules;
        let schema = &record.record.value.schema;
        if let Some(file) = found.map(|index| &self.files[index])
            && file.schema.is_some() != schema.is_some()
        {
            return Ok(true);
        }
        let by_interval = rules.interval_ms.is_some()
            && (rules.interval_is_over(self.first_ms, time_ms)
                || rules.on_partition_change && self.changes_directory(record, found, tools.settings));
        if by_interval || tools.now_ms >= self.next_slot_ms {
            self.next_slot_ms = rules.next_slot(tools.now_ms);
            return Ok(true);
        }
        let Some(index) = found else {
            return Ok(rules.max_open_files.is_some_and(|limit| self.files.len() >= limit));
        };
        self.files[index].refuses(schema.as_ref(), rules.compatibility)
    }

    // Switches to or from the directory of null values do not count.
    fn changes_directory(&self, record: &SinkRecord, found: Option<usize>, settings: &Settings) -> bool {
        let Some(current) = self.files.get(self.current) else { return false };
        let tombstone = is_tombstone(record, settings, &self.directory);
        found != Some(self.current) && !current.tombstones && !tombstone
    }

    fn open(&mut self, record: &SinkRecord, tools: &mut Tools<'_>) -> Result<usize> {
        let tombstone = is_tombstone(record, tools.settings, &self.directory);
        let place = Place { directory: &self.directory, tombstone };
        let file = OpenFile::new(tools.settings, place, record, || tools.tickets.issue())?;
        self.files.push(file);
        Ok(self.files.len() - 1)
    }

    /// Closes all files and begins to upload what is not uploaded yet.
    ///
    /// # Errors
    /// Compression failed.
    fn close(&mut self, settings: &Settings, uploads: &Uploads) -> Result<()> {
        let start_offset = self.files.iter().map(|file| file.start_offset).min();
        let partition = self.partition.partition;
        let files = std::mem::take(&mut self.files);
        let closed = files.into_iter().map(|file| file.close(settings, uploads, partition)).collect();
        self.note_closed(start_offset, closed)
    }

    // Files that could not be closed are gone, and the others with them: no later offset may be committed, or their
    // records would never be read again.
    fn note_closed(&mut self, start_offset: Option<i64>, closed: Result<Vec<Vec<Pending>>>) -> Result<()> {
        (self.records, self.first_ms, self.current) = (0, None, 0);
        self.broken |= closed.is_err();
        let pending = closed?.into_iter().flatten().collect();
        if let Some(start_offset) = start_offset {
            self.closed.push_back(Closed { start_offset, next_offset: self.next_offset, pending });
        }
        Ok(())
    }

    /// Lets time pass, before the records of a batch: closes files that the clock closes.
    ///
    /// # Errors
    /// Compression failed.
    pub fn tick(&mut self, settings: &Settings, uploads: &Uploads, now_ms: i64) -> Result<()> {
        let rules = &settings.rules;
        let by_schedule = now_ms >= self.next_slot_ms;
        let by_interval = rules.wallclock && rules.interval_is_over(self.first_ms, now_ms);
        if by_schedule || by_interval {
            self.next_slot_ms = rules.next_slot(now_ms);
            if self.records > 0 {
                self.close(settings, uploads)?;
            }
        }
        Ok(())
    }

    /// Whether an upload is one of its own; it gave up those before the last rewind.
    pub fn owns(&self, ticket: Ticket) -> bool {
        self.closed.iter().any(|closed| closed.owns(ticket))
            || self.files.iter().any(|file| file.tickets().any(|own| own == ticket))
    }

    /// Notes how an upload of its own ended. `Some` is the offset to begin again at.
    pub fn ended(&mut self, ticket: Ticket, result: std::result::Result<Outcome, ErrorKind>) -> Option<i64> {
        let resume = match result {
            Ok(Outcome::Durable) => {
                if let Some(closed) = self.closed.iter_mut().find(|closed| closed.owns(ticket)) {
                    closed.pending.retain(|pending| pending.ticket != ticket);
                }
                self.advance();
                return None;
            }
            Ok(Outcome::Taken { resume }) => Some(resume),
            Err(_) => None,
        };
        let first = self.closed.front();
        match (first, resume) {
            // All before it is durable: what lies behind the taken name was written before.
            (Some(first), Some(resume)) if first.owns(ticket) => {
                let offsets = first.pending.iter().map(|pending| match pending.ticket == ticket {
                    true => resume,
                    false => pending.start_offset,
                });
                offsets.min()
            }
            (Some(first), _) => Some(first.start_offset),
            (None, _) => self.files.iter().map(|file| file.start_offset).min(),
        }
    }

    // Invariant 2: the durable offset moves over closed files in order, and only when all of each are uploaded.
    fn advance(&mut self) {
        while let Some(first) = self.closed.front().filter(|first| first.pending.is_empty()) {
            self.durable = Some(first.next_offset);
            self.closed.pop_front();
        }
    }

    /// Gives up everything that is not durable, to read it again from an offset.
    pub fn rewind(
        &mut self,
        rewound: Rewound,
        settings: &Settings,
        now_ms: i64,
    ) -> Vec<oneshot::Receiver<()>> {
        let (durable, reported, position) = (self.durable, self.reported, self.position);
        let fresh = Writer::new(self.partition.clone(), settings, now_ms);
        let given_up = std::mem::replace(self, fresh);
        (self.durable, self.reported, self.rewound) = (durable, reported, Some(rewound));
        (self.position, self.was_rewound) = (position, true);
        given_up.cancel()
    }

    /// Where reading begins again, until it does.
    pub fn rewound(&self) -> Option<Rewound> {
        self.rewound
    }

    /// The pause is over; at `due` the seek is asked for again unless it was followed.
    pub fn resume(&mut self, due: Duration) {
        if let Some(rewound) = &mut self.rewound {
            (rewound.paused, rewound.due) = (false, due);
        }
    }

    /// Cancels all uploads; what comes back ends when nothing is under way.
    pub fn cancel(self) -> Vec<oneshot::Receiver<()>> {
        let closed = self.closed.into_iter().flat_map(|closed| closed.pending);
        let closed = closed.map(|pending| pending.upload.cancel());
        self.files.into_iter().flat_map(OpenFile::cancel).chain(closed).collect()
    }

    /// The offset to commit, if it is not committed yet. `accepted` is the offset after the last record that the
    /// runtime saw accepted.
    pub fn committable(&mut self, accepted: Option<i64>) -> Option<i64> {
        let idle = self.files.is_empty() && self.closed.is_empty() && self.rewound.is_none() && !self.broken;
        // With nothing on its way all that was accepted is durable, records that were left out included. After a rewind
        // only what came since counts: the runtime may remember records that were given up.
        let seen = if self.was_rewound { accepted.min(Some(self.next_offset)) } else { accepted };
        let offset = if idle { self.durable.max(seen) } else { self.durable };
        let news =
            offset.filter(|offset| *offset >= 0 && self.reported.is_none_or(|reported| *offset > reported));
        self.reported = news.or(self.reported);
        news
    }

    /// Whether closed files are on their way.
    pub fn is_uploading(&self) -> bool {
        !self.closed.is_empty()
    }

    /// Chunks that wait for others to make a part, to be put aside.
    pub fn waiting(&mut self) -> impl Iterator<Item = &mut Chunk> {
        self.files.iter_mut().flat_map(OpenFile::waiting)
    }

    /// Bytes of memory that its open files hold, roughly.
    pub fn held(&self) -> usize {
        self.files.iter().map(OpenFile::held).sum()
    }
}

impl Closed {
    fn owns(&self, ticket: Ticket) -> bool {
        self.pending.iter().any(|pending| pending.ticket == ticket)
    }
}

// Names are unique because a topic's partition and offset are. Under another topic's name records of two topics could
// overwrite each other, so the Java twin refuses them too.
#[inline]
fn check_topic(record: &SinkRecord) -> Result<()> {
    let (topic, origin) = (&record.record.topic, &record.origin_topic);
    if std::sync::Arc::ptr_eq(topic, origin) || topic == origin {
        return Ok(());
    }
    Err(Error::fatal(format!(
        "No writer found for topic partition {topic}-{}. The record's topic-partition does not match any assigned \
         partitions.",
        record.origin_partition
    ))
    .hint("a transform changed the topic, and objects of two topics could then have the same name; leave it, or use topics.dir"))
}

#[cold]
fn lost_files(partition: &TopicPartition) -> Error {
    Error::fatal(format!("files of {partition} could not be closed, so nothing more is written behind them"))
        .hint("see the error before this one; restart the task, which reads their records again")
}

fn is_tombstone(record: &SinkRecord, settings: &Settings, directory: &str) -> bool {
    matches!(record.record.value.value, Value::Null) && settings.partitioner.is_tombstone(directory)
}

#[cfg(test)]
mod tests;
