//! A `java.util.HashMap<byte[], byte[]>` as Java's object serialization writes it, and nothing else: no other class
//! is looked at, so a file can do no more than hold bytes.
//!
//! Source of the format: Java Object Serialization Specification, version 6, chapter 6.

use api::data::Bytes;
use indexmap::IndexMap;

/// The map's entries; keys and values may be null.
pub(super) type Entries = IndexMap<Option<Bytes>, Option<Bytes>>;

const MAGIC_AND_VERSION: [u8; 4] = [0xac, 0xed, 0, 5];

const NULL: u8 = 0x70;
const REFERENCE: u8 = 0x71;
const CLASS: u8 = 0x72;
const OBJECT: u8 = 0x73;
const ARRAY: u8 = 0x75;
const BLOCK: u8 = 0x77;
const END_OF_BLOCK: u8 = 0x78;
const FIRST_HANDLE: u32 = 0x7e_0000;

const MAP_CLASS: &[u8] = b"java.util.HashMap";
const MAP_VERSION: u64 = 362_498_820_763_181_265;
const BYTES_CLASS: &[u8] = b"[B";
const BYTES_VERSION: u64 = 0xacf3_17f8_0608_54e0;
const SERIALIZABLE: u8 = 2;
const WRITE_METHOD: u8 = 1;
const LOAD_FACTOR: f32 = 0.75;

/// The bytes that Java would write.
pub(super) fn encode(entries: &Entries) -> Vec<u8> {
    let mut out = MAGIC_AND_VERSION.to_vec();
    out.push(OBJECT);
    write_class(
        &mut out,
        MAP_CLASS,
        MAP_VERSION,
        SERIALIZABLE | WRITE_METHOD,
        &[(b'F', b"loadFactor"), (b'I', b"threshold")],
    );
    // The size of Java's table for so many entries; a reader makes its own of the number of entries.
    let capacity = (entries.len() * 4 / 3 + 1).next_power_of_two().clamp(16, 1 << 30);
    out.extend(LOAD_FACTOR.to_be_bytes());
    out.extend(to_u32(capacity * 3 / 4).to_be_bytes());
    out.extend([BLOCK, 8]);
    out.extend(to_u32(capacity).to_be_bytes());
    out.extend(to_u32(entries.len()).to_be_bytes());
    let mut class_written = false;
    for bytes in entries.iter().flat_map(|(key, value)| [key, value]) {
        let Some(bytes) = bytes else {
            out.push(NULL);
            continue;
        };
        out.push(ARRAY);
        match class_written {
            // Handles count from 0 in the order of appearance: the map's class, the map, the arrays' class.
            true => {
                out.push(REFERENCE);
                out.extend((FIRST_HANDLE + 2).to_be_bytes());
            }
            false => write_class(&mut out, BYTES_CLASS, BYTES_VERSION, SERIALIZABLE, &[]),
        }
        class_written = true;
        out.extend(to_u32(bytes.len()).to_be_bytes());
        out.extend_from_slice(bytes);
    }
    out.push(END_OF_BLOCK);
    out
}

fn write_class(out: &mut Vec<u8>, name: &[u8], version: u64, flags: u8, fields: &[(u8, &[u8])]) {
    out.push(CLASS);
    write_name(out, name);
    out.extend(version.to_be_bytes());
    out.push(flags);
    out.extend((fields.len() as u16).to_be_bytes());
    for (code, name) in fields {
        out.push(*code);
        write_name(out, name);
    }
    // No annotation, no super class that is serializable.
    out.extend([END_OF_BLOCK, NULL]);
}

fn write_name(out: &mut Vec<u8>, name: &[u8]) {
    out.extend((name.len() as u16).to_be_bytes());
    out.extend_from_slice(name);
}

