//! The last lines about each connector, within a number of bytes.

use std::collections::{HashMap, VecDeque};

use rest_types::sluice::LogLine;

/// How many bytes of lines are kept of one connector, and of all.
const CONNECTOR_BYTES_MAX: usize = 128 << 10;
const BYTES_MAX: usize = 8 << 20;
/// Of one line; the rest is cut off.
const MESSAGE_BYTES_MAX: usize = 16 << 10;
/// What a line costs beside its texts.
const OVERHEAD: usize = 96;

/// Lines by connector. The oldest go first; when all together are too many, those of whoever has most.
#[derive(Debug, Default)]
pub(super) struct Lines {
    rings: HashMap<String, Ring>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Ring {
    lines: VecDeque<LogLine>,
    bytes: usize,
    last: u64,
}

impl Lines {
    /// Adds a line; its number is set here.
    pub(super) fn push(&mut self, connector: &str, mut line: LogLine) {
        if line.message.len() > MESSAGE_BYTES_MAX {
            let end = line.message.floor_char_boundary(MESSAGE_BYTES_MAX);
            let more = line.message.len() - end;
            line.message.truncate(end);
            line.message.push_str(&format!(" … ({more} more bytes)"));
        }
        if !self.rings.contains_key(connector) {
            self.rings.insert(connector.to_owned(), Ring::default());
            self.bytes += connector.len() + OVERHEAD;
        }
        let Some(ring) = self.rings.get_mut(connector) else { return };
        ring.last += 1;
        line.number = ring.last;
        let size = size(&line);
        ring.lines.push_back(line);
        ring.bytes += size;
        self.bytes += size;
        while ring.bytes > CONNECTOR_BYTES_MAX {
            self.bytes -= ring.drop_oldest();
        }
        while self.bytes > BYTES_MAX && self.drop_one() {}
    }

    fn drop_one(&mut self) -> bool {
        let Some((name, ring)) = self.rings.iter_mut().max_by_key(|(_, ring)| ring.bytes) else {
            return false;
        };
        self.bytes -= ring.drop_oldest();
        if ring.lines.is_empty() {
            let name = name.clone();
            self.bytes -= name.len() + OVERHEAD;
            self.rings.remove(&name);
        }
        true
    }

    /// What is kept of a connector's lines after this number, and how many are not.
    pub(super) fn after(&self, connector: &str, number: u64) -> (Vec<LogLine>, u64) {
        let Some(ring) = self.rings.get(connector) else { return (Vec::new(), 0) };
        // A number that has not been given yet is of a worker that ran before.
        let number = if number > ring.last { 0 } else { number };
        let first = ring.lines.front().map_or(ring.last + 1, |line| line.number);
        let lines = ring.lines.iter().filter(|line| line.number > number).cloned().collect();
        (lines, (first - 1).saturating_sub(number))
    }
}

impl Ring {
    fn drop_oldest(&mut self) -> usize {
        let freed = self.lines.pop_front().as_ref().map_or(0, size);
        self.bytes -= freed;
        freed
    }
}

fn size(line: &LogLine) -> usize {
    OVERHEAD + line.message.len() + line.target.len() + line.level.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(message: String) -> LogLine {
        let (level, target) = ("INFO".to_owned(), "t".to_owned());
        LogLine { number: 0, worker_id: String::new(), time_ms: 0, level, task: None, message, target }
    }

    #[test]
    fn the_oldest_lines_of_a_connector_go_first() {
        let mut lines = Lines::default();
        for index in 0..1000 {
            lines.push("a", line(format!("{index:0>1000}")));
        }
        lines.push("b", line("one".to_owned()));
        let (kept, dropped) = lines.after("a", 0);
        assert_eq!(kept.len() as u64 + dropped, 1000);
        assert!(kept.len() > 100 && kept.last().unwrap().number == 1000);
        assert!(lines.rings["a"].bytes <= CONNECTOR_BYTES_MAX);
        assert_eq!(lines.after("a", 999).0.len(), 1);
        assert_eq!(lines.after("a", 999).1, 0);
        assert_eq!(lines.after("a", 1000), (vec![], 0));
        assert_eq!(lines.after("b", 5000).0.len(), 1, "a number of another life of the worker");
        assert_eq!(lines.after("c", 0), (vec![], 0));
    }

    #[test]
    fn all_together_have_a_limit_and_the_quiet_ones_stay() {
        let mut lines = Lines::default();
        lines.push("quiet", line("here".to_owned()));
        for index in 0..200_000 {
            lines.push(&format!("c{}", index % 500), line("x".repeat(200)));
        }
        assert!(lines.bytes <= BYTES_MAX);
        let counted: usize = lines
            .rings
            .iter()
            .map(|(name, ring)| name.len() + OVERHEAD + ring.lines.iter().map(size).sum::<usize>())
            .sum();
        assert_eq!(lines.bytes, counted);
        assert_eq!(lines.after("quiet", 0).0.len(), 1);
        for index in 0..45_000 {
            lines.push(&format!("name-{index}"), line(String::new()));
        }
        assert!(lines.bytes <= BYTES_MAX && lines.rings.len() < 100_000);
    }

    #[test]
    fn a_long_message_is_cut() {
        let mut lines = Lines::default();
        lines.push("a", line("é".repeat(20_000)));
        let kept = &lines.after("a", 0).0[0].message;
        assert!(kept.len() < MESSAGE_BYTES_MAX + 40 && kept.ends_with("more bytes)"), "{}", kept.len());
    }
}
