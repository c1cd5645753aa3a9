//! The partitions of a sink task, and how far each has come.

use std::collections::BTreeMap;

use api::data::{Offsets, TopicPartition};

/// The partitions that are ours now.
#[derive(Debug, Default)]
pub(crate) struct Assignment(BTreeMap<TopicPartition, Progress>);

/// Offsets are of the next record to read.
#[derive(Debug, Default)]
struct Progress {
    /// The first record that was read, if nothing was committed before it.
    start: Option<i64>,
    /// After the last record that the connector accepted, or that was left out.
    accepted: Option<i64>,
    /// What Kafka holds for the group.
    committed: Option<i64>,
    /// Where the connector wished to go on, until a commit has come after it.
    sought: Option<i64>,
    paused_by_task: bool,
}

impl Assignment {
    pub(crate) fn add(&mut self, partitions: &[TopicPartition], committed: &Offsets) {
        for partition in partitions {
            let committed = committed.get(partition).copied();
            let progress = Progress { accepted: committed, committed, ..Progress::default() };
            self.0.insert(partition.clone(), progress);
        }
    }

    pub(crate) fn remove(&mut self, partitions: &[TopicPartition]) {
        self.0.retain(|partition, _| !partitions.contains(partition));
    }

    pub(crate) fn contains(&self, partition: &TopicPartition) -> bool {
        self.0.contains_key(partition)
    }

