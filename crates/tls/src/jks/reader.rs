//! Bytes of a store, one piece after another. No length in a file is believed beyond what the file holds.

/// What is left to read.
pub(super) struct Reader<'a>(&'a [u8]);

/// What is said of a file that has less than it says.
pub(super) fn ends_early() -> String {
    "it ends early: the file is damaged".to_owned()
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// So many bytes.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(ends_early)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn number(&mut self) -> Result<u32, String> {
        Ok(self.take(4)?.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    /// Four bytes of length, then as many.
    pub(super) fn block(&mut self) -> Result<&'a [u8], String> {
        let length = self.number()?;
        self.take(usize::try_from(length).map_err(|_| ends_early())?)
    }

    /// Two bytes of length, then as many of a text.
    pub(super) fn text(&mut self) -> Result<&'a [u8], String> {
        let length = self.take(2)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
        self.take(length)
    }
}
