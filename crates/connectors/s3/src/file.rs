//! An open file: what one directory of a topic partition has collected since the last close.

use std::sync::Arc;

use api::data::{SchemaRef, SinkRecord, TopicPartition};
use api::{Error, Result};
use object_store::path::Path;

use crate::body::{Body, Chunk};
use crate::compatibility::Compatibility;
use crate::format::Encoder;
use crate::name::{self, View};
use crate::settings::Settings;
use crate::upload::{NextNames, Ticket, Upload, Uploads};

/// A file and the objects it becomes: the values', and where configured the keys' and the headers'.
#[derive(Debug)]
pub struct OpenFile {
    /// The records' topic, which is part of the name.
    pub topic: Arc<str>,
    /// The encoded partition.
    pub directory: String,
    /// Whether it holds the keys of null values.
    pub tombstones: bool,
    /// Offset of its first record.
    pub start_offset: i64,
    /// The schema of its values.
    pub schema: Option<SchemaRef>,
    /// Another schema whose records go here, the last that was looked at.
    pub fitting: Option<SchemaRef>,
    objects: Vec<Object>,
}

#[derive(Debug)]
struct Object {
    written: usize, // index in the settings
    key: Path,
    ticket: Ticket,
    body: Body,
    upload: Option<Upload>,
}

/// An upload that has not ended yet.
#[derive(Debug)]
pub struct Pending {
    /// Its name in events.
    pub ticket: Ticket,
    /// Offset of the file's first record.
    pub start_offset: i64,
    /// Its handle; dropping it cancels.
    pub upload: Upload,
}

/// What of a record decides where it goes.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The encoded partition.
    pub directory: &'a str,
    /// Whether that is the one of null values.
    pub tombstone: bool,
}

impl OpenFile {
    /// A file that begins with this record.
    ///
    /// # Errors
    /// The directory makes a name that cannot be sent.
    pub fn new(
        settings: &Settings,
        place: Place<'_>,
        record: &SinkRecord,
        mut ticket: impl FnMut() -> Ticket,
    ) -> Result<Self> {
        let mut objects = Vec::with_capacity(settings.written.len());
        for (written, how) in settings.written.iter().enumerate() {
            if how.view == View::Value && place.tombstone {
                continue;
            }
            let text = settings.names.text(
                &record.record.topic,
                place.directory,
                record.origin_partition,
                record.offset,
                how.view,
                &how.extension,
            );
            let key = name::path(&text)?;
            objects.push(Object {
                written,
                key,
                ticket: ticket(),
                body: Body::new(settings.shape.clone()),
                upload: None,
            });
        }
        Ok(Self {
            topic: record.record.topic.clone(),
            directory: place.directory.to_owned(),
            tombstones: place.tombstone,
            start_offset: record.offset,
            schema: record.record.value.schema.clone(),
            fitting: None,
            objects,
        })
    }

    /// Whether a record for this topic and directory goes here.
    pub fn holds(&self, topic: &Arc<str>, directory: &str) -> bool {
        (Arc::ptr_eq(&self.topic, topic) || self.topic == *topic) && self.directory == directory
    }

    /// Whether a record of this schema needs a new file.
    ///
    /// # Errors
    /// Bad record: it fits no file.
    #[inline]
    pub fn refuses(&mut self, schema: Option<&SchemaRef>, rule: Compatibility) -> Result<bool> {
        let (Some(own), Some(schema)) = (&self.schema, schema) else { return Ok(false) };
        // Comparisons are deep, so their result is remembered by pointer.
        if Arc::ptr_eq(own, schema)
            || self.fitting.as_ref().is_some_and(|fitting| Arc::ptr_eq(fitting, schema))
        {
            return Ok(false);
        }
        let begins = rule.begins_file(schema, own)?;
        if !begins {
            self.fitting = Some(schema.clone());
        }
        Ok(begins)
    }

    /// The record with its value fitted to the file's schema; `None` when it fits as it is.
    ///
    /// # Errors
    /// Bad record: it cannot be fitted.
    #[inline]
    pub fn project(&self, record: &SinkRecord, rule: Compatibility) -> Result<Option<SinkRecord>> {
        let Some(own) = &self.schema else { return Ok(None) };
        let value = &record.record.value;
        if rule == Compatibility::None || value.schema.as_ref().is_some_and(|schema| Arc::ptr_eq(schema, own))
        {
            return Ok(None);
        }
        Ok(rule.project(value, own)?.map(|fitted| {
            let mut record = record.clone();
            record.record.value = fitted;
            record
        }))
    }

