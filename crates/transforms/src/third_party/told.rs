//! Warnings that hold for every record alike.

use std::cell::RefCell;
use std::collections::HashSet;

/// What was logged already, so that it is logged once and not with every record.
#[derive(Debug, Default)]
pub(crate) struct Told(RefCell<HashSet<String>>);

// Beyond so many it is not the log that tells what is wrong.
const TOLD_MAX: usize = 1000;

impl Told {
    /// Whether this was not told yet; from now on it is.
    pub fn first(&self, what: &str) -> bool {
        let mut told = self.0.borrow_mut();
        !told.contains(what) && told.len() < TOLD_MAX && told.insert(what.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_once() {
        let told = Told::default();
        assert!(told.first("a"));
        assert!(told.first("b"));
        assert!(!told.first("a"));
        assert_eq!((0..2000).filter(|n| told.first(&n.to_string())).count(), 998);
    }
}
