//! `GzipDecompress`: the bytes that gzip packed.

use std::io::Read;
use std::marker::PhantomData;

use api::data::{Bytes, Record, Value};
use api::{Error, Origin, Result, Transform};
use flate2::bufread::MultiGzDecoder;

use crate::filter::NoConfig;
use crate::side::Side;

// A few bytes may unpack to gigabytes; Kafka's own limit of a record is 1 MB unless raised.
const UNPACKED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Unpacks bytes. Null stays null.
#[derive(Debug)]
pub struct GzipDecompress<S>(PhantomData<fn(S)>);

impl<S: Side> Transform for GzipDecompress<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "io.confluent.connect.transforms.GzipDecompress$Key"
    } else {
        "io.confluent.connect.transforms.GzipDecompress$Value"
    };
    type Config = NoConfig;

    fn build(_config: NoConfig) -> Result<Self> {
        Ok(Self(PhantomData))
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let datum = S::of(&mut record);
        match &datum.value {
            Value::Null => {}
            Value::Bytes(packed) => datum.value = Value::Bytes(unpacked(packed)?),
            other => {
                return Err(Error::bad_record(format!(
                    "only bytes can be decompressed, found: {}",
                    other.type_name()
                )));
            }
        }
        Ok(Some(record))
    }
}

fn unpacked(packed: &[u8]) -> Result<Bytes> {
    let mut out = Vec::new();
    let limit = UNPACKED_BYTES_MAX as u64 + 1;
    let read = MultiGzDecoder::new(packed).take(limit).read_to_end(&mut out);
    read.map_err(|error| Error::bad_record("the bytes are not gzip, or are damaged").caused_by(error))?;
    match out.len() > UNPACKED_BYTES_MAX {
        true => Err(Error::bad_record(format!(
            "the bytes unpack to more than {UNPACKED_BYTES_MAX} bytes, which is the limit"
        ))),
        false => Ok(Bytes::from(out)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn packed(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn unpacks_what_was_packed_and_no_more_than_the_limit() {
        assert_eq!(unpacked(&packed(b"hello")).unwrap(), &b"hello"[..]);
        let two = [packed(b"hel"), packed(b"lo")].concat();
        assert_eq!(unpacked(&two).unwrap(), &b"hello"[..]);
        let bomb = packed(&vec![0; UNPACKED_BYTES_MAX + 1]);
        assert!(bomb.len() < 1_000_000);
        assert!(unpacked(&bomb).unwrap_err().message().contains("67108864"));
        assert!(unpacked(&packed(b"hello")[..12]).is_err());
        assert!(unpacked(b"hello").is_err());
    }
}
