//! Uploads beside the task: many at once, within a budget of bytes.
//!
//! Each object has a side task that takes its parts as they are cut, sends them in parallel and completes the object.
//! A small object is one request. Dropping the [`Upload`] handle cancels: a multipart upload is aborted once the parts
//! that are under way have ended, since one that arrives after the abort would stay in the bucket and cost money
//! (AbortMultipartUpload in S3's API reference). How it ended comes as an [`Event`].

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use api::data::TopicPartition;
use api::{BoxFuture, Clock, Error, Result, Spawner};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use object_store::multipart::PartId;
use object_store::path::Path;
use object_store::{MultipartId, PutPayload};
use tokio::sync::{Notify, Semaphore, SemaphorePermit, mpsc, oneshot};

use crate::body::Part;
use crate::bucket::{Bucket, Written};

// Requests at once: enough to fill a line, few enough for a server that throttles.
const REQUESTS_MAX: usize = 16;
// Bytes in requests at once. Parts that wait for their turn may be on disk.
const REQUEST_BYTES_MAX: usize = 16 << 20;
// How long an abort waits for parts under way: below shutdown.timeout.ms' default, so that the abort comes in time too.
const PARTS_END_WITHIN: Duration = Duration::from_secs(2);

/// Starts uploads and tells how they ended.
#[derive(Debug)]
pub struct Uploads {
    shared: Arc<Shared>,
    events: mpsc::UnboundedReceiver<Event>,
    sender: mpsc::UnboundedSender<Event>,
}

#[derive(Debug)]
struct Shared {
    bucket: Bucket,
    requests: Semaphore,
    // In KiB: a semaphore counts in 32 bits.
    request_kib: Semaphore,
    spawner: Arc<dyn Spawner>,
    clock: Arc<dyn Clock>,
    held: AtomicUsize,
    progress: Notify,
}

type SentPart = Result<(usize, PartId)>;

// What the parts of one upload share with its abort.
#[derive(Debug, Default)]
struct Flight {
    given_up: AtomicBool,
    sending: AtomicUsize,
}

// A part between its turn and its answer.
struct Sending<'a>(&'a Flight);

impl<'a> Sending<'a> {
    fn new(flight: &'a Flight) -> Option<Self> {
        if flight.given_up.load(Ordering::Relaxed) {
            return None;
        }
        flight.sending.fetch_add(1, Ordering::Relaxed);
        Some(Self(flight))
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        self.0.sending.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Names an upload for whoever started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// How an upload ended.
#[derive(Debug)]
pub struct Event {
    /// Which.
    pub ticket: Ticket,
    /// Of which partition.
    pub partition: TopicPartition,
    /// An error is retriable when the same bytes may go up later.
    pub result: Result<Outcome>,
}

/// The end of an upload that was not cancelled and did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The object is there, with these bytes.
    Durable,
    /// Another object of this name is there, and was left as it is.
    Taken {
        /// The next offset whose object's name is free.
        resume: i64,
    },
}

/// Names of objects that would begin at later offsets.
pub struct NextNames {
    /// The offset whose name was taken.
    pub start_offset: i64,
    /// How many offsets are looked at.
    pub limit: i64,
    /// The name for an offset.
    pub name: Box<dyn Fn(i64) -> String + Send + Sync>,
}

/// The handle of an upload. Dropping it cancels.
#[derive(Debug)]
pub struct Upload {
    steps: mpsc::UnboundedSender<Step>,
    shared: Arc<Shared>,
    cancel: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
}

#[derive(Debug)]
enum Step {
    Part(Held),
    Finish(Option<Held>),
}

// A part that counts against the budget, with what of it is in memory, for as long as it lives.
#[derive(Debug)]
struct Held {
    part: Arc<Part>,
    in_memory: usize,
    shared: Arc<Shared>,
}

impl Held {
    fn new(part: Part, shared: &Arc<Shared>) -> Self {
        let in_memory = part.in_memory();
        shared.held.fetch_add(in_memory, Ordering::Relaxed);
        Self { part: Arc::new(part), in_memory, shared: shared.clone() }
    }