    /// The tickets of its objects.
    pub fn tickets(&self) -> impl Iterator<Item = Ticket> {
        self.objects.iter().map(|object| object.ticket)
    }

    /// Appends a record to each object, or to none.
    ///
    /// # Errors
    /// Bad record: it cannot be written. Anything else is fatal.
    #[inline]
    pub fn append(
        &mut self,
        settings: &Settings,
        encoder: &mut Encoder,
        uploads: &Uploads,
        partition: i32,
        record: &SinkRecord,
    ) -> Result<()> {
        if let [object] = &mut self.objects[..] {
            let how = &settings.written[object.written];
            check_view(how.view, record)?;
            encoder.write(&how.format, how.view, record, object.body.raw())?;
        } else {
            self.append_to_all(settings, encoder, record)?;
        }
        for index in 0..self.objects.len() {
            if let Some(part) = self.objects[index].body.settle()? {
                self.start(index, settings, uploads, partition).part(part);
            }
        }
        Ok(())
    }

    fn append_to_all(
        &mut self,
        settings: &Settings,
        encoder: &mut Encoder,
        record: &SinkRecord,
    ) -> Result<()> {
        let lengths: Vec<usize> = self.objects.iter_mut().map(|object| object.body.raw().len()).collect();
        // Looked at before anything is written, so that values, keys and headers stay in step.
        for object in &self.objects {
            check_view(settings.written[object.written].view, record)?;
        }
        let written = self.objects.iter_mut().try_for_each(|object| {
            let how = &settings.written[object.written];
            encoder.write(&how.format, how.view, record, object.body.raw())
        });
        if written.is_err() {
            for (object, length) in self.objects.iter_mut().zip(lengths) {
                object.body.raw().truncate(length);
            }
        }
        written
    }

    /// Chunks that wait for others to make a part, to be put aside.
    pub fn waiting(&mut self) -> impl Iterator<Item = &mut Chunk> {
        self.objects.iter_mut().flat_map(|object| object.body.waiting())
    }

    /// Hands over the rest of each object.
    ///
    /// # Errors
    /// Compression failed.
    pub fn close(mut self, settings: &Settings, uploads: &Uploads, partition: i32) -> Result<Vec<Pending>> {
        for index in 0..self.objects.len() {
            let body = std::mem::replace(&mut self.objects[index].body, Body::new(settings.shape.empty()));
            let rest = body.finish()?;
            self.start(index, settings, uploads, partition).finish(rest);
        }
        let start_offset = self.start_offset;
        let pending = self.objects.into_iter().filter_map(|object| {
            Some(Pending { ticket: object.ticket, start_offset, upload: object.upload? })
        });
        Ok(pending.collect())
    }

    /// Gives the file up; what comes back ends when nothing of it is under way.
    pub fn cancel(self) -> impl Iterator<Item = tokio::sync::oneshot::Receiver<()>> {
        self.objects.into_iter().filter_map(|object| Some(object.upload?.cancel()))
    }

    /// Bytes of memory it holds, roughly.
    pub fn held(&self) -> usize {
        self.objects.iter().map(|object| object.body.held()).sum()
    }

    fn start(&mut self, index: usize, settings: &Settings, uploads: &Uploads, partition: i32) -> &Upload {
        let (topic, directory, start_offset) = (&self.topic, &self.directory, self.start_offset);
        let owner = TopicPartition::new(topic.clone(), partition);
        let object = &mut self.objects[index];
        object.upload.get_or_insert_with(|| {
            let after = settings.scan_limit.map(|limit| {
                let (names, topic, directory) = (settings.names.clone(), topic.clone(), directory.clone());
                let how = settings.written[object.written].clone();
                let name =
                    move |offset| names.text(&topic, &directory, partition, offset, how.view, &how.extension);
                NextNames { start_offset, limit, name: Box::new(name) }
            });
            uploads.start(object.key.clone(), owner, object.ticket, after)
        })
    }
}

#[inline]
fn check_view(view: View, record: &SinkRecord) -> Result<()> {
    match view {
        View::Key if record.record.key.value.is_null() => {
            Err(Error::bad_record("Key cannot be null for SinkRecord")
                .hint("it is needed with store.kafka.keys"))
        }
        View::Headers if record.record.headers.is_empty() => {
            Err(Error::bad_record("Headers cannot be null for SinkRecord")
                .hint("they are needed with store.kafka.headers"))
        }
        _ => Ok(()),
    }
}
