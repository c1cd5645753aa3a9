//! What is wrong with this worker, as long as it is so: for its log, and for who asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// Problems by what they are about. Cheap to clone: clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Problems(Arc<Mutex<BTreeMap<String, String>>>);

impl Problems {
    /// Says how it is with something now; `None` is well. What is new goes to the log. Whether it was new.
    pub fn set(&self, about: &str, problem: Option<String>) -> bool {
        let mut known = self.0.lock();
        if known.get(about) == problem.as_ref() {
            return false;
        }
        match problem {
            Some(problem) => {
                tracing::error!("{problem}");
                known.insert(about.to_owned(), problem);
            }
            None => {
                tracing::info!("{about}: what was wrong is mended");
                known.remove(about);
            }
        }
        true
    }

    /// All of them now.
    pub fn all(&self) -> Vec<String> {
        self.0.lock().values().cloned().collect()
    }

    /// That of something.
    pub fn of(&self, about: &str) -> Option<String> {
        self.0.lock().get(about).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_until_it_is_mended() {
        let problems = Problems::default();
        assert!(!problems.set("a", None), "it was well");
        assert!(problems.set("a", Some("bad".to_owned())));
        assert!(!problems.clone().set("a", Some("bad".to_owned())), "told once");
        problems.set("b", Some("worse".to_owned()));
        assert_eq!(problems.all(), ["bad", "worse"]);
        assert_eq!(problems.of("b").as_deref(), Some("worse"));
        problems.set("a", None);
        assert_eq!(problems.all(), ["worse"]);
    }
}
