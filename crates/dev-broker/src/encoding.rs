//! The byte format of the broker's own files: big-endian numbers, length-prefixed text.

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// Appends values to a buffer.
pub trait Write {
    /// A text of at most 4 GiB.
    fn put_text(&mut self, text: &str);
}

impl Write for BytesMut {
    fn put_text(&mut self, text: &str) {
        self.put_u32(u32::try_from(text.len()).unwrap_or(u32::MAX));
        self.put_slice(text.as_bytes());
    }
}

/// Takes values from a buffer; `None` when it is too short or not what was expected.
pub struct Reader(pub Bytes);

impl Reader {
    /// The next number.
    pub fn u8(&mut self) -> Option<u8> {
        self.0.try_get_u8().ok()
    }
    /// The next number.
    pub fn i16(&mut self) -> Option<i16> {
        self.0.try_get_i16().ok()
    }
    /// The next number.
    pub fn i32(&mut self) -> Option<i32> {
        self.0.try_get_i32().ok()
    }
    /// The next number.
    pub fn i64(&mut self) -> Option<i64> {
        self.0.try_get_i64().ok()
    }
    /// The next number, as a count.
    pub fn count(&mut self) -> Option<usize> {
        usize::try_from(self.0.try_get_u32().ok()?).ok()
    }
    /// The next text.
    pub fn text(&mut self) -> Option<String> {
        let len = self.count()?;
        if len > self.0.len() {
            return None;
        }
        String::from_utf8(self.0.split_to(len).to_vec()).ok()
    }
}

/// Puts a checksum and a length in front, so that a torn or damaged entry is recognised.
#[must_use]
pub fn framed(body: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(8 + body.len());
    out.put_u32(u32::try_from(body.len()).unwrap_or(u32::MAX));
    out.put_u32(crc32c::crc32c(body));
    out.put_slice(body);
    out.freeze()
}

/// Takes the next framed entry; `None` at the end or at the first damaged one.
pub fn unframe(bytes: &mut Bytes) -> Option<Bytes> {
    let mut head = bytes.get(..8)?;
    let len = usize::try_from(head.get_u32()).ok()?;
    let crc = head.get_u32();
    let body = bytes.get(8..8 + len)?;
    if crc32c::crc32c(body) != crc {
        return None;
    }
    bytes.advance(8);
    Some(bytes.split_to(len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_or_damaged_entry_ends_reading() {
        let mut all = BytesMut::new();
        all.extend_from_slice(&framed(b"one"));
        all.extend_from_slice(&framed(b"two"));
        let whole = all.freeze();
        for cut in 0..whole.len() {
            let mut bytes = whole.slice(..cut);
            let mut read = 0;
            while unframe(&mut bytes).is_some() {
                read += 1;
            }
            assert_eq!(read, cut / 11, "cut at {cut}");
        }
        let mut damaged = whole.to_vec();
        damaged[20] ^= 1;
        let mut bytes = Bytes::from(damaged);
        assert_eq!(unframe(&mut bytes).as_deref(), Some(&b"one"[..]));
        assert_eq!(unframe(&mut bytes), None);
    }
}
