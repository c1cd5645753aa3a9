//! The names of character sets that a config may have.

use api::config::config_enum;

config_enum! {
    /// How text becomes bytes, by its name in Java.
    pub enum Charset {
        /// UTF-8.
        Utf8 = "UTF-8",
        /// Seven bits a character.
        Ascii = "US-ASCII",
        /// Eight bits a character, Latin.
        Latin1 = "ISO-8859-1",
        /// UTF-16, big-endian with a byte order mark; when read, the mark decides.
        Utf16 = "UTF-16",
        /// UTF-16, big-endian.
        Utf16Be = "UTF-16BE",
        /// UTF-16, little-endian.
        Utf16Le = "UTF-16LE",
        /// Another name of UTF-8.
        Utf8Alias = "UTF8",
        /// Another name of seven-bit text.
        AsciiAlias = "ASCII",
        /// Another name of Latin text.
        Latin1Alias = "LATIN1",
    }
}

impl Charset {
    /// The character set of this name.
    pub fn set(self) -> literal::charset::Charset {
        use literal::charset::Charset as Set;
        match self {
            Charset::Utf8 | Charset::Utf8Alias => Set::Utf8,
            Charset::Ascii | Charset::AsciiAlias => Set::Ascii,
            Charset::Latin1 | Charset::Latin1Alias => Set::Latin1,
            Charset::Utf16 => Set::Utf16,
            Charset::Utf16Be => Set::Utf16Be,
            Charset::Utf16Le => Set::Utf16Le,
        }
    }
}