    // The bytes, once it is this part's turn to be sent, and the turn.
    async fn turn(&self) -> Result<(PutPayload, Turn<'_>)> {
        let whole = REQUEST_BYTES_MAX >> 10;
        let kib = u32::try_from((self.part.size() >> 10).clamp(1, whole)).unwrap_or(u32::MAX);
        let closed = |_| Error::fatal("uploads have ended");
        let bytes = self.shared.request_kib.acquire_many(kib).await.map_err(closed)?;
        let request = self.shared.requests.acquire().await.map_err(closed)?;
        let payload = match self.part.is_in_memory() {
            true => self.part.load(),
            false => load_aside(self.part.clone(), &*self.shared.spawner).await,
        };
        let payload = payload.map_err(|error| {
            // Its file is written again, then perhaps in memory.
            Error::retry("records that were put aside on disk cannot be read back").caused_by(error)
        })?;
        Ok((payload, Turn { _bytes: bytes, _request: request }))
    }
}

// Reads on a thread of its own, since a disk may block.
async fn load_aside(part: Arc<Part>, spawner: &dyn Spawner) -> io::Result<PutPayload> {
    let (send, receive) = oneshot::channel();
    let read = move || drop(send.send(part.load())); // nobody waits when the upload was cancelled
    spawner.spawn_blocking("s3-read-aside", Box::new(read));
    receive.await.unwrap_or_else(|_| Err(io::Error::other("the reading thread ended")))
}

struct Turn<'a> {
    _bytes: SemaphorePermit<'a>,
    _request: SemaphorePermit<'a>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shared.held.fetch_sub(self.in_memory, Ordering::Relaxed);
        self.shared.progress.notify_one();
    }
}

impl Uploads {
    /// Uploads to a bucket.
    pub fn new(bucket: Bucket, spawner: Arc<dyn Spawner>, clock: Arc<dyn Clock>) -> Self {
        let (sender, events) = mpsc::unbounded_channel(); // one event an upload, and uploads are bounded by bytes
        let shared = Shared {
            bucket,
            requests: Semaphore::new(REQUESTS_MAX),
            request_kib: Semaphore::new(REQUEST_BYTES_MAX >> 10),
            spawner,
            clock,
            held: AtomicUsize::new(0),
            progress: Notify::new(),
        };
        Self { shared: Arc::new(shared), events, sender }
    }

    /// Bytes handed over and not yet sent.
    pub fn held(&self) -> usize {
        self.shared.held.load(Ordering::Relaxed)
    }

    /// The next event that is there already.
    pub fn try_next(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Waits until a payload was sent or an upload ended, or it did since the last call. May return early.
    pub async fn progress(&self) {
        self.shared.progress.notified().await;
    }

    /// Starts an upload. `after` names the objects that are looked at when there is one of this name already.
    pub fn start(
        &self,
        key: Path,
        partition: TopicPartition,
        ticket: Ticket,
        after: Option<NextNames>,
    ) -> Upload {
        let (steps, receiver) = mpsc::unbounded_channel(); // bounded by the budget of bytes
        let (cancel, cancelled) = oneshot::channel();
        let (shared, sender) = (self.shared.clone(), self.sender.clone());
        let (end, ended) = oneshot::channel();
        let work = async move {
            let _end = end; // dropped however this ends
            let mut object = Object {
                shared: shared.clone(),
                key,
                beginning: None,
                id: None,
                parts: FuturesUnordered::new(),
                flight: Arc::default(),
                sent: Vec::new(),
                after,
            };
            let result = tokio::select! {
                biased;
                _ = cancelled => None,
                result = object.upload(receiver) => Some(result),
            };
            if !matches!(result, Some(Ok(_))) {
                object.abort().await;
            }
            if let Some(result) = result {
                let _ = sender.send(Event { ticket, partition, result }); // nobody listens when the task is gone
                shared.progress.notify_one();
            }
        };
        self.shared.spawner.spawn("s3-upload", Box::pin(work));
        Upload { steps, shared: self.shared.clone(), cancel, ended }
    }
}

impl Upload {
    /// Hands over a part.
    pub fn part(&self, part: Part) {
        let _ = self.steps.send(Step::Part(Held::new(part, &self.shared))); // ended: its event says why
    }

    /// Cancels; what comes back completes when nothing of the upload is under way any more.
    pub fn cancel(self) -> oneshot::Receiver<()> {
        drop(self.cancel);
        self.ended
    }

    /// Hands over the rest.
    pub fn finish(&self, rest: Option<Part>) {
        let rest = rest.map(|part| Held::new(part, &self.shared));
        let _ = self.steps.send(Step::Finish(rest));
    }
}

struct Object {
    shared: Arc<Shared>,
    key: Path,
    // Kept here so that a cancelled upload can wait for its id: without it nobody could abort it.
    beginning: Option<BoxFuture<'static, Result<MultipartId>>>,
    id: Option<MultipartId>,
    // Kept here so that an abort can wait for those under way.
    parts: FuturesUnordered<BoxFuture<'static, SentPart>>,
    flight: Arc<Flight>,
    sent: Vec<Option<PartId>>,
    after: Option<NextNames>,
}

impl Object {
    async fn upload(&mut self, mut steps: mpsc::UnboundedReceiver<Step>) -> Result<Outcome> {
        let shared = self.shared.clone();
        let mut finished = false;
        let mut size = 0;
        while !finished || !self.parts.is_empty() {
            tokio::select! {
                step = steps.recv(), if !finished => match step {
                    Some(Step::Finish(Some(whole))) if self.id.is_none() => return self.put(whole).await,
                    Some(step) => {
                        let (part, last) = match step {
                            Step::Part(part) => (Some(part), false),
                            Step::Finish(rest) => (rest, true),
                        };
                        finished = last;
                        if let Some(part) = part {
                            size += part.part.size() as u64;
                            let id = self.begin().await?;
                            let index = self.sent.len();
                            self.sent.push(None);
                            let flight = self.flight.clone();
                            let sent = send_part(shared.clone(), flight, self.key.clone(), id, index, part);
                            self.parts.push(Box::pin(sent));
                        }
                    }
                    // The handle was dropped: the cancellation comes right behind.
                    None => return std::future::pending().await,
                },
                Some(done) = self.parts.next(), if !self.parts.is_empty() => {
                    let (index, part) = done?;
                    self.sent[index] = Some(part);
                }
            }
        }
        self.complete(size).await
    }

