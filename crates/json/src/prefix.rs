//! What stands in front of a field's value, ready to be copied.

const WIDTH: usize = 32;

/// Bytes that are appended often.
#[derive(Debug)]
pub(crate) enum Prefix {
    /// So many of these. All are copied, which takes no call since their number is fixed, and the rest is cut off.
    Short([u8; WIDTH], usize),
    Long(Box<[u8]>),
}

impl Prefix {
    pub fn new(bytes: Vec<u8>) -> Self {
        let mut padded = [0; WIDTH];
        match padded.get_mut(..bytes.len()) {
            Some(front) => {
                front.copy_from_slice(&bytes);
                Prefix::Short(padded, bytes.len())
            }
            None => Prefix::Long(bytes.into_boxed_slice()),
        }
    }

    #[inline]
    pub fn append(&self, out: &mut Vec<u8>) {
        match self {
            Prefix::Short(padded, length) => {
                let end = out.len() + length;
                out.extend_from_slice(padded);
                out.truncate(end);
            }
            Prefix::Long(bytes) => out.extend_from_slice(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_of_any_length_is_appended_as_it_is() {
        for length in [0, 1, WIDTH - 1, WIDTH, WIDTH + 1, 1000] {
            let bytes: Vec<u8> = (0..length).map(|n| n as u8 + 1).collect();
            let mut out = b"in front".to_vec();
            Prefix::new(bytes.clone()).append(&mut out);
            assert_eq!(out, [&b"in front"[..], &bytes].concat());
        }
    }
}
