//! Protobuf's wire format: varints, fixed numbers, lengths.

use super::Error;

/// Wire types.
pub(super) const VARINT: u8 = 0;
pub(super) const FIXED64: u8 = 1;
pub(super) const LENGTH: u8 = 2;
pub(super) const GROUP_START: u8 = 3;
pub(super) const GROUP_END: u8 = 4;
pub(super) const FIXED32: u8 = 5;

#[inline]
pub(super) fn write_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(super) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

pub(super) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Writes what `body` appends, with its length in front.
#[inline]
pub(super) fn write_sized(
    out: &mut Vec<u8>,
    body: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
) -> Result<(), Error> {
    // Most messages are shorter than 128 bytes: their length is one byte.
    let at = out.len();
    out.push(0);
    body(out)?;
    let length = out.len() - at - 1;
    if length < 0x80 {
        out[at] = length as u8;
        return Ok(());
    }
    let mut bytes = Vec::with_capacity(10);
    write_varint(length as u64, &mut bytes);
    out.splice(at..=at, bytes);
    Ok(())
}

/// Reads a message, or a part of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    pub at: usize,
    pub end: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, end: bytes.len() }
    }

    pub fn is_empty(&self) -> bool {
        self.at >= self.end
    }

    #[cold]
    pub fn error(&self, why: &'static str) -> Error {
        Error::Bytes { why, offset: self.at }
    }

    #[inline]
    pub fn varint(&mut self) -> Result<u64, Error> {
        let mut number = 0u64;
        let mut shift = 0;
        while self.at < self.end {
            let byte = self.bytes[self.at];
            self.at += 1;
            // Bits beyond the 64th are dropped, as everywhere.
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
            shift += 7;
            if shift > 63 {
                return Err(self.error("a number of more than 10 bytes"));
            }
        }
        Err(self.error("the end inside a number"))
    }

    pub fn fixed32(&mut self) -> Result<u32, Error> {
        let bytes: [u8; 4] = self.take(4)?.try_into().unwrap_or_default();
        Ok(u32::from_le_bytes(bytes))
    }

    pub fn fixed64(&mut self) -> Result<u64, Error> {
        let bytes: [u8; 8] = self.take(8)?.try_into().unwrap_or_default();
        Ok(u64::from_le_bytes(bytes))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let part = self.part(length)?;
        Ok(&self.bytes[part.at..part.end])
    }

    fn part(&mut self, length: usize) -> Result<Reader<'a>, Error> {
        if length > self.end - self.at {
            return Err(self.error("the end inside a value"));
        }
        let part = Reader { bytes: self.bytes, at: self.at, end: self.at + length };
        self.at += length;
        Ok(part)
    }

    /// A part with its length in front.
    #[inline]
    pub fn sized(&mut self) -> Result<Reader<'a>, Error> {
        let length = self.varint()?;
        let length = usize::try_from(length).map_err(|_| self.error("a length beyond the message"))?;
        self.part(length)
    }

    /// A field's number and wire type.
    #[inline]
    pub fn key(&mut self) -> Result<(u32, u8), Error> {
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).ok().filter(|number| *number > 0 && *number < 1 << 29);
        match number {
            Some(number) => Ok((number, (key & 7) as u8)),
            None => Err(self.error("a field number out of range")),
        }
    }

    /// Passes over a value that nobody asks for.
    pub fn skip(&mut self, wire: u8) -> Result<(), Error> {
        let mut open = 0usize;
        let mut wire = wire;
        loop {
            match wire {
                VARINT => {
                    self.varint()?;
                }
                FIXED64 => {
                    self.take(8)?;
                }
                LENGTH => {
                    self.sized()?;
                }
                FIXED32 => {
                    self.take(4)?;
                }
                GROUP_START => open += 1,
                GROUP_END if open > 0 => open -= 1,
                GROUP_END => return Err(self.error("the end of a group that did not begin")),
                _ => return Err(self.error("a wire type that does not exist")),
            }
            if open == 0 {
                return Ok(());
            }
            wire = self.key()?.1;
        }
    }
}
