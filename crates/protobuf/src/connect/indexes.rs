//! Which message of a file a record holds: the list of positions between a schema's id and the message.

use super::wire::{Reader, unzigzag, write_varint, zigzag};
use super::{Error, MAX_DEPTH};

/// Appends the list: its length and its numbers, zig-zag; the first message is the single byte 0.
pub fn write_indexes(indexes: &[usize], out: &mut Vec<u8>) {
    if indexes == [0] {
        return out.push(0);
    }
    write_varint(zigzag(indexes.len() as i64), out);
    for index in indexes {
        write_varint(zigzag(*index as i64), out);
    }
}

/// The list and how many bytes it takes.
///
/// # Errors
/// The bytes end, or the list has more entries than messages can be nested.
pub fn read_indexes(bytes: &[u8]) -> Result<(Vec<usize>, usize), Error> {
    let mut reader = Reader::new(bytes);
    let mut number = || -> Result<(usize, usize), Error> {
        let number = unzigzag(reader.varint()?);
        let number = usize::try_from(number).map_err(|_| reader.error("a negative message index"))?;
        Ok((number, reader.at))
    };
    let (count, mut length) = number()?;
    if count == 0 {
        return Ok((vec![0], length));
    }
    if count > MAX_DEPTH {
        return Err(Error::Bytes { why: "more message indexes than messages can be nested", offset: 0 });
    }
    let mut indexes = Vec::with_capacity(count);
    for _ in 0..count {
        let (index, at) = number()?;
        indexes.push(index);
        length = at;
    }
    Ok((indexes, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back() {
        for (indexes, bytes) in [
            (vec![0], vec![0]),
            (vec![7], vec![2, 14]),
            (vec![1, 0, 100], vec![6, 2, 0, 200, 1]),
            (vec![0, 0], vec![4, 0, 0]),
        ] {
            let mut out = Vec::new();
            write_indexes(&indexes, &mut out);
            assert_eq!(out, bytes);
            out.push(9);
            assert_eq!(read_indexes(&out), Ok((indexes, bytes.len())));
        }
        for bad in [&[][..], &[2], &[1], &[0xff; 11], &[0xfe, 0xff, 0xff, 0xff, 0x0f]] {
            assert!(read_indexes(bad).is_err(), "{bad:?}");
        }
    }
}
