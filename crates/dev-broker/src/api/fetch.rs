//! `Fetch`: find, wait until there is enough, read, and write the answer by hand so that stored
//! batches go out as they are, without a copy.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::FetchRequest;
use tokio::sync::Notify;

use super::{Context, Reply};
use crate::log::batch::LEADER_EPOCH;
use crate::log::partition::{Found, Partition};
use crate::log::producers::Aborted;

/// One partition that is asked for.
struct Wanted {
    topic: usize,
    index: i32,
    offset: i64,
    bytes_max: usize,
    leader_epoch: i32,
    partition: Option<Arc<Partition>>,
}

/// What one partition answers.
struct Part {
    index: i32,
    error: i16,
    high_watermark: i64,
    last_stable: i64,
    start_offset: i64,
    aborted: Vec<Aborted>,
    pieces: Vec<Bytes>,
}

/// Answers `Fetch`.
pub async fn handle(c: &mut Context, request: FetchRequest) -> Reply {
    if request.session_id != 0 && request.session_epoch > 0 {
        // Sessions are never given out; the client falls back to full requests.
        return Reply::Pieces(write(
            c.version,
            ResponseError::FetchSessionIdNotFound.code(),
            &[],
            Vec::new(),
        ));
    }
    let committed = request.isolation_level == 1;
    let topics: Vec<String> = request.topics.iter().map(|t| t.topic.to_string()).collect();
    let wanted = wanted(c, &request);
    let bytes_max = usize::try_from(request.max_bytes).unwrap_or(0).min(c.shared.options.fetch_bytes_max);
    let bytes_min = u64::try_from(request.min_bytes).unwrap_or(0);
    let patience = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0));

    let found = wait_for(c, &wanted, committed, bytes_min, patience).await;
    let plan: Vec<_> = wanted.into_iter().zip(found).collect();
    // Small answers come from the page cache in no time; large ones are read beside the runtime.
    let large = plan.iter().any(|(_, f)| f.as_ref().is_ok_and(|f| f.available > LARGE));
    let load_all = move || load(plan, bytes_max);
    let loaded = if large && c.shared.options.data_dir.is_some() {
        match tokio::task::spawn_blocking(load_all).await {
            Ok(loaded) => loaded,
            Err(error) => return Reply::Close(format!("reading failed: {error}")),
        }
    } else {
        load_all()
    };
    Reply::Pieces(write(c.version, 0, &topics, loaded))
}

const LARGE: u64 = 256 * 1024;

fn wanted(c: &Context, request: &FetchRequest) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for (topic, asked) in request.topics.iter().enumerate() {
        let known = c.shared.topics.get(&asked.topic);
        for part in &asked.partitions {
            wanted.push(Wanted {
                topic,
                index: part.partition,
                offset: part.fetch_offset,
                bytes_max: usize::try_from(part.partition_max_bytes).unwrap_or(0),
                leader_epoch: part.current_leader_epoch,
                partition: known.as_ref().and_then(|t| t.partition(part.partition)),
            });
        }
    }
    wanted
}

fn find(wanted: &Wanted, committed: bool) -> Result<Found, ResponseError> {
    check_epoch(wanted.leader_epoch)?;
    let partition = wanted.partition.as_ref().ok_or(ResponseError::UnknownTopicOrPartition)?;
    partition.with(|log| log.find(wanted.offset, committed, wanted.bytes_max))
}

/// The client's idea of the leader epoch must be the only one there is (-1: it has none).
pub fn check_epoch(epoch: i32) -> Result<(), ResponseError> {
    match epoch {
        -1 | LEADER_EPOCH => Ok(()),
        newer if newer > LEADER_EPOCH => Err(ResponseError::UnknownLeaderEpoch),
        _ => Err(ResponseError::FencedLeaderEpoch),
    }
}

