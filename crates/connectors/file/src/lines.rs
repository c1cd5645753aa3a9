//! Cutting a stream of bytes into lines.

use bytes::{Buf, Bytes, BytesMut};

/// Bytes that were read and not yet given out as lines. Lines end at `\n`, `\r` or `\r\n`; what has no end yet is
/// held back.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    buffer: BytesMut,
    scanned: usize, // bytes of the buffer that are known to hold no line end
}

impl Lines {
    /// Room for the reader to append to.
    pub(crate) fn buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Bytes held back.
    pub(crate) fn held(&self) -> usize {
        self.buffer.len()
    }

    /// The next whole line without its end, and how many bytes it took with it. A `\r` at the end of the buffer may
    /// be half of `\r\n`: it waits for the next byte.
    pub(crate) fn next_line(&mut self) -> Option<(Bytes, usize)> {
        let found = self.buffer[self.scanned..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let Some(end) = found.map(|at| at + self.scanned) else {
            self.scanned = self.buffer.len();
            return None;
        };
        let ending = match self.buffer[end..] {
            [b'\r'] => {
                self.scanned = end;
                return None;
            }
            [b'\r', b'\n', ..] => 2,
            _ => 1,
        };
        let line = self.buffer.split_to(end).freeze();
        self.buffer.advance(ending);
        self.scanned = 0;
        Some((line, end + ending))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(chunks: &[&str]) -> (Vec<String>, usize) {
        let mut lines = Lines::default();
        let (mut found, mut taken) = (Vec::new(), 0);
        for chunk in chunks {
            lines.buffer_mut().extend_from_slice(chunk.as_bytes());
            while let Some((line, bytes)) = lines.next_line() {
                found.push(String::from_utf8(line.to_vec()).unwrap());
                taken += bytes;
            }
        }
        (found, taken)
    }

    #[test]
    fn all_three_line_ends() {
        assert_eq!(lines_of(&["a\nb\r\nc\rd\n"]).0, ["a", "b", "c", "d"]);
        assert_eq!(lines_of(&["\n\n\r\n"]).0, ["", "", ""]);
    }

    #[test]
    fn a_line_without_end_is_held_back() {
        assert_eq!(lines_of(&["a\nb"]), (vec!["a".to_owned()], 2));
        assert_eq!(lines_of(&["a\nb", "c\n"]).0, ["a", "bc"]);
    }

    #[test]
    fn a_carriage_return_waits_for_its_line_feed() {
        assert_eq!(lines_of(&["a\r", "\nb\n"]).0, ["a", "b"]);
        assert_eq!(lines_of(&["a\r", "b\n"]).0, ["a", "b"]);
    }
}
