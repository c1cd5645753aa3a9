//! A first look at a request: do the arrays and strings that it announces fit into its bytes?
//!
//! The codec reserves memory for as many elements as a count says, before it looks for them. A few
//! bytes could thus ask for gigabytes and end the process. Here the shape of every request that is
//! offered is walked once, without allocating; only what passes reaches the codec.

use bytes::Buf;
use kafka_protocol::messages::ApiKey;

/// What a field looks like on the wire.
enum Shape {
    /// So many bytes.
    Fixed(usize),
    /// A string, nullable or not.
    Text,
    /// Bytes, nullable or not.
    Blob,
    /// An array of structures (or of single fields), nullable or not.
    Array(&'static [Field]),
    /// An array of plain values without tagged fields of their own.
    Plain(&'static [Field]),
}

/// A field with the versions that have it.
struct Field(i16, i16, Shape);

// Macros, for the nested tables below must be constants, which calls of functions would not be.
macro_rules! all {
    ($shape:expr) => {
        Field(0, i16::MAX, $shape)
    };
}
macro_rules! since {
    ($version:expr, $shape:expr) => {
        Field($version, i16::MAX, $shape)
    };
}
macro_rules! until {
    ($version:expr, $shape:expr) => {
        Field(0, $version, $shape)
    };
}

use Shape::{Array, Blob, Fixed, Plain, Text};

const BYTE: Field = all!(Fixed(1));
const SHORT: Field = all!(Fixed(2));
const INT: Field = all!(Fixed(4));
const LONG: Field = all!(Fixed(8));
const TEXT: Field = all!(Text);
const INTS: Shape = Plain(&[INT]);
const TEXTS: Shape = Plain(&[TEXT]);
const TOPICS_WITH_INTS: Shape = Array(&[TEXT, all!(INTS)]);

fn shape(key: ApiKey) -> Option<&'static [Field]> {
    Some(match key {
        ApiKey::Produce => &[TEXT, SHORT, INT, all!(Array(&[TEXT, all!(Array(&[INT, all!(Blob)]))]))],
        ApiKey::Fetch => &[
            INT,
            INT,
            INT,
            INT,
            BYTE,
            since!(7, Fixed(8)),
            all!(Array(&[
                TEXT,
                all!(Array(&[
                    INT,
                    since!(9, Fixed(4)),
                    LONG,
                    since!(12, Fixed(4)),
                    since!(5, Fixed(8)),
                    INT
                ])),
            ])),
            since!(7, TOPICS_WITH_INTS),
            since!(11, Text),
        ],
        ApiKey::ListOffsets => {
            &[INT, since!(2, Fixed(1)), all!(Array(&[TEXT, all!(Array(&[INT, since!(4, Fixed(4)), LONG]))]))]
        }
        ApiKey::Metadata => &[
            all!(Array(&[since!(10, Fixed(16)), TEXT])),
            since!(4, Fixed(1)),
            Field(8, 10, Fixed(1)),
            since!(8, Fixed(1)),
        ],
        ApiKey::OffsetCommit => &[
            TEXT,
            INT,
            TEXT,
            since!(7, Text),
            until!(4, Fixed(8)),
            all!(Array(&[TEXT, all!(Array(&[INT, LONG, since!(6, Fixed(4)), TEXT]))])),
        ],
        ApiKey::OffsetFetch => &[
            until!(7, Text),
            until!(7, TOPICS_WITH_INTS),
            since!(8, Array(&[TEXT, all!(TOPICS_WITH_INTS)])),
            since!(7, Fixed(1)),
        ],
        ApiKey::FindCoordinator => &[until!(3, Text), since!(1, Fixed(1)), since!(4, TEXTS)],
        ApiKey::JoinGroup => &[
            TEXT,
            INT,
            since!(1, Fixed(4)),
            TEXT,
            since!(5, Text),
            TEXT,
            all!(Array(&[TEXT, all!(Blob)])),
            since!(8, Text),
        ],
        ApiKey::Heartbeat => &[TEXT, INT, TEXT, since!(3, Text)],
        ApiKey::LeaveGroup => &[TEXT, until!(2, Text), since!(3, Array(&[TEXT, TEXT, since!(5, Text)]))],
        ApiKey::SyncGroup => &[
            TEXT,
            INT,
            TEXT,
            since!(3, Text),
            since!(5, Text),
            since!(5, Text),
            all!(Array(&[TEXT, all!(Blob)])),
        ],
        ApiKey::DescribeGroups => &[all!(TEXTS), since!(3, Fixed(1))],
        ApiKey::ListGroups => &[since!(4, TEXTS), since!(5, TEXTS)],
        ApiKey::ApiVersions => &[since!(3, Text), since!(3, Text)],
        ApiKey::CreateTopics => &[
            all!(Array(&[TEXT, INT, SHORT, all!(Array(&[INT, all!(INTS)])), all!(Array(&[TEXT, TEXT]))])),
            INT,
            BYTE,
        ],
        ApiKey::DeleteTopics => &[until!(5, TEXTS), since!(6, Array(&[TEXT, all!(Fixed(16))])), INT],
        ApiKey::DeleteRecords => &[all!(Array(&[TEXT, all!(Array(&[INT, LONG]))])), INT],
        ApiKey::InitProducerId => &[TEXT, INT, since!(3, Fixed(10))],
        ApiKey::OffsetForLeaderEpoch => {
            &[since!(3, Fixed(4)), all!(Array(&[TEXT, all!(Array(&[INT, INT, INT]))]))]
        }
        ApiKey::AddPartitionsToTxn => &[TEXT, LONG, SHORT, all!(TOPICS_WITH_INTS)],
        ApiKey::AddOffsetsToTxn => &[TEXT, LONG, SHORT, TEXT],
        ApiKey::EndTxn => &[TEXT, LONG, SHORT, BYTE],
        ApiKey::TxnOffsetCommit => &[
            TEXT,
            TEXT,
            LONG,
            SHORT,
            since!(3, Fixed(4)),
            since!(3, Text),
            since!(3, Text),
            all!(Array(&[TEXT, all!(Array(&[INT, LONG, since!(2, Fixed(4)), TEXT]))])),
        ],
        ApiKey::DescribeConfigs => &[all!(Array(&[BYTE, TEXT, all!(TEXTS)])), BYTE, since!(3, Fixed(1))],
        ApiKey::AlterConfigs => &[all!(Array(&[BYTE, TEXT, all!(Array(&[TEXT, TEXT]))])), BYTE],
        ApiKey::IncrementalAlterConfigs => {
            &[all!(Array(&[BYTE, TEXT, all!(Array(&[TEXT, BYTE, TEXT]))])), BYTE]
        }
        ApiKey::CreatePartitions => &[all!(Array(&[TEXT, INT, all!(Array(&[all!(INTS)]))])), INT, BYTE],
        ApiKey::DeleteGroups | ApiKey::DescribeTransactions => &[all!(TEXTS)],
        ApiKey::OffsetDelete => &[TEXT, all!(TOPICS_WITH_INTS)],
        ApiKey::DescribeCluster => &[BYTE, since!(1, Fixed(1))],
        ApiKey::DescribeProducers => &[all!(TOPICS_WITH_INTS)],
        ApiKey::ListTransactions => &[all!(TEXTS), all!(Plain(&[LONG])), since!(1, Fixed(8))],
        _ => return None,
    })
}

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The bytes end in the middle.
    #[error("it ends in the middle of a field")]
    Short,
    /// A count or length that is no number of anything.
    #[error("it has a negative or overlong length")]
    Length,
    /// Nothing is known of its shape (a bug: it is offered).
    #[error("its shape is not known")]
    Unknown,
}

