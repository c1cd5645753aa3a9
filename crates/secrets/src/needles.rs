//! Finds many texts in another one, and puts others in their place.
//!
//! Sets are made at each start of a task and each check of a config, mostly of a few needles, and whoever may have a config
//! checked can send a megabyte of them. So making a set costs about what sorting costs and takes no memory beside its
//! needles, unlike an automaton, whose states take many times the bytes of the needles.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

// A shorter value of small letters only is replaced where it is a word, not inside of another one: a database's
// password may be `postgres`, and `postgresql` is not to be spoiled by it.
const SHORTEST_ANYWHERE: usize = 10;
// Needles are at least so long; their first bytes tell most places of a text apart from those where one begins.
const HEAD: usize = 3;

/// What to look for, and what to put there. Cheap to add to; sorted when it is first looked with.
#[derive(Clone, Default)]
pub(crate) struct Needles {
    shown: HashMap<Arc<str>, Arc<str>>,
    bytes: usize,
    index: OnceLock<Arc<Index>>,
}

impl Needles {
    /// Adds one of at least four bytes; who comes first decides what is put in its place.
    pub(crate) fn insert(&mut self, needle: &str, shown: &str) {
        debug_assert!(needle.len() >= HEAD);
        if !self.shown.contains_key(needle) {
            self.put(needle.into(), shown.into());
        }
    }

    /// Adds those of another set.
    pub(crate) fn merge(&mut self, other: &Needles) {
        for (needle, shown) in &other.shown {
            if !self.shown.contains_key(needle) {
                self.put(needle.clone(), shown.clone());
            }
        }
    }

    fn put(&mut self, needle: Arc<str>, shown: Arc<str>) {
        self.bytes += needle.len();
        self.shown.insert(needle, shown);
        self.index = OnceLock::new();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.shown.len()
    }

    /// The bytes of all needles.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether both look for the same.
    pub(crate) fn is_same(&self, other: &Needles) -> bool {
        self.bytes == other.bytes && self.shown == other.shown
    }

    /// The text with each needle replaced, the longest at a place; in one pass, so that nothing that was put in is looked
    /// at again.
    pub(crate) fn replace<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.is_empty() {
            return Cow::Borrowed(text);
        }
        let index = self.index.get_or_init(|| Arc::new(Index::new(&self.shown)));
        let (mut out, mut copied, mut at) = (String::new(), 0, 0);
        while at + HEAD <= text.len() {
            // Of a needle that may not stand here, no beginning may: it would be a part of the same word.
            let found = index.longest_at(text.as_bytes(), at);
            match found.filter(|(needle, _)| may_stand(needle, &text[..at], &text[at + needle.len()..])) {
                Some((needle, shown)) => {
                    out.push_str(&text[copied..at]);
                    out.push_str(shown);
                    at += needle.len();
                    copied = at;
                }
                None => at += 1,
            }
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(&text[copied..]);
        Cow::Owned(out)
    }
}

/// The needles in order.
struct Index {
    sorted: Vec<(Arc<str>, Arc<str>)>,
    /// Of each needle the longest other one that it begins with.
    shorter: Vec<Option<usize>>,
    /// A bit for each hash of a head that there is.
    heads: [u64; 64],
}

impl Index {
    fn new(shown: &HashMap<Arc<str>, Arc<str>>) -> Self {
        let mut sorted: Vec<_> =
            shown.iter().map(|(needle, shown)| (needle.clone(), shown.clone())).collect();
        sorted.sort_unstable();
        let (mut shorter, mut open) = (Vec::with_capacity(sorted.len()), Vec::<usize>::new());
        let mut heads = [0; 64];
        for (at, (needle, _)) in sorted.iter().enumerate() {
            while open.last().is_some_and(|last| !needle.starts_with(&*sorted[*last].0)) {
                open.pop();
            }
            shorter.push(open.last().copied());
            open.push(at);
            let bit = head(needle.as_bytes());
            heads[bit / 64] |= 1 << (bit % 64);
        }
        Self { sorted, shorter, heads }
    }