    async fn begin(&mut self) -> Result<MultipartId> {
        if let Some(id) = &self.id {
            return Ok(id.clone());
        }
        let (shared, key) = (self.shared.clone(), self.key.clone());
        let beginning = self.beginning.insert(Box::pin(async move { shared.bucket.begin(&key).await }));
        let begun = beginning.await;
        self.beginning = None;
        let id = begun?;
        self.id = Some(id.clone());
        Ok(id)
    }

    async fn put(&mut self, whole: Held) -> Result<Outcome> {
        let size = whole.part.size() as u64;
        let (payload, turn) = whole.turn().await?;
        let written = self.shared.bucket.put(&self.key, payload).await?;
        drop(turn);
        drop(whole);
        self.outcome(written, size).await
    }

    async fn complete(&mut self, size: u64) -> Result<Outcome> {
        let Some(id) = &self.id else { return Ok(Outcome::Durable) }; // no byte, no object
        let parts = self.sent.iter().flatten().cloned().collect();
        let shared = self.shared.clone();
        let permit = shared.requests.acquire().await;
        let written = match shared.bucket.complete(&self.key, id, parts).await {
            Ok(written) => written,
            // Perhaps it was completed, and the answer was lost: servers say that differently (no such upload, access
            // denied), but then the object is there.
            Err(error) => match shared.bucket.head(&self.key).await {
                Ok(Some(there)) if there.size == size => Written::Yes,
                _ => return Err(error),
            },
        };
        drop(permit);
        match written {
            Written::Yes => self.id = None, // nothing is left to abort
            Written::Exists => self.abort().await,
        }
        self.outcome(written, size).await
    }

    // Names and bytes are the same after a replay, and of two objects of one name one begins as the other: so equal
    // sizes mean equal bytes, be it from a replay or from an answer that was lost.
    async fn outcome(&mut self, written: Written, size: u64) -> Result<Outcome> {
        if written == Written::Yes {
            return Ok(Outcome::Durable);
        }
        let there = self.shared.bucket.head(&self.key).await?;
        Ok(match there {
            Some(there) if there.size == size => Outcome::Durable,
            _ => Outcome::Taken { resume: self.next_free().await? },
        })
    }

    // As the Java twin: the records up to there were written before, as far as names can tell.
    async fn next_free(&mut self) -> Result<i64> {
        let Some(after) = &self.after else { return Err(self.taken()) };
        let end = after.start_offset + 1 + after.limit;
        for offset in after.start_offset + 1..end {
            let Ok(key) = Path::parse((after.name)(offset)) else { return Ok(offset) };
            if self.shared.bucket.head(&key).await?.is_none() {
                return Ok(offset);
            }
        }
        Ok(end)
    }

    fn taken(&self) -> Error {
        Error::fatal("an object of this name exists and is not overwritten").with("object", &self.key)
    }

    // No part is begun any more, and those under way have ended or have had their time.
    async fn land(&mut self) {
        self.flight.given_up.store(true, Ordering::Relaxed);
        let Self { parts, flight, shared, .. } = self;
        let landed =
            async { while flight.sending.load(Ordering::Relaxed) > 0 && parts.next().await.is_some() {} };
        tokio::select! {
            () = landed => {}
            () = shared.clock.sleep(PARTS_END_WITHIN) => {}
        }
        parts.clear();
    }

    async fn abort(&mut self) {
        if let Some(beginning) = self.beginning.take() {
            self.id = beginning.await.ok();
        }
        let Some(id) = self.id.take() else { return };
        self.land().await;
        if let Err(error) = self.shared.bucket.abort(&self.key, &id).await {
            tracing::warn!(%error, "an unfinished upload stays in the bucket until a lifecycle rule removes it");
        }
    }
}

async fn send_part(
    shared: Arc<Shared>,
    flight: Arc<Flight>,
    key: Path,
    id: MultipartId,
    index: usize,
    part: Held,
) -> SentPart {
    let (payload, _turn) = part.turn().await?;
    let Some(_sending) = Sending::new(&flight) else { return Err(Error::retry("the upload was given up")) };
    let sent = shared.bucket.part(&key, &id, index, payload).await?;
    Ok((index, sent))
}