/// Checks a whole request, header included. Bytes behind the last field are not looked at.
pub fn check(key: ApiKey, version: i16, flexible: bool, mut frame: &[u8]) -> Result<(), Misfit> {
    walk(key, version, flexible, &mut frame)
}

fn walk(key: ApiKey, version: i16, flexible: bool, frame: &mut &[u8]) -> Result<(), Misfit> {
    let mut walker = Walker { rest: frame, version, flexible };
    walker.skip(8)?; // API, version, correlation id
    let client_id = walker.rest.try_get_i16().map_err(|_| Misfit::Short)?; // never compact
    walker.skip(usize::try_from(client_id).unwrap_or(0))?;
    walker.tags()?;
    walker.fields(shape(key).ok_or(Misfit::Unknown)?)?;
    walker.tags()
}

struct Walker<'a, 'b> {
    rest: &'a mut &'b [u8],
    version: i16,
    flexible: bool,
}

impl Walker<'_, '_> {
    fn skip(&mut self, n: usize) -> Result<(), Misfit> {
        *self.rest = self.rest.get(n..).ok_or(Misfit::Short)?;
        Ok(())
    }

    fn fields(&mut self, fields: &[Field]) -> Result<(), Misfit> {
        for Field(min, max, shape) in fields {
            if !(*min..=*max).contains(&self.version) {
                continue;
            }
            match shape {
                Fixed(n) => self.skip(*n)?,
                Text => {
                    let length = self.length(|rest| rest.try_get_i16().map(i64::from))?;
                    self.skip(length)?;
                }
                Blob => {
                    let length = self.length(|rest| rest.try_get_i32().map(i64::from))?;
                    self.skip(length)?;
                }
                Array(of) | Plain(of) => {
                    let count = self.length(|rest| rest.try_get_i32().map(i64::from))?;
                    // Every element has at least one byte.
                    if count > self.rest.len() {
                        return Err(Misfit::Short);
                    }
                    for _ in 0..count {
                        self.fields(of)?;
                        if matches!(shape, Array(_)) {
                            self.tags()?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// A length or count; null counts as nothing.
    fn length(
        &mut self,
        fixed: impl FnOnce(&mut &[u8]) -> Result<i64, bytes::TryGetError>,
    ) -> Result<usize, Misfit> {
        if self.flexible {
            return Ok(self.varint()?.saturating_sub(1));
        }
        match fixed(self.rest).map_err(|_| Misfit::Short)? {
            -1 => Ok(0),
            n => usize::try_from(n).map_err(|_| Misfit::Length),
        }
    }

    fn varint(&mut self) -> Result<usize, Misfit> {
        let mut value = 0usize;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.rest.try_get_u8().map_err(|_| Misfit::Short)?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return if value > u32::MAX as usize { Err(Misfit::Length) } else { Ok(value) };
            }
        }
        Err(Misfit::Length)
    }

    fn tags(&mut self) -> Result<(), Misfit> {
        if !self.flexible {
            return Ok(());
        }
        for _ in 0..self.varint()? {
            self.varint()?;
            let size = self.varint()?;
            self.skip(size)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "frame/tests.rs"]
pub mod tests;
