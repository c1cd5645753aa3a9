//! How many bytes of requests' bodies may be in memory at once.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody as _};
use futures::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// Of all bodies, in bytes.
pub(crate) const ALL_BYTES_MAX: usize = 128 << 20;
/// Of those whose sender must be told by the body itself, since it is signed, in bytes. Anybody can send such: they are less
/// than all, so that others still get through.
pub(crate) const UNPROVEN_BYTES_MAX: usize = 64 << 20;

/// Bytes of bodies that are under way. Cheap to clone; clones are one.
#[derive(Debug, Clone)]
pub(crate) struct UnderWay(Arc<Semaphore>);

/// Bytes that are counted; no longer when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Counted(Option<OwnedSemaphorePermit>);

/// A body that is counted while it is here.
#[derive(Debug)]
pub(crate) struct Read {
    bytes: Bytes,
    _counted: Counted,
}

impl UnderWay {
    /// So many bytes.
    pub(crate) fn of(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }

    /// Counts more bytes. Whether there is room for them.
    pub(crate) fn count(&self, bytes: usize, counted: &mut Counted) -> bool {
        let Ok(bytes) = u32::try_from(bytes) else { return false };
        let Ok(permit) = self.0.clone().try_acquire_many_owned(bytes) else { return false };
        match &mut counted.0 {
            Some(before) => before.merge(permit),
            None => counted.0 = Some(permit),
        }
        true
    }

    /// Reads a body of at most so many bytes.
    ///
    /// # Errors
    /// It is larger, or breaks off, or there is no room for it now.
    pub(crate) async fn read(&self, body: Body, bytes_max: usize) -> Result<Read> {
        let too_large = || Error::TooLarge(format!("the request's body is larger than {bytes_max} bytes"));
        if body.size_hint().lower() > bytes_max as u64 {
            return Err(too_large());
        }
        let (mut stream, mut bytes, mut counted) = (body.into_data_stream(), Vec::new(), Counted::default());
        while let Some(chunk) = stream.next().await {
            let chunk = chunk
                .map_err(|error| Error::BadRequest(format!("cannot read the request's body: {error}")))?;
            if bytes.len() + chunk.len() > bytes_max {
                return Err(too_large());
            }
            if !self.count(chunk.len(), &mut counted) {
                return Err(no_room());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Read { bytes: bytes.into(), _counted: counted })
    }
}

/// The answer when there is no room.
pub(crate) fn no_room() -> Error {
    Error::Unavailable(
        "the bodies of requests that are under way take all the memory that they may; try again".to_owned(),
    )
}

impl Read {
    /// What was read.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was read, which is no longer counted.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bodies_have_room_together() {
        let under_way = UnderWay::of(100);
        let read = async |bytes: usize| under_way.read(vec![b'x'; bytes].into(), 80).await;
        let first = read(80).await.unwrap();
        assert!(matches!(read(21).await, Err(Error::Unavailable(_))), "there is room for 20");
        let second = read(20).await.unwrap();
        assert!(matches!(read(1).await, Err(Error::Unavailable(_))));
        drop(first);
        assert_eq!(read(80).await.unwrap().bytes().len(), 80, "what was refused is not counted");
        assert!(matches!(read(81).await, Err(Error::TooLarge(_))));
        assert_eq!(second.into_bytes().len(), 20);
        let chunks = futures::stream::iter([(); 2].map(|()| Ok::<_, std::io::Error>("x".repeat(50))));
        let chunked = under_way.read(Body::from_stream(chunks), 80).await;
        assert!(matches!(chunked, Err(Error::TooLarge(_))), "whatever it says of its size");
        assert_eq!(under_way.0.available_permits(), 100);
    }
}
