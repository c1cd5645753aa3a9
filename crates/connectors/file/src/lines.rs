//! Cutting a stream of bytes into lines.

use api::data::Text;
use bytes::{Buf, Bytes, BytesMut};
use memchr::{memchr2, memrchr2};

/// Bytes that were read and not yet given out as lines. Lines end at `\n`, `\r` or `\r\n`; what has no end yet is
/// held back.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// Whole lines, with their ends.
    whole: Whole,
    /// What came after them.
    buffer: BytesMut,
    scanned: usize, // bytes of the buffer that are known to hold no line end
}

/// Lines are looked at and checked together, and are slices of one buffer.
#[derive(Debug)]
enum Whole {
    /// Where the next line begins.
    Text(Text, usize),
    /// Some of it is not UTF-8.
    Bytes(Bytes),
}

impl Default for Whole {
    fn default() -> Self {
        Whole::Text(Text::new(), 0)
    }
}

impl Lines {
    /// Room for the reader to append to.
    pub(crate) fn buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Bytes held back.
    pub(crate) fn held(&self) -> usize {
        self.whole.len() + self.buffer.len()
    }

    /// The next whole line without its end, and how many bytes it took with it.
    pub(crate) fn next_line(&mut self) -> Option<(Text, usize)> {
        if self.whole.len() == 0 && !self.cut() {
            return None;
        }
        self.whole.next_line()
    }

    // Takes the whole lines out of the buffer. A `\r` at its end may be half of `\r\n`: it waits for the next byte.
    fn cut(&mut self) -> bool {
        let end = self.buffer.strip_suffix(b"\r").unwrap_or(&self.buffer).len();
        let unseen = self.buffer.get(self.scanned..end).unwrap_or_default();
        match memrchr2(b'\n', b'\r', unseen) {
            Some(last) => {
                let whole = self.buffer.split_to(self.scanned + last + 1).freeze();
                self.scanned = 0;
                // A refusal does not give the bytes back; a second reference to them costs little.
                self.whole = match Text::try_from(whole.clone()) {
                    Ok(text) => Whole::Text(text, 0),
                    Err(_) => Whole::Bytes(whole),
                };
                true
            }
            None => {
                self.scanned = end;
                false
            }
        }
    }
}

impl Whole {
    fn len(&self) -> usize {
        match self {
            Whole::Text(text, start) => text.len() - start,
            Whole::Bytes(bytes) => bytes.len(),
        }
    }

    fn next_line(&mut self) -> Option<(Text, usize)> {
        match self {
            Whole::Text(text, start) => {
                let rest = &text[*start..];
                let (length, taken) = first_line(rest.as_bytes())?;
                let line = text.slice_ref(&rest[..length]);
                *start += taken;
                Some((line, taken))
            }
            Whole::Bytes(bytes) => {
                let (length, taken) = first_line(bytes)?;
                // As Java's reader: what is not UTF-8 is replaced, since a line of text must not stop a file.
                let line = String::from_utf8_lossy(&bytes[..length]).into_owned().into();
                bytes.advance(taken);
                Some((line, taken))
            }
        }
    }
}

// The length of the first line, without its end and with it.
fn first_line(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = memchr2(b'\n', b'\r', bytes)?;
    let ending = if bytes[end..].starts_with(b"\r\n") { 2 } else { 1 };
    Some((end, end + ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(chunks: &[&[u8]]) -> (Vec<String>, usize) {
        let mut lines = Lines::default();
        let (mut found, mut taken, mut given) = (Vec::new(), 0, 0);
        for chunk in chunks {
            lines.buffer_mut().extend_from_slice(chunk);
            given += chunk.len();
            while let Some((line, bytes)) = lines.next_line() {
                found.push(line.to_string());
                taken += bytes;
                assert_eq!(lines.held(), given - taken);
            }
        }
        (found, taken)
    }

    #[test]
    fn all_three_line_ends() {
        assert_eq!(lines_of(&[b"a\nb\r\nc\rd\n"]).0, ["a", "b", "c", "d"]);
        assert_eq!(lines_of(&[b"\n\n\r\n"]).0, ["", "", ""]);
        assert_eq!(lines_of(&[b"\r\r", b"x"]).0, ["", ""]);
    }

    #[test]
    fn a_line_without_end_is_held_back() {
        assert_eq!(lines_of(&[b"a\nb"]), (vec!["a".to_owned()], 2));
        assert_eq!(lines_of(&[b"a\nb", b"c\n"]).0, ["a", "bc"]);
        assert_eq!(lines_of(&[b"a", b"b", b"", b"c\n"]).0, ["abc"]);
    }

    #[test]
    fn a_carriage_return_waits_for_its_line_feed() {
        assert_eq!(lines_of(&[b"a\r", b"\nb\n"]).0, ["a", "b"]);
        assert_eq!(lines_of(&[b"a\r", b"b\n"]).0, ["a", "b"]);
        assert_eq!(
            lines_of(&[b"a\nb\r", b"\nc\n"]),
            (vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], 7)
        );
    }

    #[test]
    fn what_is_not_utf_8_is_replaced_in_its_line_only() {
        assert_eq!(
            lines_of(&["ä\n".as_bytes(), b"\xff\xe4\r\n", "ö\n".as_bytes()]).0,
            ["ä", "\u{fffd}\u{fffd}", "ö"]
        );
        assert_eq!(lines_of(&[b"a\n\xff\nb\n"]).0, ["a", "\u{fffd}", "b"]);
        // Half of a character at the end of what was read so far.
        assert_eq!(lines_of(&[b"a\n\xc3", b"\xa4\n"]).0, ["a", "ä"]);
    }

    #[test]
    fn chunks_of_any_size_give_the_same_lines() {
        let text = "one\r\ntwo\rthree\n\n\r\rfünf\r\n\r\nsix\n\r";
        let whole = lines_of(&[text.as_bytes()]);
        for size in 1..text.len() {
            let chunks: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
            assert_eq!(lines_of(&chunks), whole, "{size}");
        }
    }
}
