//! A converter whose schemas are in a registry, of any format.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::config::Secret;
use api::data::{Bytes, Datum, SchemaRef};
use api::{BoxFuture, Converter, DecodeContext, EncodeContext, Error, Prepare, RawHeader, Usage};

use crate::Format;
use crate::client::{Client, Registered};
use crate::config::{IdPlace, RegistryConfig};
use crate::readers::{Reader, Readers};
use crate::subject::{Fallback, Strategy};
use crate::wire::{self, SchemaId};

/// Keys or values whose schemas are in a registry.
///
/// `prepare` finds or registers a schema and makes its encoder or decoder; each is kept, so that the network is used
/// once per schema and topic.
pub struct RegistryConverter<F: Format> {
    format: F,
    usage: Usage,
    config: RegistryConfig,
    client: Client,
    writers: Vec<Writer<F>>,
    /// The writer that was used last.
    last: usize,
    readers: Readers<F>,
    capacity: usize,
}

struct Writer<F: Format> {
    topic: Box<str>,
    /// Kept alive, so that its address means the same schema as long as this is here.
    connect: Option<SchemaRef>,
    id: i32,
    guid: Option<[u8; 16]>,
    encoder: F::Encoder,
    until: Option<Instant>,
}

impl<F: Format> Writer<F> {
    fn is_for(&self, topic: &str, connect: Option<&SchemaRef>) -> bool {
        let same = match (&self.connect, connect) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (None, None) => true,
            _ => false,
        };
        same && *self.topic == *topic
    }
}

fn is_past(until: Option<Instant>) -> bool {
    until.is_some_and(|until| Instant::now() >= until)
}

/// The least time that a latest schema is used: from `prepare` to the records it was prepared for.
const TTL_MIN: Duration = Duration::from_secs(1);

impl<F: Format> RegistryConverter<F> {
    /// A converter of this config.
    ///
    /// # Errors
    /// Certificates, URLs or headers that cannot be used.
    pub fn new(
        format: F,
        config: RegistryConfig,
        headers: Vec<(String, Secret)>,
        usage: Usage,
    ) -> api::Result<Self> {
        let client = Client::new(config.client.clone().settings(headers)?)?;
        let capacity = usize::try_from(config.schemas_cached).unwrap_or(1).max(1);
        Ok(Self {
            format,
            usage,
            config,
            client,
            writers: Vec::new(),
            last: 0,
            readers: Readers::default(),
            capacity,
        })
    }

    fn writer(&self, topic: &str, connect: Option<&SchemaRef>) -> Option<usize> {
        let is_last = self.writers.get(self.last).is_some_and(|writer| writer.is_for(topic, connect));
        match is_last {
            true => Some(self.last),
            false => self.writers.iter().position(|writer| writer.is_for(topic, connect)),
        }
    }

    /// The subject of a topic's schema; `None` when it depends on the name of a schema that is not known.
    async fn subject(&self, topic: &str, schema: Option<&F::Schema>) -> api::Result<Option<String>> {
        let mut strategy = self.config.strategy(self.usage);
        if strategy == Strategy::Associated {
            let cluster = self.config.cluster.as_deref().unwrap_or("-");
            let found = self.client.association(cluster, topic, self.usage == Usage::Key).await?;
            if found.is_some() {
                return Ok(found);
            }
            strategy = match self.config.fallback {
                Fallback::Topic => Strategy::Topic,
                Fallback::Record => Strategy::Record,
                Fallback::TopicRecord => Strategy::TopicRecord,
                Fallback::None => {
                    return Err(Error::bad_record("no subject is associated with the topic")
                        .with("topic", topic)
                        .hint("associate one, or set subject.name.strategy.fallback.type"));
                }
            };
        }
        if strategy.uses_name() && schema.is_none() {
            return Ok(None);
        }
        let name = schema.and_then(|schema| self.format.name(schema));
        strategy.subject(topic, self.usage, name.as_deref()).map(Some).map_err(Error::bad_record)
    }

    /// Parses what the registry answered, with what it names.
    async fn parse(&self, registered: &Registered) -> api::Result<F::Schema> {
        let schema_type = registered.schema_type.as_deref().unwrap_or("AVRO");
        if schema_type != F::TYPE {
            let text = format!("the schema is of type {schema_type}, and this converter is for {}", F::TYPE);
            return Err(Error::bad_record(text));
        }
        let references = self.client.references(&registered.references).await?;
        self.format
            .parse(&registered.schema, &references)
            .map_err(|why| Error::bad_record(format!("the registered schema cannot be read: {why}")))
    }

    /// Whether schemas come from the registry that may change: then their time is limited.
    fn until(&self, changes: bool) -> Option<Instant> {
        let ttl = self.client.latest_ttl().filter(|_| changes)?;
        // What was just prepared must last until it is used: a ttl of 0 asks for every batch, not for ever.
        Instant::now().checked_add(ttl.max(TTL_MIN))
    }