// Java's sizes are ints; offsets of two billion partitions do not exist.
fn to_u32(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// Reads what Java wrote.
///
/// # Errors
/// What is not as it must be.
pub(super) fn decode(bytes: &Bytes) -> Result<Entries, String> {
    let mut reader = Reader { bytes: bytes.clone(), at: 0, handles: Vec::new() };
    if reader.take(4)? != MAGIC_AND_VERSION[..] {
        return Err("it does not begin as serialized Java objects do".to_owned());
    }
    reader.expect(OBJECT, "an object")?;
    let field_bytes = reader.class(MAP_CLASS, MAP_VERSION)?;
    reader.handles.push(Handle::Other);
    reader.take(field_bytes)?;
    reader.expect(BLOCK, "the map's size")?;
    reader.expect(8, "the map's size")?;
    let _capacity = reader.int()?;
    let count = reader.int()?;
    let mut entries = Entries::new();
    for _ in 0..count {
        let key = reader.byte_array()?;
        entries.insert(key, reader.byte_array()?);
    }
    reader.expect(END_OF_BLOCK, "the end of the map")?;
    Ok(entries)
}

struct Reader {
    bytes: Bytes,
    at: usize,
    // What later references mean, in the order of appearance.
    handles: Vec<Handle>,
}

enum Handle {
    Class { name: &'static [u8], field_bytes: usize },
    Array(Bytes),
    Other,
}

impl Reader {
    fn take(&mut self, count: usize) -> Result<Bytes, String> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| format!("it is cut off after {} bytes", self.bytes.len()))?;
        let taken = self.bytes.slice(self.at..end);
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    fn short(&mut self) -> Result<usize, String> {
        let bytes = self.take(2)?;
        Ok(usize::from(u16::from_be_bytes([bytes[0], bytes[1]])))
    }

    fn int(&mut self) -> Result<u32, String> {
        let bytes = self.take(4)?;
        Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn expect(&mut self, expected: u8, what: &str) -> Result<(), String> {
        let at = self.at;
        match self.byte()? {
            found if found == expected => Ok(()),
            found => Err(format!("byte {at} should begin {what}, but is {found:#04x}")),
        }
    }

    // A class description, which must be this class. Returns the bytes of the object's fields.
    fn class(&mut self, name: &'static [u8], version: u64) -> Result<usize, String> {
        match self.byte()? {
            CLASS => {}
            REFERENCE => {
                return match self.referenced()? {
                    Handle::Class { name: known, field_bytes } if *known == name => Ok(*field_bytes),
                    _ => Err("a reference does not lead to the class it must".to_owned()),
                };
            }
            other => return Err(format!("a class should follow, not {other:#04x}")),
        }
        let length = self.short()?;
        let found = self.take(length)?;
        if found != name {
            return Err(format!(
                "it holds a {}; only {} of byte arrays is read",
                String::from_utf8_lossy(&found),
                String::from_utf8_lossy(MAP_CLASS)
            ));
        }
        if self.take(8)? != version.to_be_bytes()[..] {
            return Err(format!("{} is of another version", String::from_utf8_lossy(name)));
        }
        let position = self.handles.len();
        self.handles.push(Handle::Other);
        let _flags = self.byte()?;
        let mut field_bytes = 0;
        for _ in 0..self.short()? {
            field_bytes += match self.byte()? {
                b'B' | b'Z' => 1,
                b'C' | b'S' => 2,
                b'F' | b'I' => 4,
                b'D' | b'J' => 8,
                other => return Err(format!("a field of type {other:#04x} is not expected")),
            };
            let length = self.short()?;
            self.take(length)?;
        }
        self.expect(END_OF_BLOCK, "the end of the class")?;
        self.expect(NULL, "no super class")?;
        self.handles[position] = Handle::Class { name, field_bytes };
        Ok(field_bytes)
    }

    fn referenced(&mut self) -> Result<&Handle, String> {
        let handle = self.int()?;
        let index = handle.checked_sub(FIRST_HANDLE).and_then(|index| usize::try_from(index).ok());
        index
            .and_then(|index| self.handles.get(index))
            .ok_or_else(|| format!("the reference {handle:#x} leads nowhere"))
    }

    fn byte_array(&mut self) -> Result<Option<Bytes>, String> {
        match self.byte()? {
            NULL => Ok(None),
            REFERENCE => match self.referenced()? {
                Handle::Array(bytes) => Ok(Some(bytes.clone())),
                _ => Err("a reference does not lead to a byte array".to_owned()),
            },
            ARRAY => {
                self.class(BYTES_CLASS, BYTES_VERSION)?;
                let length = self.int()?;
                let length = usize::try_from(length).map_err(|_| "a length is too large".to_owned())?;
                let bytes = self.take(length)?;
                self.handles.push(Handle::Array(bytes.clone()));
                Ok(Some(bytes))
            }
            other => Err(format!("a byte array should follow, not {other:#04x}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};

    use super::*;

    fn entries(pairs: &[(&'static str, Option<&'static str>)]) -> Entries {
        let bytes = |text: &'static str| Bytes::from_static(text.as_bytes());
        pairs.iter().map(|(key, value)| (Some(bytes(key)), value.map(bytes))).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let mut all = entries(&[("[\"a\",{}]", Some("{}")), ("b", None), ("c", Some(""))]);
        all.insert(None, Some(Bytes::from_static(b"x")));
        assert_eq!(decode(&Bytes::from(encode(&all))), Ok(all));
        assert_eq!(decode(&Bytes::from(encode(&Entries::new()))), Ok(Entries::new()));
        // Only nulls: the arrays' class never appears.
        let nulls: Entries = [(None, None)].into_iter().collect();
        assert_eq!(decode(&Bytes::from(encode(&nulls))), Ok(nulls));
    }

    #[test]
    fn no_input_panics_and_cut_off_files_are_refused() {
        let good = encode(&entries(&[("key", Some("value")), ("other", None)]));
        for length in 0..good.len() {
            assert!(decode(&Bytes::copy_from_slice(&good[..length])).is_err(), "{length}");
        }
        let seed = rand::random();
        println!("seed {seed}");
        let mut random = rand::rngs::StdRng::seed_from_u64(seed);
        for _ in 0..20_000 {
            let mut bad = good.clone();
            for _ in 0..random.random_range(1..4) {
                let at = random.random_range(0..bad.len());
                bad[at] = random.random();
            }
            let _ = decode(&Bytes::from(bad));
        }
    }
}
