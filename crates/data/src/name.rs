//! Names that many records share.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::Text;

/// Names that are shared at most.
const NAMES_MAX: usize = 8192;
/// The longest name that is shared, in bytes.
const NAME_BYTES_MAX: usize = 128;

static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

/// The text of a name that comes again and again: of a config, or of documents that look alike. The program keeps it for
/// ever, once, so that copies count no references: records have ten names each, and counting them was a quarter of the
/// work of reading one.
///
/// What is kept is bounded, about 1 MB: a longer name, or one that comes when 8192 are kept, becomes an ordinary text.
pub fn shared_name(name: &str) -> Text {
    if name.len() > NAME_BYTES_MAX {
        return Text::from(name);
    }
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return Text::from_static(known);
    }
    if names.len() >= NAMES_MAX {
        return Text::from(name);
    }
    let kept: &'static str = Box::leak(Box::from(name));
    names.insert(kept);
    Text::from_static(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once_and_many_names_are_texts_all_the_same() {
        let (one, other) = (shared_name("customer"), shared_name("customer"));
        assert_eq!((&*one, one.as_ptr()), ("customer", other.as_ptr()));
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        assert_eq!(shared_name(&long), long);
        for n in 0..NAMES_MAX + 10 {
            let name = format!("name {n}");
            assert_eq!(shared_name(&name), name);
        }
        let last = format!("name {}", NAMES_MAX + 9);
        assert_ne!(shared_name(&last).as_ptr(), shared_name(&last).as_ptr(), "the table is full");
        assert_eq!(shared_name("customer").as_ptr(), one.as_ptr());
    }
}
