//! The 61 bytes in front of every record batch (format v2), read and patched by hand.
//!
//! Base offset and leader epoch lie outside the checksum: the broker assigns them by rewriting the
//! first 16 bytes and never touches, or decodes, the records behind the header.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::ResponseError;

/// Length of a v2 batch header in bytes.
pub const HEADER_LEN: usize = 61;
/// Bytes before the leader epoch: base offset and batch length.
pub const LENGTH_PREFIX: usize = 12;
/// The part of a batch that the broker writes itself: base offset, length, leader epoch.
pub const PREFIX_LEN: usize = 16;
/// Where the checksummed part starts.
const CRC_START: usize = 21;
/// There is one broker and it never loses its leadership.
pub const LEADER_EPOCH: i32 = 0;

const COMPRESSION: i16 = 0x07;
const LOG_APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;

/// A parsed batch header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Bytes after the length field.
    pub length: i32,
    /// Format; only 2 is accepted.
    pub magic: i8,
    /// crc32c of everything from the attributes on.
    pub crc: u32,
    /// Codec and flags.
    pub attributes: i16,
    /// Offset of the last record minus the base offset.
    pub last_offset_delta: i32,
    /// Time stamp that the records' deltas count from, in ms.
    pub base_timestamp: i64,
    /// Largest time stamp of the batch, in ms.
    pub max_timestamp: i64,
    /// Producer id or -1.
    pub producer_id: i64,
    /// Producer epoch or -1.
    pub producer_epoch: i16,
    /// Sequence number of the first record or -1.
    pub base_sequence: i32,
    /// Number of records.
    pub count: i32,
}

impl Header {
    /// Reads a header; `None` when there are fewer than 61 bytes.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let h: &[u8; HEADER_LEN] = bytes.get(..HEADER_LEN)?.try_into().ok()?;
        Some(Self {
            base_offset: i64_at(h, 0),
            length: i32_at(h, 8),
            magic: i8::from_be_bytes([h[16]]),
            crc: i32_at(h, 17) as u32,
            attributes: i16_at(h, 21),
            last_offset_delta: i32_at(h, 23),
            base_timestamp: i64_at(h, 27),
            max_timestamp: i64_at(h, 35),
            producer_id: i64_at(h, 43),
            producer_epoch: i16_at(h, 51),
            base_sequence: i32_at(h, 53),
            count: i32_at(h, 57),
        })
    }

    /// Bytes of the whole batch, or `None` when the length field is nonsense.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        let size = usize::try_from(self.length).ok()? + LENGTH_PREFIX;
        (size >= HEADER_LEN).then_some(size)
    }

    /// Offset of the last record.
    #[must_use]
    pub fn last_offset(&self) -> i64 {
        self.base_offset + i64::from(self.last_offset_delta)
    }

    /// Sequence number of the last record; they wrap at `i32::MAX`.
    #[must_use]
    pub fn last_sequence(&self) -> i32 {
        sequence_after(self.base_sequence, self.last_offset_delta)
    }

    /// Written inside a transaction (data or marker).
    #[must_use]
    pub fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    /// A commit or abort marker.
    #[must_use]
    pub fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }

    /// Carries a producer id, so that sequence numbers are checked.
    #[must_use]
    pub fn has_producer(&self) -> bool {
        self.producer_id >= 0
    }

    /// Number of the codec: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
    #[must_use]
    pub fn codec(&self) -> i16 {
        self.attributes & COMPRESSION
    }

    /// All records carry the time at which the broker got them.
    #[must_use]
    pub fn is_log_append_time(&self) -> bool {
        self.attributes & LOG_APPEND_TIME != 0
    }

    /// The header as the wire has it.
    pub fn write(&self, out: &mut BytesMut) {
        out.put_i64(self.base_offset);
        out.put_i32(self.length);
        out.put_i32(LEADER_EPOCH);
        out.put_i8(self.magic);
        out.put_u32(self.crc);
        out.put_i16(self.attributes);
        out.put_i32(self.last_offset_delta);
        out.put_i64(self.base_timestamp);
        out.put_i64(self.max_timestamp);
        out.put_i64(self.producer_id);
        out.put_i16(self.producer_epoch);
        out.put_i32(self.base_sequence);
        out.put_i32(self.count);
    }
}

