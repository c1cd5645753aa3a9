//! What a source task has handed to Kafka and not yet stored an offset for.
//!
//! Acknowledgements come in any order; offsets move in order. Each source partition has a queue of its own, so that one
//! slow partition does not hold back the others.

use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use api::SourceOffsets;
use api::data::{OffsetMap, Primitive};

/// Queues of sent records, by source partition.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    slots: HashMap<SourcePartition, usize>,
    queues: Vec<Queue>,
    free: Vec<usize>,
    committable: HashMap<SourcePartition, OffsetMap>,
}

/// The place of one run of records in the queue of its source partition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    queue: usize,
    sequence: u64,
}

#[derive(Debug)]
struct Queue {
    partition: SourcePartition,
    /// Sequence of the front entry.
    first: u64,
    entries: VecDeque<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Where to go on after the last record of the run; `None` stores nothing.
    offset: Option<OffsetMap>,
    acknowledged: bool,
}

impl InFlight {
    /// Takes in records of one source partition that are sent together, after all earlier ones of it.
    pub(crate) fn push(&mut self, partition: Option<Arc<OffsetMap>>, offset: Option<OffsetMap>) -> Ticket {
        let partition = SourcePartition(partition);
        let queue = match self.slots.get(&partition) {
            Some(queue) => *queue,
            None => {
                let queue = self.open(partition.clone());
                self.slots.insert(partition, queue);
                queue
            }
        };
        let entries = &mut self.queues[queue].entries;
        entries.push_back(Entry { offset, acknowledged: false });
        Ticket { queue, sequence: self.queues[queue].first + entries_len(&self.queues[queue]) - 1 }
    }

    fn open(&mut self, partition: SourcePartition) -> usize {
        match self.free.pop() {
            Some(queue) => {
                self.queues[queue].partition = partition;
                queue
            }
            None => {
                self.queues.push(Queue { partition, first: 0, entries: VecDeque::new() });
                self.queues.len() - 1
            }
        }
    }

    /// Kafka acknowledged these records, or they were left out on purpose.
    ///
    /// Invariant 1: the offset to store moves only past records before which everything is acknowledged.
    pub(crate) fn acknowledge(&mut self, ticket: Ticket) {
        let queue = &mut self.queues[ticket.queue];
        let place = (ticket.sequence - queue.first) as usize;
        queue.entries[place].acknowledged = true;
        let mut newest = None;
        while let Some(entry) = queue.entries.pop_front_if(|entry| entry.acknowledged) {
            queue.first += 1;
            newest = entry.offset.or(newest);
        }
        if let Some(offset) = newest {
            self.committable.insert(queue.partition.clone(), offset);
        }
        if queue.entries.is_empty() {
            // A source may have a partition a file: the queue is given back, or they would pile up.
            let partition = std::mem::replace(&mut queue.partition, SourcePartition(None));
            self.slots.remove(&partition);
            self.free.push(ticket.queue);
        }
    }

    /// Takes the newest offset of each partition that moved.
    pub(crate) fn take_committable(&mut self) -> SourceOffsets {
        self.committable.drain().map(|(partition, offset)| (partition.0, offset)).collect()
    }

    /// Gives back offsets that could not be stored; newer ones that came meanwhile stay.
    pub(crate) fn put_back(&mut self, offsets: SourceOffsets) {
        for (partition, offset) in offsets {
            self.committable.entry(SourcePartition(partition)).or_insert(offset);
        }
    }
}

fn entries_len(queue: &Queue) -> u64 {
    queue.entries.len() as u64
}

/// A source partition as a key: equal when the entries are, in order.
#[derive(Debug, Clone)]
pub(crate) struct SourcePartition(pub(crate) Option<Arc<OffsetMap>>);

impl SourcePartition {
    fn entries(&self) -> impl Iterator<Item = (&str, &Primitive)> {
        self.0.iter().flat_map(|map| map.iter())
    }
}

impl PartialEq for SourcePartition {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(two)) if Arc::ptr_eq(one, two) => true,
            (Some(_), Some(_)) => self.entries().map(bits).eq(other.entries().map(bits)),
            (None, None) => true,
            _ => false,
        }
    }
}

impl Eq for SourcePartition {}

impl Hash for SourcePartition {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.entries().for_each(|entry| bits(entry).hash(state));
    }
}

