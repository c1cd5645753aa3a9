//! Counts of what was compared, by class or case.

use std::collections::BTreeMap;
use std::fmt;

use crate::allowed::Allowed;
use crate::difference::Difference;

/// How many differences of a group are shown in full.
const SHOWN: usize = 3;

/// What came of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The same.
    Equal,
    /// Differences, all of them on purpose.
    Allowed,
    /// Others.
    Different,
}

/// The counts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Answers that are the same.
    pub equal: u64,
    /// Answers whose differences are on purpose.
    pub allowed: u64,
    /// Answers that differ.
    pub different: u64,
}

impl Counts {
    /// What has come since these were the counts.
    pub fn since(self, before: Counts) -> Counts {
        Counts {
            equal: self.equal - before.equal,
            allowed: self.allowed - before.allowed,
            different: self.different - before.different,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} equal, {} allowed, {} different", self.equal, self.allowed, self.different)
    }
}

/// All that was compared.
#[derive(Default)]
pub struct Tally {
    groups: BTreeMap<String, (Counts, Vec<String>)>,
    /// Every difference as a line of JSON, with the entry that says that it is on purpose, or null.
    pub differences: String,
}

impl Tally {
    /// Takes in the differences of one comparison; `input` is shown with those that are not on purpose.
    pub fn add(
        &mut self,
        allowed: &Allowed,
        group: &str,
        input: &dyn Fn() -> String,
        differences: &[Difference],
    ) -> Outcome {
        let (counts, shown) = self.groups.entry(group.to_owned()).or_default();
        if differences.is_empty() {
            counts.equal += 1;
            return Outcome::Equal;
        }
        let input = input();
        let mut wrong = Vec::new();
        for it in differences {
            let entry = allowed.permits(group, &input, it);
            let line = serde_json::json!({
                "group": group, "allowed": entry, "at": it.at, "java": it.java, "ours": it.ours, "input": input,
            });
            self.differences.push_str(&format!("{line}\n"));
            if entry.is_none() {
                wrong.push(it);
            }
        }
        if wrong.is_empty() {
            counts.allowed += 1;
            return Outcome::Allowed;
        }
        counts.different += 1;
        if shown.len() < SHOWN {
            let places: String = wrong
                .iter()
                .take(4)
                .map(|it| {
                    format!(
                        "\n      at {}\n        java {}\n        ours {}",
                        it.at,
                        cut(&it.java),
                        cut(&it.ours)
                    )
                })
                .collect();
            shown.push(format!("{}{places}", cut(&input)));
        }
        Outcome::Different
    }

    /// The sum of all groups.
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        for (counts, _) in self.groups.values() {
            total.equal += counts.equal;
            total.allowed += counts.allowed;
            total.different += counts.different;
        }
        total
    }

    /// One line for each group, and what differs below it.
    pub fn lines(&self) -> String {
        let mut text = String::new();
        for (group, (counts, shown)) in &self.groups {
            text.push_str(&format!(
                "{group:<48} {:>6} equal {:>5} allowed {:>4} different\n",
                counts.equal, counts.allowed, counts.different
            ));
            for example in shown {
                text.push_str(&format!("    {example}\n"));
            }
        }
        text
    }
}

fn cut(text: &str) -> String {
    const LIMIT: usize = 1500;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_difference_makes_the_count_red() {
        let list = Allowed::none();
        let mut tally = Tally::default();
        let input = || "in".to_owned();
        assert_eq!(tally.add(&list, "g", &input, &[]), Outcome::Equal);
        let planted = Difference { at: "bytes".to_owned(), java: "1".to_owned(), ours: "2".to_owned() };
        assert_eq!(tally.add(&list, "g", &input, std::slice::from_ref(&planted)), Outcome::Different);
        let before = Counts { equal: 1, ..Counts::default() };
        assert_eq!(tally.total(), Counts { equal: 1, allowed: 0, different: 1 });
        assert_eq!(tally.total().since(before).to_string(), "0 equal, 0 allowed, 1 different");
        assert!(tally.lines().contains("java 1"), "{}", tally.lines());
    }
}
