//! How far somebody has read the lines about a connector: each worker numbers its own.

use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::percent_decode_str;

/// The number of the last line that was read, by worker. Its text, `host:port=12,other:port=7`, is what clients give back; a
/// number alone is that of the worker that is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LogPosition(BTreeMap<String, u64>);

impl LogPosition {
    /// Reads a text that may be percent-encoded.
    ///
    /// # Errors
    /// It is none; the text says so.
    pub(crate) fn parse(text: &str, asked: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "'{}' is not the place of a line; send what 'next' of an answer or the id of an event says, or the number \
                 of a line",
                text.escape_debug()
            )
        };
        let decoded = percent_decode_str(text).decode_utf8().map_err(|_| wrong())?;
        // It comes back as the id of an event, which has one line.
        if decoded.contains(char::is_control) {
            return Err(wrong());
        }
        if let Ok(number) = decoded.parse() {
            return Ok(Self(BTreeMap::from([(asked.to_owned(), number)])));
        }
        let pair = |pair: &str| {
            let (worker, number) = pair.split_once('=').filter(|(worker, _)| !worker.is_empty())?;
            Some((worker.to_owned(), number.parse().ok()?))
        };
        decoded.split(',').map(pair).collect::<Option<_>>().map(Self).ok_or_else(wrong)
    }

    /// The number of the last line of this worker's that was read; 0 if none was.
    pub(crate) fn of(&self, worker: &str) -> u64 {
        self.0.get(worker).copied().unwrap_or(0)
    }

    /// This line was read.
    pub(crate) fn set(&mut self, worker: &str, number: u64) {
        match self.0.get_mut(worker) {
            Some(known) => *known = number,
            None => _ = self.0.insert(worker.to_owned(), number),
        }
    }
}

impl fmt::Display for LogPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (worker, number)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{worker}={number}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_written() {
        let position = LogPosition::parse("[::1]:8083=12,a-b.c:1=7", "x").unwrap();
        assert_eq!((position.of("[::1]:8083"), position.of("a-b.c:1"), position.of("x")), (12, 7, 0));
        assert_eq!(position.to_string(), "[::1]:8083=12,a-b.c:1=7");
        let encoded = LogPosition::parse("%5B%3A%3A1%5D%3A8083%3D12%2Ca-b.c%3A1%3D7", "x");
        assert_eq!(encoded, Ok(position));
        assert_eq!(LogPosition::parse("5", "x:1").unwrap().to_string(), "x:1=5");
        for wrong in
            ["", "x", "a=", "a=1,", "a=-1", "=", "-1", "%ff", "a=1;b=2", "a%0Ab=1", "a\rb=1", "a%00=1"]
        {
            let why = LogPosition::parse(wrong, "x").unwrap_err();
            assert!(why.contains("is not the place of a line"), "{wrong}: {why}");
        }
    }
}