/// A form that can be compared and hashed: floats by their bits.
fn bits<'a>((name, value): (&'a str, &'a Primitive)) -> (&'a str, u8, u64, &'a [u8]) {
    match value {
        Primitive::Null => (name, 0, 0, &[]),
        Primitive::Boolean(value) => (name, 1, (*value).into(), &[]),
        Primitive::Int(value) => (name, 2, *value as u64, &[]),
        Primitive::Float(value) => (name, 3, value.to_bits(), &[]),
        Primitive::String(text) => (name, 4, 0, text.as_bytes()),
        Primitive::Bytes(bytes) => (name, 5, 0, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(name: &str) -> Option<Arc<OffsetMap>> {
        Some(Arc::new(OffsetMap::new().with("partition", name)))
    }

    fn offset(position: i64) -> Option<OffsetMap> {
        Some(OffsetMap::new().with("position", position))
    }

    fn taken(in_flight: &mut InFlight) -> Vec<(String, i64)> {
        let read = |(partition, offset): (Option<Arc<OffsetMap>>, OffsetMap)| {
            let name = partition.unwrap().get("partition").unwrap().as_str().unwrap().to_owned();
            (name, offset.get("position").unwrap().to_i64().unwrap())
        };
        let mut all: Vec<_> = in_flight.take_committable().into_iter().map(read).collect();
        all.sort();
        all
    }

    #[test]
    fn invariant_1_acknowledgements_in_any_order_move_offsets_in_order() {
        let mut in_flight = InFlight::default();
        let tickets: Vec<_> = (1..=4).map(|n| in_flight.push(partition("a"), offset(n))).collect();
        in_flight.acknowledge(tickets[2]);
        assert_eq!(taken(&mut in_flight), []);
        in_flight.acknowledge(tickets[0]);
        assert_eq!(taken(&mut in_flight), [("a".to_owned(), 1)]);
        in_flight.acknowledge(tickets[1]);
        assert_eq!(taken(&mut in_flight), [("a".to_owned(), 3)]);
        in_flight.acknowledge(tickets[3]);
        assert_eq!(taken(&mut in_flight), [("a".to_owned(), 4)]);
    }

    #[test]
    fn a_slow_partition_does_not_hold_back_others() {
        let mut in_flight = InFlight::default();
        let _slow = in_flight.push(partition("slow"), offset(1));
        let fast = in_flight.push(partition("fast"), offset(2));
        in_flight.acknowledge(fast);
        assert_eq!(taken(&mut in_flight), [("fast".to_owned(), 2)]);
    }

    #[test]
    fn records_without_offset_store_nothing_but_keep_their_place() {
        let mut in_flight = InFlight::default();
        let first = in_flight.push(partition("a"), offset(1));
        let none = in_flight.push(partition("a"), None);
        in_flight.acknowledge(none);
        assert_eq!(taken(&mut in_flight), []);
        in_flight.acknowledge(first);
        assert_eq!(taken(&mut in_flight), [("a".to_owned(), 1)]);
    }

    #[test]
    fn offsets_put_back_do_not_replace_newer_ones() {
        let mut in_flight = InFlight::default();
        let one = in_flight.push(partition("a"), offset(1));
        let two = in_flight.push(partition("a"), offset(2));
        in_flight.acknowledge(one);
        let failed = in_flight.take_committable();
        in_flight.acknowledge(two);
        in_flight.put_back(failed);
        assert_eq!(taken(&mut in_flight), [("a".to_owned(), 2)]);
    }

    #[test]
    fn queues_of_partitions_that_are_done_are_used_again() {
        let mut in_flight = InFlight::default();
        for n in 0..100 {
            let ticket = in_flight.push(partition(&n.to_string()), offset(n));
            in_flight.acknowledge(ticket);
        }
        assert_eq!(in_flight.queues.len(), 1);
        assert_eq!(in_flight.take_committable().len(), 100);
    }

    #[test]
    fn the_order_of_entries_tells_partitions_apart() {
        let one = OffsetMap::new().with("a", 1i64).with("b", 2i64);
        let two = OffsetMap::new().with("b", 2i64).with("a", 1i64);
        let key = |map: &OffsetMap| SourcePartition(Some(Arc::new(map.clone())));
        assert_eq!(key(&one), key(&one));
        assert_ne!(key(&one), key(&two));
        assert_ne!(key(&OffsetMap::new().with("a", 1i64)), key(&OffsetMap::new().with("a", 1.0)));
    }
}