    pub(crate) fn all(&self) -> Vec<TopicPartition> {
        self.0.keys().cloned().collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Records that were accepted or left out and whose offsets are not committed. Gaps in a partition count.
    pub(crate) fn uncommitted(&self) -> u64 {
        let of = |progress: &Progress| {
            let from = progress.committed.or(progress.start)?;
            u64::try_from(progress.accepted? - from).ok()
        };
        self.0.values().filter_map(of).sum()
    }

    /// How many records are between what was accepted and the ends of the partitions: in the partition where it is most,
    /// and in all together. `None` when it is known of none. Gaps in a partition count.
    pub(crate) fn lag(&self, end: impl Fn(&TopicPartition) -> Option<i64>) -> Option<(i64, i64)> {
        let of = |(partition, progress): (&TopicPartition, &Progress)| {
            let from = progress.accepted.or(progress.start)?;
            Some(end(partition)?.saturating_sub(from).max(0))
        };
        self.0.iter().filter_map(of).fold(None, |sums, lag| {
            let (max, all) = sums.unwrap_or((0, 0_i64));
            Some((max.max(lag), all.saturating_add(lag)))
        })
    }

    /// Those that the connector did not pause itself.
    pub(crate) fn not_paused_by_task(&self) -> Vec<TopicPartition> {
        self.0.iter().filter(|(_, progress)| !progress.paused_by_task).map(|(p, _)| p.clone()).collect()
    }

    pub(crate) fn set_paused_by_task(&mut self, partition: &TopicPartition, paused: bool) {
        if let Some(progress) = self.0.get_mut(partition) {
            progress.paused_by_task = paused;
        }
    }

    /// Records were read from here on.
    pub(crate) fn note_start(&mut self, partition: &TopicPartition, offset: i64) {
        if let Some(progress) = self.0.get_mut(partition) {
            progress.start.get_or_insert(offset);
        }
    }

    /// Everything before these offsets was accepted or left out.
    pub(crate) fn accept(&mut self, offsets: Offsets) {
        for (partition, offset) in offsets {
            if let Some(progress) = self.0.get_mut(&partition) {
                progress.accepted = Some(offset);
            }
        }
    }

    /// The accepted offsets of these partitions.
    pub(crate) fn accepted(&self, partitions: &[TopicPartition]) -> Offsets {
        let of = |partition: &TopicPartition| Some((partition.clone(), self.0.get(partition)?.accepted?));
        partitions.iter().filter_map(of).collect()
    }

    /// What is to be committed of the offsets that `flush` returned when it was given these.
    ///
    /// Invariant 2: nothing that `flush` did not return, and nothing that it could not know.
    pub(crate) fn to_commit(&self, returned: Offsets, given: &Offsets) -> Offsets {
        let wanted = |partition: &TopicPartition, offset: i64| {
            let Some(accepted) = given.get(partition) else {
                tracing::debug!("ignoring offset {offset} of {partition}, which was not asked for");
                return false;
            };
            if offset > *accepted {
                tracing::warn!(
                    "ignoring offset {offset} of {partition} from the connector: only records before \
                     {accepted} were given to it"
                );
                return false;
            }
            // After a seek even the same offset is sent: it settles that reading is past the sought place.
            let is_new =
                |progress: &Progress| progress.committed != Some(offset) || progress.sought.is_some();
            self.0.get(partition).is_some_and(is_new)
        };
        returned.into_iter().filter(|(partition, offset)| wanted(partition, *offset)).collect()
    }

    pub(crate) fn committed(&mut self, offsets: &Offsets) {
        for (partition, offset) in offsets {
            if let Some(progress) = self.0.get_mut(partition) {
                progress.committed = Some(*offset);
                progress.sought = None;
            }
        }
    }

    /// Reading goes on here, by the connector's wish.
    pub(crate) fn seek(&mut self, partition: &TopicPartition, offset: i64) {
        if let Some(progress) = self.0.get_mut(partition) {
            progress.accepted = Some(offset);
            progress.sought = Some(offset);
        }
    }

    /// Goes back to what is committed, or further to where the connector wished to go on; answers where to read on.
    /// A partition of which nothing was read stays.
    ///
    /// A wish to go forward is no commit: what was accepted before it may not be durable and is read again. The
    /// connector may repeat the wish when the partition is opened.
    pub(crate) fn rewind(&mut self) -> Vec<(TopicPartition, i64)> {
        let mut places = Vec::new();
        for (partition, progress) in &mut self.0 {
            let behind = progress.committed.or(progress.start);
            progress.sought = progress.sought.filter(|sought| behind.is_none_or(|behind| *sought < behind));
            progress.accepted = progress.sought.or(progress.committed);
            if let Some(offset) = progress.sought.or(behind) {
                places.push((partition.clone(), offset));
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(number: i32) -> TopicPartition {
        TopicPartition::new("t", number)
    }

    fn offsets<const N: usize>(entries: [(i32, i64); N]) -> Offsets {
        entries.into_iter().map(|(number, offset)| (partition(number), offset)).collect()
    }

    #[test]
    fn invariant_2_only_offsets_that_flush_could_know_are_committed() {
        let mut assignment = Assignment::default();
        assignment.add(&[partition(0), partition(1), partition(2)], &offsets([(2, 5)]));
        assignment.accept(offsets([(0, 10), (1, 20)]));
        let given = assignment.accepted(&assignment.all());
        assert_eq!(given, offsets([(0, 10), (1, 20), (2, 5)]));
        // Above what was accepted, not assigned, as committed before: none of them is sent.
        let returned = offsets([(0, 11), (1, 15), (2, 5), (3, 1)]);
        assert_eq!(assignment.to_commit(returned, &given), offsets([(1, 15)]));
    }

    #[test]
    fn a_rewind_goes_to_what_is_committed_or_where_reading_began() {
        let mut assignment = Assignment::default();
        assignment.add(&[partition(0), partition(1), partition(2)], &offsets([(0, 5)]));
        assignment.note_start(&partition(0), 5);
        assignment.note_start(&partition(1), 100);
        assignment.accept(offsets([(0, 10), (1, 120)]));
        assert_eq!(assignment.rewind(), [(partition(0), 5), (partition(1), 100)]);
        assert_eq!(assignment.accepted(&assignment.all()), offsets([(0, 5)]));
    }

    #[test]
    fn lag_is_of_what_was_accepted_and_unknown_where_nothing_is() {
        let mut assignment = Assignment::default();
        assert_eq!(assignment.lag(|_| Some(10)), None);
        assignment.add(&[partition(0), partition(1), partition(2)], &offsets([(0, 5), (1, 20)]));
        assignment.accept(offsets([(0, 8)]));
        assert_eq!(assignment.lag(|_| Some(10)), Some((2, 2)), "1 is past that end, nothing is known of 2");
        assignment.note_start(&partition(2), 3);
        assert_eq!(assignment.lag(|_| Some(10)), Some((7, 9)));
        assert_eq!(assignment.lag(|_| None), None);
        assert_eq!(assignment.uncommitted(), 3);
        assignment.committed(&offsets([(0, 8)]));
        assert_eq!(assignment.uncommitted(), 0);
    }

    #[test]
    fn a_sought_offset_is_not_taken_for_committed() {
        let mut assignment = Assignment::default();
        assignment.add(&[partition(0)], &offsets([(0, 5)]));
        assignment.seek(&partition(0), 3);
        let given = assignment.accepted(&[partition(0)]);
        assert_eq!(given, offsets([(0, 3)]));
        assert_eq!(assignment.to_commit(given.clone(), &given), given, "Kafka has no such commit yet");
        assignment.committed(&given);
        assert_eq!(assignment.to_commit(given.clone(), &given), Offsets::new(), "now it has");
    }

    #[test]
    fn a_rewind_after_a_seek_skips_neither_what_was_sought_nor_what_is_not_durable() {
        let mut assignment = Assignment::default();
        assignment.add(&[partition(0), partition(1), partition(2)], &offsets([(0, 5), (1, 5)]));
        assignment.accept(offsets([(0, 10), (1, 10)]));
        assignment.seek(&partition(0), 3);
        assignment.seek(&partition(1), 20);
        assignment.seek(&partition(2), 7);
        let places = [(partition(0), 3), (partition(1), 5), (partition(2), 7)];
        assert_eq!(assignment.rewind(), places);
        assert_eq!(assignment.rewind(), places, "as often as it fails");
        assert_eq!(assignment.accepted(&assignment.all()), offsets([(0, 3), (1, 5), (2, 7)]));
        // A commit that comes after the seek replaces the wish.
        assignment.committed(&offsets([(0, 4)]));
        assert_eq!(assignment.rewind()[0], (partition(0), 4));
    }
}
