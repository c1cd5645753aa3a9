//! A place in a datum.

use data::{Bytes, Text};

use super::DecodeError;

/// Values that may come of no bytes at all: nulls, empty records, fields that were not written. Data may have many rows
/// of many such fields; these are tens of MB.
const FREE_VALUES: usize = 1_000_000;
/// Values that may come of a byte.
const VALUES_PER_BYTE: usize = 4;

const ROOM_MAX: usize = 1024;

pub(super) struct Cursor<'a> {
    datum: &'a Bytes,
    position: usize,
    /// Values that may still be made: types of no bytes could make any number of them.
    values: usize,
}

/// Boxed, so that what is handed up for each value stays in registers.
pub(super) type Fail = Box<DecodeError>;

type Result<T> = std::result::Result<T, Fail>;

impl<'a> Cursor<'a> {
    pub(super) fn new(datum: &'a Bytes) -> Self {
        let values = FREE_VALUES.saturating_add(datum.len().saturating_mul(VALUES_PER_BYTE));
        Self { datum, position: 0, values }
    }

    #[cold]
    pub(super) fn fail(&self, what: impl Into<String>) -> Fail {
        Box::new(DecodeError { what: what.into(), offset: self.position })
    }

    fn left(&self) -> usize {
        self.datum.len() - self.position
    }

    /// Counts values that are about to be made.
    #[inline]
    pub(super) fn spend(&mut self, count: usize) -> Result<()> {
        match self.values.checked_sub(count) {
            Some(left) => {
                self.values = left;
                Ok(())
            }
            None => Err(self.fail(format!(
                "the datum would become more values than {VALUES_PER_BYTE} a byte and {FREE_VALUES}: the bytes are no \
                 data of this schema, or the reader's schema adds too many fields to too many records"
            ))),
        }
    }

    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let datum: &'a [u8] = self.datum;
        match datum.get(self.position..).and_then(|rest| rest.get(..count)) {
            Some(bytes) => {
                self.position += count;
                Ok(bytes)
            }
            None => Err(self.fail(format!("{count} bytes are needed and {} are left", self.left()))),
        }
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    /// A zig-zag integer of 64 bits.
    #[inline(always)]
    pub(super) fn long(&mut self) -> Result<i64> {
        match self.datum.get(self.position) {
            // Lengths, branches and small numbers.
            Some(byte) if *byte < 0x80 => {
                self.position += 1;
                Ok(zigzag((*byte).into()))
            }
            Some(_) => self.long_of_bytes(),
            None => Err(self.fail("the bytes end before a number")),
        }
    }

    fn long_of_bytes(&mut self) -> Result<i64> {
        let rest = &self.datum[self.position..];
        let mut bits = 0u64;
        for (index, byte) in rest.iter().take(10).enumerate() {
            if index == 9 && *byte > 1 {
                break;
            }
            bits |= u64::from(byte & 0x7f) << (7 * index);
            if *byte < 0x80 {
                self.position += index + 1;
                return Ok(zigzag(bits));
            }
        }
        match rest.len() < 10 {
            true => Err(self.fail("the bytes end inside a number")),
            false => Err(self.fail("a number is longer than 64 bits")),
        }
    }

    /// A zig-zag integer of 32 bits.
    #[inline]
    pub(super) fn int(&mut self) -> Result<i32> {
        let at = self.position;
        let number = self.long()?;
        i32::try_from(number).map_err(|_| {
            Box::new(DecodeError { what: format!("the number {number} is longer than 32 bits"), offset: at })
        })
    }

    /// A number of bytes or a branch: not negative.
    #[inline]
    pub(super) fn size(&mut self) -> Result<usize> {
        let number = self.long()?;
        usize::try_from(number).map_err(|_| self.fail(format!("a length of {number}")))
    }

    #[inline(always)]
    pub(super) fn slice(&mut self, count: usize) -> Result<Bytes> {
        let start = self.position;
        self.take(count)?;
        Ok(self.datum.slice(start..start + count))
    }

    #[inline(always)]
    pub(super) fn bytes(&mut self) -> Result<Bytes> {
        let count = self.size()?;
        self.slice(count)
    }

    #[inline(always)]
    pub(super) fn text(&mut self) -> Result<Text> {
        let bytes = self.bytes()?;
        Text::try_from(bytes).map_err(|_| self.fail("text that is not UTF-8"))
    }

    /// The number of items in the next block of an array or a map; 0 is the end.
    pub(super) fn block(&mut self) -> Result<usize> {
        let mut count = self.long()?;
        if count < 0 {
            count =
                count.checked_neg().ok_or_else(|| self.fail("a block of an impossible number of items"))?;
            self.size()?; // the block's bytes, for those who skip it
        }
        usize::try_from(count).map_err(|_| self.fail("a block of an impossible number of items"))
    }

    /// How many items to make room for: never more than the bytes could hold, and not many at once, since arrays lie in
    /// each other.
    pub(super) fn room(&self, count: usize) -> usize {
        count.min(self.left()).min(ROOM_MAX)
    }
}

fn zigzag(bits: u64) -> i64 {
    ((bits >> 1) as i64) ^ -((bits & 1) as i64)
}