/// Waits until there are `bytes_min` bytes, something is wrong, patience is over, or another
/// request waits behind this one.
async fn wait_for(
    c: &mut Context,
    wanted: &[Wanted],
    committed: bool,
    bytes_min: u64,
    patience: Duration,
) -> Vec<Result<Found, ResponseError>> {
    let registered = Registered { wake: Arc::new(Notify::new()), wanted };
    let give_up = tokio::time::sleep(patience);
    tokio::pin!(give_up);
    loop {
        // Register first, look then: an append in between wakes us.
        registered.register();
        let found: Vec<_> = wanted.iter().map(|w| find(w, committed)).collect();
        let available: u64 = found.iter().flatten().map(|f| f.available).sum();
        if available >= bytes_min.max(1)
            || found.iter().any(Result::is_err)
            || bytes_min == 0
            || patience.is_zero()
        {
            return found;
        }
        tokio::select! {
            () = registered.wake.notified() => {}
            () = &mut give_up => return wanted.iter().map(|w| find(w, committed)).collect(),
            () = c.interrupted() => return found,
        }
    }
}

/// Registrations at partitions that are taken back when the wait is over, however it ends.
struct Registered<'a> {
    wake: Arc<Notify>,
    wanted: &'a [Wanted],
}

impl Registered<'_> {
    fn register(&self) {
        for partition in self.wanted.iter().filter_map(|w| w.partition.as_ref()) {
            partition.wait(&self.wake);
        }
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        for partition in self.wanted.iter().filter_map(|w| w.partition.as_ref()) {
            partition.stop_waiting(&self.wake);
        }
    }
}

type Planned = (Wanted, Result<Found, ResponseError>);

fn load(plan: Vec<Planned>, bytes_max: usize) -> Vec<(usize, Part)> {
    let mut left = bytes_max;
    let mut nothing_yet = true;
    plan.into_iter()
        .map(|(wanted, found)| {
            let part = match found {
                Ok(found) => {
                    let limit = wanted.bytes_max.min(left);
                    match read(found, wanted.index, limit, nothing_yet) {
                        Ok(part) => part,
                        Err(error) => {
                            tracing::error!(partition = wanted.index, %error, "cannot read the log; check the disk under the data directory");
                            Part::failed(wanted.index, ResponseError::KafkaStorageError)
                        }
                    }
                }
                Err(error) => Part::failed(wanted.index, error),
            };
            let bytes: usize = part.pieces.iter().map(Bytes::len).sum();
            left = left.saturating_sub(bytes);
            nothing_yet &= bytes == 0;
            (wanted.topic, part)
        })
        .collect()
}

fn read(found: Found, index: i32, bytes_max: usize, first_whole: bool) -> io::Result<Part> {
    let pieces = match found.slice {
        Some(slice) => slice.load(bytes_max, first_whole)?,
        None => Vec::new(),
    };
    Ok(Part {
        index,
        error: 0,
        high_watermark: found.high_watermark,
        last_stable: found.last_stable,
        start_offset: found.start_offset,
        aborted: found.aborted,
        pieces,
    })
}

impl Part {
    fn failed(index: i32, error: ResponseError) -> Self {
        Self {
            index,
            error: error.code(),
            high_watermark: -1,
            last_stable: -1,
            start_offset: -1,
            aborted: Vec::new(),
            pieces: Vec::new(),
        }
    }
}

/// Writes the body of a fetch response, versions 4 to 12.
fn write(version: i16, error: i16, topics: &[String], parts: Vec<(usize, Part)>) -> Vec<Bytes> {
    let mut out = Pieces { pieces: Vec::new(), head: BytesMut::new(), flexible: version >= 12 };
    out.head.put_i32(0); // throttle time
    if version >= 7 {
        out.head.put_i16(error);
        out.head.put_i32(0); // no session
    }
    let mut by_topic: Vec<Vec<Part>> = topics.iter().map(|_| Vec::new()).collect();
    for (topic, part) in parts {
        by_topic[topic].push(part);
    }
    out.count(topics.len());
    for (name, parts) in topics.iter().zip(by_topic) {
        out.text(name);
        out.count(parts.len());
        for part in parts {
            out.part(version, part);
        }
        out.tags();
    }
    out.tags();
    out.pieces.push(out.head.freeze());
    out.pieces
}

