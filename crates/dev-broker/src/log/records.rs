//! Looking into batches. Only compaction and searches by time do; produce and fetch never.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use kafka_protocol::ResponseError;
use kafka_protocol::compression::{Compressor, Decompressor, Gzip, Lz4, Snappy, Zstd};

use super::batch::{Batch, Header};
use super::snappy;

/// Why a batch's inside could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The codec says no.
    #[error("cannot {operation} a batch of codec {codec}: {source}")]
    Codec {
        /// compress or decompress
        operation: &'static str,
        /// number of the codec
        codec: i16,
        /// what the codec says
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A record does not end where it says.
    #[error("record {index} of the batch at offset {base_offset} is malformed")]
    Malformed {
        /// which record of the batch
        index: i32,
        /// which batch
        base_offset: i64,
    },
}

/// One record inside a decompressed batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its offset.
    pub offset: i64,
    /// Its time stamp, in ms.
    pub timestamp: i64,
    /// Its key; `None` for null.
    pub key: Option<Range<usize>>,
    /// Its value is null: it deletes the key.
    pub is_tombstone: bool,
    /// All its bytes, length included, so that it can be copied unchanged.
    pub whole: Range<usize>,
}

/// The records of a batch, decompressed.
pub fn decompress(batch: &Batch) -> Result<Bytes, Error> {
    let mut payload = batch.payload();
    let codec = batch.header.codec();
    if codec == 2 {
        let refused = |source: String| Error::Codec { operation: "decompress", codec, source: source.into() };
        snappy::check(&payload).map_err(refused)?;
    }
    let take = |buf: &mut Bytes| Ok(std::mem::take(buf));
    let plain = match codec {
        0 => return Ok(payload),
        1 => Gzip::decompress(&mut payload, take),
        2 => Snappy::decompress(&mut payload, take),
        3 => Lz4::decompress(&mut payload, take),
        _ => Zstd::decompress(&mut payload, take),
    };
    plain.map_err(|source| Error::Codec { operation: "decompress", codec, source: source.into() })
}

/// The reverse of [`decompress`].
pub fn compress(plain: BytesMut, codec: i16) -> Result<Bytes, Error> {
    let mut out = BytesMut::new();
    let done = match codec {
        0 => return Ok(plain.freeze()),
        1 => Gzip::compress(&mut out, |buf| put(buf, &plain)),
        2 => Snappy::compress(&mut out, |buf| put(buf, &plain)),
        3 => Lz4::compress(&mut out, |buf| put(buf, &plain)),
        _ => Zstd::compress(&mut out, |buf| put(buf, &plain)),
    };
    done.map_err(|source| Error::Codec { operation: "compress", codec, source: source.into() })?;
    Ok(out.freeze())
}

fn put<B: bytes::BufMut, E>(buf: &mut B, plain: &BytesMut) -> Result<(), E> {
    buf.put_slice(plain);
    Ok(())
}

/// Walks over the records of a decompressed batch.
pub fn walk(header: &Header, plain: &[u8], mut each: impl FnMut(Record)) -> Result<(), Error> {
    let mut cursor = Cursor { bytes: plain, at: 0 };
    for index in 0..header.count {
        let record =
            one(header, &mut cursor).ok_or(Error::Malformed { index, base_offset: header.base_offset })?;
        each(record);
    }
    Ok(())
}

