//! Names of types: a simple name in a namespace.

use std::sync::Arc;

/// A full name, and where its simple name begins.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    full: Arc<str>,
    simple_start: usize,
}

impl Name {
    /// A name as it is written: with dots it is a full name, else it lies in the given namespace.
    pub fn new(written: &str, namespace: Option<&str>) -> Self {
        if let Some(dot) = written.rfind('.') {
            // A leading dot is the empty namespace.
            return match dot {
                0 => Self { full: Arc::from(&written[1..]), simple_start: 0 },
                _ => Self { full: Arc::from(written), simple_start: dot + 1 },
            };
        }
        match namespace {
            None | Some("") => Self { full: Arc::from(written), simple_start: 0 },
            Some(space) => Self { full: format!("{space}.{written}").into(), simple_start: space.len() + 1 },
        }
    }

    /// Namespace and simple name.
    pub fn full(&self) -> &str {
        &self.full
    }

    /// The part after the last dot.
    pub fn simple(&self) -> &str {
        &self.full[self.simple_start..]
    }

    /// The part before the last dot.
    pub fn namespace(&self) -> Option<&str> {
        match self.simple_start {
            0 => None,
            start => Some(&self.full[..start - 1]),
        }
    }

    /// How the name is written inside a namespace so that it is read as this one.
    pub(crate) fn written_in(&self, namespace: Option<&str>) -> &str {
        let plain = self.namespace().is_none() || self.namespace() == namespace;
        match plain && !is_primitive(self.simple()) {
            true => self.simple(),
            false => self.full(),
        }
    }
}

/// Whether a name is one of Avro's own types.
pub(crate) fn is_primitive(name: &str) -> bool {
    matches!(name, "null" | "boolean" | "int" | "long" | "float" | "double" | "bytes" | "string")
}

/// Whether a name is of Avro's form: a letter or `_`, then letters, digits and `_`, all of ASCII.
pub(crate) fn is_valid(name: &str) -> bool {
    let mut letters = name.bytes();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
}

/// The same with letters and digits of any script.
pub(crate) fn is_of_letters(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces() {
        let check = |written, space, full: &str, simple: &str| {
            let name = Name::new(written, space);
            assert_eq!((name.full(), name.simple()), (full, simple), "{written}");
        };
        check("A", None, "A", "A");
        check("A", Some("x.y"), "x.y.A", "A");
        check("z.A", Some("x.y"), "z.A", "A");
        check("A", Some(""), "A", "A");
        check(".A", Some("x"), "A", "A");
        assert_eq!(Name::new("A", Some("x.y")).namespace(), Some("x.y"));
        assert_eq!(Name::new("A", Some("x")).written_in(Some("x")), "A");
        assert_eq!(Name::new("A", Some("x")).written_in(None), "x.A");
        assert_eq!(Name::new("string", Some("x")).written_in(Some("x")), "x.string");
    }

    #[test]
    fn forms() {
        for good in ["a", "_", "A1_b"] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["", "1a", "a-b", "é", "a.b", "a b"] {
            assert!(!is_valid(bad), "{bad}");
        }
        assert!(is_of_letters("été_1"));
        for bad in ["", "1a", "a-b", "a.b", "a b"] {
            assert!(!is_of_letters(bad), "{bad}");
        }
    }
}