    async fn prepare_writer(&mut self, topic: &str, connect: Option<&SchemaRef>) -> api::Result<()> {
        let own = self.format.schema_of(connect).map_err(Error::bad_record)?;
        let Some(subject) = self.subject(topic, Some(&own)).await? else {
            return Err(Error::fatal("the schema has no subject")); // it is known here
        };
        let prepared = self.choose(topic, connect, own, &subject).await;
        let writer = prepared.map_err(|error| error.with("subject", &subject))?;
        match self.writers.iter().position(|known| known.is_for(topic, connect)) {
            Some(place) => self.writers[place] = writer,
            None => {
                if self.writers.len() >= self.capacity {
                    self.writers.remove(0); // the one that came first
                    self.last = 0;
                }
                self.writers.push(writer);
            }
        }
        Ok(())
    }

    async fn choose(
        &self,
        topic: &str,
        connect: Option<&SchemaRef>,
        own: F::Schema,
        subject: &str,
    ) -> api::Result<Writer<F>> {
        let config = &self.config;
        let text = self.format.text(&own);
        let metadata = config.metadata().unwrap_or_default();
        let mut changes = false;
        // In Java's order: registering goes before all others.
        let (registered, strict) = if config.auto_register {
            (self.client.register(subject, F::TYPE, &text, &[], config.normalize).await?, None)
        } else if config.schema_id >= 0 {
            let mut found = self.client.by_id(config.schema_id, Some(subject)).await?;
            found.id = Some(config.schema_id);
            (found, Some(("id.compatibility.strict", config.id_strict)))
        } else if let Some(guid) = &config.schema_guid {
            (self.client.by_guid(guid.trim()).await?, Some(("id.compatibility.strict", config.id_strict)))
        } else if !metadata.is_empty() {
            changes = true;
            let found = self.client.latest_with_metadata(subject, &metadata).await?;
            (found, Some(("latest.compatibility.strict", config.latest_strict)))
        } else if config.latest_version {
            changes = true;
            let found = self.client.latest(subject).await?;
            (found, Some(("latest.compatibility.strict", config.latest_strict)))
        } else {
            (self.client.look_up(subject, F::TYPE, &text, &[], config.normalize).await?, None)
        };
        let chosen = match strict {
            None => own,
            Some((key, strict)) => {
                let chosen = self.parse(&registered).await?;
                let reasons = if strict { self.format.misreads(&chosen, &own) } else { Vec::new() };
                if !reasons.is_empty() {
                    let text = format!(
                        "the chosen schema cannot read data of the record's schema: {}",
                        reasons.join("; ")
                    );
                    return Err(Error::bad_record(text).with("key", key));
                }
                chosen
            }
        };
        let encoder = self.format.encoder(connect, &chosen).map_err(Error::bad_record)?;
        let (id, guid) = self.names(registered, subject).await?;
        Ok(Writer {
            topic: topic.into(),
            connect: connect.cloned(),
            id,
            guid,
            encoder,
            until: self.until(changes),
        })
    }

    /// Id and GUID of a schema, as far as they are written.
    async fn names(&self, registered: Registered, subject: &str) -> api::Result<(i32, Option<[u8; 16]>)> {
        let parsed = |registered: &Registered| registered.guid.as_deref().and_then(wire::parse_guid);
        let needs_guid = self.config.id_place(self.usage) == IdPlace::Header;
        let mut guid = parsed(&registered);
        match (registered.id, needs_guid) {
            // The subject names the context that the id belongs to.
            (Some(id), true) if guid.is_none() => {
                guid = parsed(&self.client.by_id(id, Some(subject)).await?);
            }
            (None, false) => {
                return Err(Error::fatal("the registry's answer holds no id of the schema"));
            }
            _ => {}
        }
        if needs_guid && guid.is_none() {
            return Err(Error::misconfigured(
                "the registry gives schemas no GUID, which a header would hold",
            )
            .hint("use PrefixSchemaIdSerializer, or a registry of Confluent Platform 8 or later"));
        }
        Ok((registered.id.unwrap_or(-1), guid.filter(|_| needs_guid)))
    }

    async fn prepare_reader(&mut self, topic: &str, id: SchemaId) -> api::Result<()> {
        let reader = self.reader(topic, id).await.map_err(|error| match id {
            SchemaId::Id(id) => error.with("schema id", id),
            SchemaId::Guid(guid) => error.with("schema GUID", wire::guid_text(guid)),
        })?;
        self.readers.insert(reader, self.capacity);
        Ok(())
    }