struct Pieces {
    pieces: Vec<Bytes>,
    head: BytesMut,
    flexible: bool,
}

impl Pieces {
    fn part(&mut self, version: i16, part: Part) {
        self.head.put_i32(part.index);
        self.head.put_i16(part.error);
        self.head.put_i64(part.high_watermark);
        self.head.put_i64(part.last_stable);
        if version >= 5 {
            self.head.put_i64(part.start_offset);
        }
        self.count(part.aborted.len());
        for aborted in &part.aborted {
            self.head.put_i64(aborted.producer_id);
            self.head.put_i64(aborted.first_offset);
            self.tags();
        }
        if version >= 11 {
            self.head.put_i32(-1); // no preferred replica
        }
        let length: usize = part.pieces.iter().map(Bytes::len).sum();
        self.count(length);
        for piece in part.pieces {
            self.pieces.push(self.head.split().freeze());
            self.pieces.push(piece);
        }
        self.tags();
    }

    /// The length of an array or of bytes.
    fn count(&mut self, count: usize) {
        if self.flexible {
            self.varint(count + 1);
        } else {
            self.head.put_i32(i32::try_from(count).unwrap_or(i32::MAX));
        }
    }

    fn text(&mut self, text: &str) {
        if self.flexible {
            self.varint(text.len() + 1);
        } else {
            self.head.put_i16(i16::try_from(text.len()).unwrap_or(i16::MAX));
        }
        self.head.put_slice(text.as_bytes());
    }

    fn tags(&mut self) {
        if self.flexible {
            self.head.put_u8(0);
        }
    }

    fn varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.head.put_u8((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.head.put_u8(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::FetchResponse;
    use kafka_protocol::protocol::Decodable;

    #[test]
    fn the_hand_written_answer_is_what_the_codec_reads() {
        for version in 4..=12 {
            let part = |index, error, pieces: &[&'static [u8]]| Part {
                index,
                error,
                high_watermark: 100,
                last_stable: 90,
                start_offset: 10,
                aborted: vec![Aborted { producer_id: 7, first_offset: 20, last_offset: 30 }],
                pieces: pieces.iter().map(|p| Bytes::from_static(p)).collect(),
            };
            let long = &[b'x'; 300][..];
            let long: &'static [u8] = Box::leak(long.to_vec().into_boxed_slice());
            let parts = vec![(0, part(3, 0, &[b"abc", long])), (1, part(0, 1, &[])), (0, part(4, 0, &[]))];
            let pieces = write(version, 0, &["one".to_owned(), "two".to_owned()], parts);
            let mut bytes = Bytes::from(pieces.concat());
            let response = FetchResponse::decode(&mut bytes, version).unwrap();
            assert!(bytes.is_empty(), "version {version}");
            assert_eq!(response.responses.len(), 2);
            let one = &response.responses[0];
            assert_eq!(one.topic.as_str(), "one");
            assert_eq!(one.partitions.iter().map(|p| p.partition_index).collect::<Vec<_>>(), [3, 4]);
            let records = one.partitions[0].records.as_ref().unwrap();
            assert_eq!(records.len(), 303);
            assert!(records.starts_with(b"abcxxx"));
            let part = &response.responses[1].partitions[0];
            assert_eq!((part.error_code, part.high_watermark, part.last_stable_offset), (1, 100, 90));
            assert_eq!(part.aborted_transactions.as_ref().unwrap()[0].first_offset, 20);
            if version >= 5 {
                assert_eq!(part.log_start_offset, 10);
            }
        }
    }
}