fn one(header: &Header, cursor: &mut Cursor<'_>) -> Option<Record> {
    let start = cursor.at;
    let length = cursor.length()??;
    let end = cursor.at.checked_add(length)?;
    if end > cursor.bytes.len() {
        return None;
    }
    cursor.skip(1)?; // attributes, unused
    let timestamp = cursor.varint()?;
    let offset_delta = cursor.varint()?;
    let key = match cursor.length()? {
        Some(len) => {
            let key = cursor.at..cursor.at.checked_add(len)?;
            cursor.skip(len)?;
            Some(key)
        }
        None => None,
    };
    let is_tombstone = cursor.length()?.is_none();
    if cursor.at > end {
        return None;
    }
    cursor.at = end;
    let timestamp = if header.is_log_append_time() {
        header.max_timestamp
    } else {
        header.base_timestamp.wrapping_add(timestamp)
    };
    let offset = header.base_offset.wrapping_add(offset_delta);
    Some(Record { offset, timestamp, key, is_tombstone, whole: start..end })
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn skip(&mut self, n: usize) -> Option<()> {
        self.at = self.at.checked_add(n).filter(|at| *at <= self.bytes.len())?;
        Some(())
    }

    fn varint(&mut self) -> Option<i64> {
        let mut raw = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            if shift < 64 {
                raw |= u64::from(byte & 0x7f) << shift;
            }
            if byte & 0x80 == 0 {
                return Some((raw >> 1) as i64 ^ -((raw & 1) as i64));
            }
        }
        None
    }

    /// A length; the inner `None` is null (-1).
    fn length(&mut self) -> Option<Option<usize>> {
        match self.varint()? {
            -1 => Some(None),
            n => Some(Some(usize::try_from(n).ok()?)),
        }
    }
}

/// A compacted topic keeps the last value per key, so every record must have one.
pub fn require_keys(batch: &Batch) -> Result<(), ResponseError> {
    let mut keyless = false;
    let plain = decompress(batch).map_err(|_| ResponseError::InvalidRecord)?;
    walk(&batch.header, &plain, |record| keyless |= record.key.is_none())
        .map_err(|_| ResponseError::InvalidRecord)?;
    if keyless { Err(ResponseError::InvalidRecord) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::batch::seal;
    use kafka_protocol::records::{
        Compression, Record as Theirs, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
    };

    fn batch(compression: Compression) -> Batch {
        let records: Vec<Theirs> = (0..50)
            .map(|i| Theirs {
                transactional: false,
                control: false,
                delete_horizon: false,
                partition_leader_epoch: 0,
                producer_id: -1,
                producer_epoch: -1,
                timestamp_type: TimestampType::Creation,
                offset: 1000 + i,
                sequence: i as i32,
                timestamp: 5000 + 3 * i,
                key: (i % 5 != 4).then(|| format!("key{i}").into()),
                value: (i % 7 != 0).then(|| "x".repeat(i as usize * 10).into()),
                headers: [("h".to_owned().into(), Some(Bytes::from("v")))].into_iter().collect(),
            })
            .collect();
        let mut out = BytesMut::new();
        RecordBatchEncoder::encode(&mut out, &records, &RecordEncodeOptions { version: 2, compression })
            .unwrap();
        Batch::from_stored(&out.freeze()).unwrap()
    }

    #[test]
    fn walks_what_another_encoder_wrote_and_compresses_it_again() {
        use Compression::{Gzip, Lz4, None, Snappy, Zstd};
        for compression in [None, Gzip, Snappy, Lz4, Zstd] {
            let batch = batch(compression);
            let plain = decompress(&batch).unwrap();
            let mut all = Vec::new();
            walk(&batch.header, &plain, |r| all.push(r)).unwrap();
            assert_eq!(all.len(), 50);
            for (i, r) in all.iter().enumerate() {
                assert_eq!((r.offset, r.timestamp), (1000 + i as i64, 5000 + 3 * i as i64));
                let key = r.key.clone().map(|k| plain[k].to_vec());
                assert_eq!(key, (i % 5 != 4).then(|| format!("key{i}").into_bytes()));
                assert_eq!(r.is_tombstone, i % 7 == 0);
            }
            assert_eq!(all[49].whole.end, plain.len());
            assert_eq!(
                require_keys(&batch),
                Err(ResponseError::InvalidRecord),
                "it has a record without key"
            );
            let again = compress(BytesMut::from(&plain[..]), batch.header.codec()).unwrap();
            let again = seal(batch.header, &again);
            assert_eq!(decompress(&again).unwrap(), plain);
        }
    }

    #[test]
    fn damaged_records_are_an_error() {
        let batch = batch(Compression::None);
        let plain = batch.payload();
        for cut in 0..plain.len() {
            assert!(walk(&batch.header, &plain[..cut], |_| {}).is_err(), "cut at {cut}");
        }
        for at in 0..plain.len() {
            let mut bad = plain.to_vec();
            bad[at] = 0xff;
            let _ = walk(&batch.header, &bad, |_| {}); // must not panic
        }
    }
}
