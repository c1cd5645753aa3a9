//! The ways to write a name of several words.

use api::config::config_enum;

config_enum! {
    /// How a name of several words is written.
    pub enum CaseFormat {
        /// `lowerCamel`.
        LowerCamel = "LOWER_CAMEL",
        /// `lower-hyphen`.
        LowerHyphen = "LOWER_HYPHEN",
        /// `lower_underscore`.
        LowerUnderscore = "LOWER_UNDERSCORE",
        /// `UpperCamel`.
        UpperCamel = "UPPER_CAMEL",
        /// `UPPER_UNDERSCORE`.
        UpperUnderscore = "UPPER_UNDERSCORE",
    }
}

impl CaseFormat {
    /// The name, written this way, in another way. Words begin after a separator, or at each capital letter of ASCII; other
    /// characters belong to the word they stand in.
    pub fn convert(self, to: CaseFormat, name: &str) -> String {
        if self == to {
            return name.to_owned();
        }
        let mut out = String::with_capacity(name.len() + 8);
        for (index, word) in self.words(name).into_iter().enumerate() {
            to.write(index, word, &mut out);
        }
        out
    }

    fn words(self, name: &str) -> Vec<&str> {
        match self {
            CaseFormat::LowerHyphen => name.split('-').collect(),
            CaseFormat::LowerUnderscore | CaseFormat::UpperUnderscore => name.split('_').collect(),
            CaseFormat::LowerCamel | CaseFormat::UpperCamel => {
                let mut words = Vec::new();
                let mut start = 0;
                for (offset, character) in name.char_indices().skip(1) {
                    if character.is_ascii_uppercase() {
                        words.push(&name[start..offset]);
                        start = offset;
                    }
                }
                words.push(&name[start..]);
                words
            }
        }
    }

    fn write(self, index: usize, word: &str, out: &mut String) {
        let separator = match self {
            CaseFormat::LowerHyphen => "-",
            CaseFormat::LowerUnderscore | CaseFormat::UpperUnderscore => "_",
            CaseFormat::LowerCamel | CaseFormat::UpperCamel => "",
        };
        if index > 0 {
            out.push_str(separator);
        }
        match self {
            CaseFormat::UpperUnderscore => out.push_str(&word.to_ascii_uppercase()),
            CaseFormat::LowerHyphen | CaseFormat::LowerUnderscore => out.push_str(&word.to_ascii_lowercase()),
            CaseFormat::LowerCamel if index == 0 => out.push_str(&word.to_ascii_lowercase()),
            CaseFormat::LowerCamel | CaseFormat::UpperCamel => {
                let mut rest = word.chars();
                if let Some(first) = rest.next() {
                    out.push(first.to_ascii_uppercase());
                    out.push_str(&rest.as_str().to_ascii_lowercase());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CaseFormat::*;

    #[test]
    fn words_are_found_and_joined() {
        for (from, to, name, expected) in [
            (LowerUnderscore, UpperCamel, "a_b.c", "AB.c"),
            (LowerHyphen, UpperCamel, "order-lines", "OrderLines"),
            (LowerCamel, LowerUnderscore, "orderLineId", "order_line_id"),
            (UpperCamel, LowerHyphen, "OrderLine", "order-line"),
            (UpperUnderscore, LowerCamel, "ORDER_LINE", "orderLine"),
            (LowerUnderscore, UpperUnderscore, "a_b", "A_B"),
            (LowerCamel, LowerCamel, "aB", "aB"),
            (UpperCamel, LowerUnderscore, "", ""),
            // Only letters of ASCII change.
            (LowerUnderscore, LowerCamel, "_äb", "äb"),
        ] {
            let found = from.convert(to, name);
            assert_eq!(found, expected, "{name}");
        }
    }
}