    /// The longest needle that begins at this byte; there are [`HEAD`] bytes at least.
    fn longest_at(&self, text: &[u8], at: usize) -> Option<(&str, &str)> {
        let rest = &text[at..];
        let bit = head(rest);
        if self.heads[bit / 64] & (1 << (bit % 64)) == 0 {
            return None;
        }
        // All needles that the rest begins with are beginnings of the last one that is not behind it, or are that one.
        let mut last = self.sorted.partition_point(|(needle, _)| needle.as_bytes() <= rest).checked_sub(1)?;
        let nearest = self.sorted[last].0.as_bytes();
        let common = nearest.iter().zip(rest).take_while(|(one, other)| one == other).count();
        while self.sorted[last].0.len() > common {
            last = self.shorter[last]?;
        }
        let (needle, shown) = &self.sorted[last];
        Some((needle, shown))
    }
}

// A number below 4096.
fn head(bytes: &[u8]) -> usize {
    let number = bytes.iter().take(HEAD).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    (number.wrapping_mul(0x9E37_79B1) >> 20) as usize
}

fn may_stand(needle: &str, before: &str, after: &str) -> bool {
    let is_word = needle.len() < SHORTEST_ANYWHERE && needle.bytes().all(|byte| byte.is_ascii_lowercase());
    let joins = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric());
    !is_word || !(joins(before.chars().next_back()) || joins(after.chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needles(all: &[&str]) -> Needles {
        let mut needles = Needles::default();
        all.iter().for_each(|needle| needles.insert(needle, &format!("<{}>", needle.len())));
        needles
    }

    #[test]
    fn the_longest_at_a_place_counts() {
        let needles = needles(&["abcd1", "abcd12", "abcd1234", "bcd12345", "äöüß", "abcz1"]);
        assert_eq!(needles.replace("abcd1 abcd12 abcd123 abcd1234"), "<5> <6> <6>3 <8>");
        assert_eq!(needles.replace("abcd12345"), "<8>5", "the first place counts, not the longest of all");
        assert_eq!(needles.replace("xäöüßx äöü"), "x<8>x äöü");
        assert_eq!(needles.replace("abcz1abcd1"), "<5><5>");
        assert!(matches!(needles.replace("abcd abcz ab"), Cow::Borrowed(_)));
        assert!(matches!(needles.replace(""), Cow::Borrowed(_)));
    }

    // The same answer as by looking for each needle at each place.
    #[test]
    fn random_sets_are_found_as_by_hand() {
        let seed = std::env::var("SEED").ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(4711);
        println!("SEED={seed}");
        let mut state = seed | 1;
        let mut random = |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below) as usize
        };
        for round in 0..2000 {
            let mut text = |most: u64| -> String {
                (0..4 + random(most)).map(|_| ['a', 'b', '1', 'ä'][random(4)]).collect()
            };
            let all: Vec<String> = (0..1 + round % 9).map(|_| text(6)).collect();
            let haystack = text(60);
            let set = needles(&all.iter().map(String::as_str).collect::<Vec<_>>());
            let mut expected = String::new();
            let mut at = 0;
            while let Some(char) = haystack[at..].chars().next() {
                let fit = all.iter().filter(|needle| {
                    haystack[at..].starts_with(needle.as_str())
                        && may_stand(needle, &haystack[..at], &haystack[at + needle.len()..])
                });
                match fit.max_by_key(|needle| needle.len()) {
                    Some(needle) => {
                        expected.push_str(&format!("<{}>", needle.len()));
                        at += needle.len();
                    }
                    None => {
                        expected.push(char);
                        at += char.len_utf8();
                    }
                }
            }
            assert_eq!(set.replace(&haystack), expected, "{all:?} in {haystack}");
        }
    }
}
