//! Names that Avro allows, of names that Connect allows.

use std::borrow::Cow;

pub(crate) use literal::scrubbed as scrub;

/// A full name with each of its parts scrubbed, or as it is.
pub(crate) fn full(name: &str, scrubs: bool) -> Cow<'_, str> {
    match scrubs {
        false => Cow::Borrowed(name),
        true => Cow::Owned(name.split('.').map(scrub).collect::<Vec<_>>().join(".")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_full_name_is_scrubbed() {
        assert_eq!(full("my-ns.a$b", true), "my_ns.a_24b");
        assert_eq!(full("my-ns.a", false), "my-ns.a");
    }
}