/// The sequence number `delta` records after `base`, wrapping at `i32::MAX` to 0.
#[must_use]
pub fn sequence_after(base: i32, delta: i32) -> i32 {
    let sum = i64::from(base) + i64::from(delta);
    if sum > i64::from(i32::MAX) { (sum - i64::from(i32::MAX) - 1) as i32 } else { sum as i32 }
}

/// A batch as it is kept: the header with its final base offset, and everything from byte 16 on,
/// a slice of the request that brought it.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The header with the assigned base offset.
    pub header: Header,
    /// The batch without its first 16 bytes.
    pub tail: Bytes,
}

impl Batch {
    /// Bytes of the whole batch.
    #[must_use]
    pub fn size(&self) -> usize {
        PREFIX_LEN + self.tail.len()
    }

    /// The 16 bytes in front of the tail.
    #[must_use]
    pub fn prefix(&self) -> [u8; PREFIX_LEN] {
        let mut prefix = [0; PREFIX_LEN];
        prefix[..8].copy_from_slice(&self.header.base_offset.to_be_bytes());
        prefix[8..12].copy_from_slice(&self.header.length.to_be_bytes());
        prefix[12..].copy_from_slice(&LEADER_EPOCH.to_be_bytes());
        prefix
    }

    /// The records behind the header, still compressed.
    #[must_use]
    pub fn payload(&self) -> Bytes {
        self.tail.slice(HEADER_LEN - PREFIX_LEN..)
    }

    /// Takes apart a whole stored batch (checked when it was appended).
    #[must_use]
    pub fn from_stored(bytes: &Bytes) -> Option<Self> {
        let header = Header::parse(bytes)?;
        let size = header.size()?;
        (bytes.len() >= size).then(|| Self { header, tail: bytes.slice(PREFIX_LEN..size) })
    }

    /// Stamps every record with the broker's time, which changes the checksum.
    pub fn set_log_append_time(&mut self, now_ms: i64) {
        self.header.attributes |= LOG_APPEND_TIME;
        self.header.max_timestamp = now_ms;
        let payload = self.payload();
        *self = seal(self.header, &payload);
    }
}

/// Checks what a producer sent as the records of one partition: exactly one intact v2 batch.
pub fn check(records: &Bytes, bytes_max: usize) -> Result<Batch, ResponseError> {
    let header = Header::parse(records).ok_or(ResponseError::CorruptMessage)?;
    if header.magic != 2 {
        return Err(ResponseError::UnsupportedForMessageFormat);
    }
    let size = header.size().ok_or(ResponseError::CorruptMessage)?;
    if size > records.len() {
        return Err(ResponseError::CorruptMessage);
    }
    if size > bytes_max {
        return Err(ResponseError::MessageTooLarge);
    }
    if crc32c::crc32c(&records[CRC_START..size]) != header.crc {
        return Err(ResponseError::CorruptMessage);
    }
    let consistent = header.count > 0
        && header.last_offset_delta == header.count - 1
        && !header.is_control()
        && header.codec() <= 4
        && header.base_timestamp <= header.max_timestamp
        && (!header.has_producer() || (header.producer_epoch >= 0 && header.base_sequence >= 0))
        && (!header.is_transactional() || header.has_producer());
    if !consistent || size != records.len() {
        return Err(ResponseError::InvalidRecord);
    }
    Ok(Batch { header, tail: records.slice(PREFIX_LEN..) })
}

/// Whether the checksum of a whole stored batch holds.
#[must_use]
pub fn is_intact(batch: &[u8], header: &Header) -> bool {
    header.size().is_some_and(|size| {
        batch.len() >= size && header.magic == 2 && crc32c::crc32c(&batch[CRC_START..size]) == header.crc
    })
}

/// Builds a batch from a header and its (compressed) records: fills in length and checksum.
#[must_use]
pub fn seal(mut header: Header, payload: &[u8]) -> Batch {
    header.magic = 2;
    header.length = i32::try_from(HEADER_LEN - LENGTH_PREFIX + payload.len()).unwrap_or(i32::MAX);
    let mut whole = BytesMut::with_capacity(HEADER_LEN + payload.len());
    header.write(&mut whole);
    whole.put_slice(payload);
    header.crc = crc32c::crc32c(&whole[CRC_START..]);
    whole[17..21].copy_from_slice(&header.crc.to_be_bytes());
    Batch { header, tail: whole.freeze().slice(PREFIX_LEN..) }
}

/// The kinds of control batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// The transaction's records count.
    Commit,
    /// The transaction's records never were.
    Abort,
}

