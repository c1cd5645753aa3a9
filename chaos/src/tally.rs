//! What arrived of sequences, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

/// Whether a number may arrive twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubles {
    /// At least once: it may.
    Allowed,
    /// It must not.
    Forbidden,
}

/// Numbers by sequence, in the order in which they arrived.
#[derive(Debug, Clone, Default)]
pub struct Tally(BTreeMap<String, Vec<u64>>);

impl Tally {
    /// The text of a number of a sequence: `NAME:NUMBER`.
    pub fn text(sequence: &str, number: u64) -> String {
        format!("{sequence}:{number}")
    }

    /// Takes a text in.
    ///
    /// # Errors
    /// It is none of [`Self::text`].
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let parsed = text.rsplit_once(':').and_then(|(name, number)| Some((name, number.parse().ok()?)));
        let (name, number) = parsed.ok_or_else(|| format!("{text:?} is no number of a sequence"))?;
        self.0.entry(name.to_owned()).or_default().push(number);
        Ok(())
    }

    /// Whether each of these sequences has all numbers below its length.
    pub fn is_complete(&self, lengths: &BTreeMap<String, u64>) -> bool {
        lengths.iter().all(|(name, &length)| {
            self.0.get(name).is_some_and(|seen| seen.iter().collect::<BTreeSet<_>>().len() as u64 >= length)
        })
    }

    /// Everything that is wrong: numbers that are missing, doubled or out of order, and sequences that nobody wrote.
    pub fn problems(&self, lengths: &BTreeMap<String, u64>, doubles: Doubles) -> Vec<String> {
        let mut problems = Vec::new();
        let none = Vec::new();
        for (name, &length) in lengths {
            let seen = self.0.get(name).unwrap_or(&none);
            let mut known = BTreeSet::new();
            let mut doubled = BTreeSet::new();
            let mut early = BTreeSet::new();
            for &number in seen {
                if !known.insert(number) {
                    doubled.insert(number);
                } else if number > 0 && !known.contains(&(number - 1)) {
                    early.insert(number);
                }
            }
            let missing: BTreeSet<u64> = (0..length).filter(|number| !known.contains(number)).collect();
            let beyond: BTreeSet<u64> = known.range(length..).copied().collect();
            let mut tell = |what: &str, numbers: &BTreeSet<u64>| {
                if let Some(first) = numbers.first() {
                    problems.push(format!("{name}: {} {what}, from {first} on", numbers.len()));
                }
            };
            tell("missing", &missing);
            tell("before their turn", &early);
            tell("that were never sent", &beyond);
            if doubles == Doubles::Forbidden {
                tell("doubled", &doubled);
            }
        }
        for name in self.0.keys().filter(|name| !lengths.contains_key(*name)) {
            problems.push(format!("{name}: nobody sends this sequence"));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], doubles: Doubles) -> Vec<String> {
        let mut tally = Tally::default();
        texts.iter().for_each(|text| tally.add(text).unwrap());
        tally.problems(&BTreeMap::from([("a/0".to_owned(), 3)]), doubles)
    }

    #[test]
    fn what_is_wrong_is_told() {
        let none: [String; 0] = [];
        let whole = ["a/0:0", "a/0:1", "a/0:2"];
        assert_eq!(check(&whole, Doubles::Forbidden), none);
        let twice = ["a/0:0", "a/0:1", "a/0:0", "a/0:1", "a/0:2"];
        assert_eq!(check(&twice, Doubles::Allowed), none);
        assert_eq!(check(&twice, Doubles::Forbidden), ["a/0: 2 doubled, from 0 on"]);
        assert_eq!(
            check(&["a/0:0", "a/0:2"], Doubles::Allowed),
            ["a/0: 1 missing, from 1 on", "a/0: 1 before their turn, from 2 on"]
        );
        assert_eq!(check(&[], Doubles::Allowed), ["a/0: 3 missing, from 0 on"]);
        let more = ["a/0:0", "a/0:1", "a/0:2", "a/0:3", "b:0"];
        let expected = ["a/0: 1 that were never sent, from 3 on", "b: nobody sends this sequence"];
        assert_eq!(check(&more, Doubles::Forbidden), expected);
        assert_eq!(check(&["a/0:1", "a/0:0", "a/0:2"], Doubles::Allowed).len(), 1, "in order");
    }

    #[test]
    fn it_is_complete_when_nothing_is_missing() {
        let lengths = BTreeMap::from([("a/0".to_owned(), 2)]);
        let mut tally = Tally::default();
        assert!(!tally.is_complete(&lengths));
        for text in ["a/0:0", "a/0:0"] {
            tally.add(text).unwrap();
            assert!(!tally.is_complete(&lengths), "a number twice is no other number");
        }
        tally.add(&Tally::text("a/0", 1)).unwrap();
        assert!(tally.is_complete(&lengths));
        assert!(tally.add("nothing").is_err());
    }
}
