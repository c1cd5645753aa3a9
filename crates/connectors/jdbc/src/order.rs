//! Which offset a row may carry.
//!
//! In timestamp mode several rows may have one timestamp, and the next pass begins after it: a row's offset moves to
//! its own timestamp only when the next row's is greater, or the pass is over. Until then it carries the one before,
//! so that a stop in the middle repeats rows instead of losing them.

use api::data::Value;

use crate::config::Mode;
use crate::rows::{Position, Row};

/// The order of one pass.
#[derive(Debug)]
pub(crate) struct Order {
    mode: Mode,
    /// The offset of the last row handed out.
    last: Position,
    /// In timestamp mode: the row whose successor is not known yet.
    held: Option<Row>,
}

impl Order {
    pub(crate) fn new(mode: Mode, last: Position) -> Self {
        Self { mode, last, held: None }
    }

    /// Whether rows carry no offset.
    pub(crate) fn is_free(&self) -> bool {
        self.mode == Mode::Bulk
    }

    /// The rows that may be handed out, each with its offset; `end`: no more will come.
    pub(crate) fn take(&mut self, rows: Vec<Row>, end: bool) -> Vec<(Vec<Value>, Position)> {
        if self.mode != Mode::Timestamp {
            return rows.into_iter().map(|row| (row.values, row.position)).collect();
        }
        let mut out = Vec::with_capacity(rows.len() + 1);
        for row in rows {
            let next = row.position.stamp;
            if let Some(held) = self.held.replace(row) {
                if held.position.stamp < next {
                    self.last = held.position;
                }
                out.push((held.values, self.last));
            }
        }
        if end && let Some(held) = self.held.take() {
            self.last = held.position;
            out.push((held.values, self.last));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stamp::Stamp;

    fn at(ms: i64) -> Position {
        Position { stamp: Some(Stamp::from_ms(ms)), id: None }
    }

    fn rows(times: &[i64]) -> Vec<Row> {
        times.iter().map(|ms| Row { values: Vec::new(), position: at(*ms) }).collect()
    }

    fn offsets(order: &mut Order, times: &[i64], end: bool) -> Vec<i64> {
        let taken = order.take(rows(times), end);
        taken.into_iter().filter_map(|(_, position)| position.stamp.map(Stamp::to_ms)).collect()
    }

    #[test]
    fn the_offset_moves_when_the_next_row_is_later() {
        let mut order = Order::new(Mode::Timestamp, at(0));
        assert_eq!(offsets(&mut order, &[1, 1, 2, 2, 3], true), [0, 1, 1, 2, 3]);
    }

    #[test]
    fn chunks_make_no_difference() {
        let mut order = Order::new(Mode::Timestamp, at(0));
        let mut all = offsets(&mut order, &[1], false);
        assert!(all.is_empty());
        all.extend(offsets(&mut order, &[1, 2], false));
        all.extend(offsets(&mut order, &[], false));
        all.extend(offsets(&mut order, &[2, 3], false));
        all.extend(offsets(&mut order, &[], true));
        assert_eq!(all, [0, 1, 1, 2, 3]);
    }
}