    async fn reader(&self, topic: &str, id: SchemaId) -> api::Result<Reader<F>> {
        let known_subject = self.subject(topic, None).await?;
        let registered = match id {
            SchemaId::Id(id) => self.client.by_id(id, known_subject.as_deref()).await?,
            SchemaId::Guid(guid) => self.client.by_guid(&wire::guid_text(guid)).await?,
        };
        let writer = self.parse(&registered).await?;
        let subject = match known_subject {
            Some(subject) => Some(subject),
            None => self.subject(topic, Some(&writer)).await?,
        };
        let Some(subject) = subject else {
            return Err(Error::fatal("the schema has no subject")); // its name is known here
        };
        let version = self.version(&subject, &registered).await?;
        let metadata = self.config.metadata().unwrap_or_default();
        let latest = match (metadata.is_empty(), self.config.latest_version) {
            (false, _) => Some(self.client.latest_with_metadata(&subject, &metadata).await?),
            (true, true) => Some(self.client.latest(&subject).await?),
            (true, false) => None,
        };
        let reader = match &latest {
            Some(latest) => Some(self.parse(latest).await?),
            None => None,
        };
        let version = latest.as_ref().map_or(version, |latest| latest.version);
        let decoder = self.format.decoder(&writer, reader.as_ref(), version).map_err(Error::bad_record)?;
        Ok(Reader { topic: topic.into(), id, decoder, until: self.until(latest.is_some()) })
    }

    /// The version of a schema in its subject; `None` when it is not there: data may come from another topic.
    async fn version(&self, subject: &str, registered: &Registered) -> api::Result<Option<i32>> {
        // The version may be another subject's that has the same schema.
        let is_its_own = registered.subject.as_deref().is_none_or(|named| named == subject);
        if registered.version.is_some() && is_its_own {
            return Ok(registered.version);
        }
        let (text, references) = (&registered.schema, &registered.references);
        match self.client.look_up(subject, F::TYPE, text, references, self.config.normalize).await {
            Ok(found) => Ok(found.version),
            Err(error) if error.kind() == api::ErrorKind::BadRecord => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl<F: Format> Converter for RegistryConverter<F> {
    fn encode(
        &mut self,
        context: &mut EncodeContext<'_>,
        datum: &Datum,
        out: &mut Vec<u8>,
    ) -> api::Result<bool> {
        let connect = datum.schema.as_ref();
        if datum.value.is_null() {
            return match connect.is_none_or(|schema| schema.is_optional()) {
                true => Ok(false),
                false => Err(Error::bad_record("Found null value for non-optional schema")
                    .with("topic", context.topic)),
            };
        }
        let Some(place) = self.writer(context.topic, connect) else {
            return Err(Error::fatal("the schema was not prepared").with("topic", context.topic));
        };
        self.last = place;
        let writer = &mut self.writers[place];
        match writer.guid {
            None => {
                wire::write_prefix(writer.id, out);
                out.extend_from_slice(self.format.indexes(&writer.encoder));
            }
            Some(guid) => {
                let header = wire::header(self.usage, guid, self.format.indexes(&writer.encoder));
                context.headers.push(header);
            }
        }
        let written = self.format.encode(&mut writer.encoder, &datum.value, out);
        written.map_err(|why| Error::bad_record(why).with("topic", context.topic))?;
        Ok(true)
    }

    fn decode(&mut self, context: DecodeContext<'_>, bytes: Option<&Bytes>) -> api::Result<Datum> {
        let Some(bytes) = bytes else { return Ok(Datum::NULL) };
        let failed = |why: &str| {
            let text = format!("{} data cannot be read: {why}", F::TYPE);
            Error::bad_record(text).with("topic", context.topic)
        };
        let message = wire::split(self.usage, context.headers, bytes).map_err(failed)?;
        let Some(reader) = self.readers.get_mut(context.topic, message.id) else {
            return Err(Error::fatal("the schema was not prepared").with("topic", context.topic));
        };
        let decoded = self.format.decode(&mut reader.decoder, message.indexes.as_deref(), &message.data);
        decoded.map_err(|why| failed(&why))
    }

    fn lacks(&self, need: &Prepare<'_>) -> bool {
        match need {
            Prepare::Encode { topic, schema } => match self.writer(topic, *schema) {
                Some(place) => is_past(self.writers[place].until),
                None => true,
            },
            Prepare::Decode { topic, bytes, headers } => {
                // What names no schema fails when it is decoded.
                let Ok(id) = wire::schema_id(self.usage, headers, bytes) else { return false };
                let reader = self.readers.get(topic, id);
                reader.is_none_or(|reader| is_past(reader.until))
            }
        }
    }

    fn prepare<'a>(&'a mut self, need: Prepare<'a>) -> BoxFuture<'a, api::Result<()>> {
        Box::pin(async move {
            match need {
                Prepare::Encode { topic, schema } => {
                    self.prepare_writer(topic, schema).await.map_err(|error| error.with("topic", topic))
                }
                Prepare::Decode { topic, bytes, headers } => {
                    prepare_decode(self, topic, bytes, headers).await
                }
            }
        })
    }
}

async fn prepare_decode<F: Format>(
    converter: &mut RegistryConverter<F>,
    topic: &str,
    bytes: &Bytes,
    headers: &[RawHeader],
) -> api::Result<()> {
    match wire::schema_id(converter.usage, headers, bytes) {
        Ok(id) => converter.prepare_reader(topic, id).await.map_err(|error| error.with("topic", topic)),
        Err(_) => Ok(()),
    }
}