impl Marker {
    /// A control batch that ends a transaction of a producer.
    #[must_use]
    pub fn batch(self, producer_id: i64, producer_epoch: i16, now_ms: i64) -> Batch {
        // One record: attributes, time delta, offset delta, key (version, type), value (version,
        // coordinator epoch), no headers. Lengths are zig-zag varints.
        let kind: u8 = if self == Self::Commit { 1 } else { 0 };
        let record: [u8; 17] = [
            32, 0, 0, 0, // length 16, attributes, time delta, offset delta
            8, 0, 0, 0, kind, // key of 4 bytes: version 0, type
            12, 0, 0, 0, 0, 0, 0, // value of 6 bytes: version 0, coordinator epoch 0
            0, // headers
        ];
        let header = Header {
            base_offset: 0,
            length: 0,
            magic: 2,
            crc: 0,
            attributes: TRANSACTIONAL | CONTROL,
            last_offset_delta: 0,
            base_timestamp: now_ms,
            max_timestamp: now_ms,
            producer_id,
            producer_epoch,
            base_sequence: -1,
            count: 1,
        };
        seal(header, &record)
    }

    /// What a control batch says; `None` for kinds of control records this broker never writes.
    #[must_use]
    pub fn of(payload: &[u8]) -> Option<Self> {
        match payload.get(5..9)? {
            [_, _, _, 1] => Some(Self::Commit),
            [_, _, _, 0] => Some(Self::Abort),
            _ => None,
        }
    }
}

fn i64_at(h: &[u8; HEADER_LEN], at: usize) -> i64 {
    let mut b = [0; 8];
    b.copy_from_slice(&h[at..at + 8]);
    i64::from_be_bytes(b)
}

fn i32_at(h: &[u8; HEADER_LEN], at: usize) -> i32 {
    i32::from_be_bytes([h[at], h[at + 1], h[at + 2], h[at + 3]])
}

fn i16_at(h: &[u8; HEADER_LEN], at: usize) -> i16 {
    i16::from_be_bytes([h[at], h[at + 1]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::records::RecordBatchDecoder;

    fn whole(batch: &Batch) -> Bytes {
        let mut out = BytesMut::new();
        out.put_slice(&batch.prefix());
        out.put_slice(&batch.tail);
        out.freeze()
    }

    #[test]
    fn a_marker_is_what_another_codec_reads_as_a_control_record() {
        for (marker, kind) in [(Marker::Commit, 1u8), (Marker::Abort, 0)] {
            let batch = marker.batch(7, 3, 99);
            let mut bytes = whole(&batch);
            assert!(is_intact(&bytes, &batch.header));
            let set = RecordBatchDecoder::decode(&mut bytes).unwrap();
            assert_eq!(set.records.len(), 1);
            let record = &set.records[0];
            assert!(record.control && record.transactional);
            assert_eq!((record.producer_id, record.producer_epoch, record.timestamp), (7, 3, 99));
            assert_eq!(record.key.as_deref(), Some(&[0, 0, 0, kind][..]));
            assert_eq!(record.value.as_deref(), Some(&[0, 0, 0, 0, 0, 0][..]));
            assert_eq!(Marker::of(&batch.payload()), Some(marker));
        }
    }

    #[test]
    fn a_client_may_not_write_markers_or_damaged_batches() {
        let good = whole(&Marker::Commit.batch(7, 3, 99));
        assert_eq!(check(&good, 1000).unwrap_err(), ResponseError::InvalidRecord);
        for at in [18, 30, 60, 70] {
            let mut bad = good.to_vec();
            bad[at] ^= 1;
            assert_eq!(check(&bad.into(), 1000).unwrap_err(), ResponseError::CorruptMessage, "byte {at}");
        }
        for cut in 0..good.len() {
            assert_eq!(check(&good.slice(..cut), 1000).unwrap_err(), ResponseError::CorruptMessage);
        }
        assert_eq!(check(&good, good.len() - 1).unwrap_err(), ResponseError::MessageTooLarge);
    }

    #[test]
    fn sequences_wrap() {
        assert_eq!(sequence_after(5, 3), 8);
        assert_eq!(sequence_after(i32::MAX, 0), i32::MAX);
        assert_eq!(sequence_after(i32::MAX, 1), 0);
        assert_eq!(sequence_after(i32::MAX - 1, 4), 2);
    }
}
