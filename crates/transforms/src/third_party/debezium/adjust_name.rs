//! Names that Avro accepts.

use api::config::config_enum;

config_enum! {
    /// How names are changed to what Avro accepts.
    pub enum NameAdjustment {
        /// Not at all.
        None = "none",
        /// Other characters become underscores, and a digit in front gets one.
        Avro = "avro",
        /// Other characters, and underscores themselves, become `_uxxxx` with the character's number.
        AvroUnicode = "avro_unicode",
    }
}

impl NameAdjustment {
    /// A schema's name; points are part of it.
    pub fn schema_name(self, name: &str) -> String {
        self.adjusted(name, true)
    }

    /// A field's name, without points.
    pub fn field_name(self, name: &str) -> String {
        self.adjusted(name, false)
    }

    fn adjusted(self, name: &str, points: bool) -> String {
        if self == NameAdjustment::None {
            return name.to_owned();
        }
        let mut out = String::with_capacity(name.len() + 8);
        for (index, character) in name.chars().enumerate() {
            let valid = match character {
                'a'..='z' | 'A'..='Z' => true,
                '_' => self == NameAdjustment::Avro,
                '0'..='9' => index > 0,
                '.' => points && index > 0,
                _ => false,
            };
            match (valid, self) {
                (true, _) => out.push(character),
                // A digit may stand anywhere but in front.
                (false, NameAdjustment::Avro) if character.is_ascii_digit() => out.extend(['_', character]),
                (false, NameAdjustment::AvroUnicode) => {
                    // Java's characters are UTF-16 units.
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        out.push_str(&format!("_u{unit:04x}"));
                    }
                }
                (false, _) => out.extend(std::iter::repeat_n('_', character.len_utf16())),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::NameAdjustment::*;

    #[test]
    fn other_characters_are_replaced() {
        assert_eq!(None.schema_name("a-b"), "a-b");
        assert_eq!(Avro.schema_name("1a-b.c_d"), "_1a_b.c_d");
        assert_eq!(AvroUnicode.field_name("1c"), "_u0031c");
        assert_eq!(AvroUnicode.schema_name("a-b_c"), "a_u002db_u005fc");
        assert_eq!(Avro.field_name("a.b"), "a_b");
        assert_eq!(Avro.field_name("😀"), "__");
    }
}
