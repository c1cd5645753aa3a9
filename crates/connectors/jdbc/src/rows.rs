//! Rows on their way from a database to records.

use api::data::{Bytes, Schema, SchemaRef, Text, Value};
use api::data::{Field, Fields, Kind, Logical};
use api::{Error, Result};

use crate::numeric::{NumericForm, NumericMapping};
use crate::stamp::Stamp;

/// What a row says of its place in the order of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Position {
    pub(crate) stamp: Option<Stamp>,
    pub(crate) id: Option<i64>,
}

/// One row: values by the schema's fields.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) values: Vec<Value>,
    pub(crate) position: Position,
}

/// Some rows of a pass, in order.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) rows: Vec<Row>,
    /// Whether they are the last of the pass.
    pub(crate) end: bool,
}

/// Bytes of a chunk after which it is handed on, however few rows it has.
pub(crate) const CHUNK_BYTES: usize = 4 << 20;
// Rows whose text shares one buffer: few enough to be still in the cache when their text is put in place.
const SHARED_ROWS: usize = 64;

/// Collects rows. Text is copied once, into a buffer that [`SHARED_ROWS`] rows share and that is checked for UTF-8 as
/// a whole; bytes likewise.
#[derive(Debug, Default)]
pub(crate) struct Block {
    rows: Vec<Row>,
    sealed: usize,
    text: Vec<u8>,
    texts: Vec<Span>,
    bytes: Vec<u8>,
    byte_strings: Vec<Span>,
    weight: usize,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    row: u32,
    column: u32,
    start: u32,
    end: u32,
}

/// A column whose text is not UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotUtf8 {
    pub(crate) column: usize,
}

impl Block {
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self { rows: Vec::with_capacity(rows.min(16 * 1024)), ..Self::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn is_full(&self, limit: usize) -> bool {
        self.rows.len() >= limit || self.weight >= CHUNK_BYTES
    }

    /// Text of the row that is being decoded; its place is taken until the text is put there.
    #[inline]
    pub(crate) fn text(&mut self, column: usize, text: &[u8]) -> Value {
        self.text_with(column, |buffer| buffer.extend_from_slice(text))
    }

    /// As [`Self::text`], written by a function.
    #[inline]
    pub(crate) fn text_with(&mut self, column: usize, write: impl FnOnce(&mut Vec<u8>)) -> Value {
        let start = self.text.len();
        write(&mut self.text);
        self.texts.push(Self::span(self.rows.len(), column, start, self.text.len()));
        Value::Null
    }

    #[inline]
    pub(crate) fn bytes(&mut self, column: usize, bytes: &[u8]) -> Value {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.byte_strings.push(Self::span(self.rows.len(), column, start, self.bytes.len()));
        Value::Null
    }

    // A cell has at most a gigabyte and a block is sealed at 4 MB, so that 32 bits hold every place.
    #[inline]
    fn span(row: usize, column: usize, start: usize, end: usize) -> Span {
        Span { row: row as u32, column: column as u32, start: start as u32, end: end as u32 }
    }

    /// Ends a row.
    #[inline]
    pub(crate) fn push(
        &mut self,
        values: Vec<Value>,
        position: Position,
    ) -> std::result::Result<(), NotUtf8> {
        self.rows.push(Row { values, position });
        let pending = self.text.len() + self.bytes.len();
        if self.rows.len() - self.sealed >= SHARED_ROWS || pending > CHUNK_BYTES / 4 {
            self.seal()?;
        }
        Ok(())
    }

    fn seal(&mut self) -> std::result::Result<(), NotUtf8> {
        self.weight += self.text.len() + self.bytes.len();
        self.weight += (self.rows.len() - self.sealed)
            * self.rows.last().map_or(0, |row| row.values.len())
            * size_of::<Value>();
        if !self.texts.is_empty() {
            let capacity = self.text.len() + self.text.len() / 8;
            let buffer = std::mem::replace(&mut self.text, Vec::with_capacity(capacity));
            let shared = match Text::try_from(Bytes::from(buffer)) {
                Ok(shared) => shared,
                Err(_) => {
                    return Err(NotUtf8 {
                        column: self.texts.first().map_or(0, |span| span.column as usize),
                    });
                }
            };
            for span in self.texts.drain(..) {
                // Each text must be whole by itself: `get` refuses a cut within a character.
                let Some(part) = shared.get(span.start as usize..span.end as usize) else {
                    return Err(NotUtf8 { column: span.column as usize });
                };
                let text = if part.is_empty() { Text::new() } else { shared.slice_ref(part) };
                self.rows[span.row as usize].values[span.column as usize] = Value::String(text);
            }
        }
        if !self.byte_strings.is_empty() {
            let shared = Bytes::from(std::mem::take(&mut self.bytes));
            for span in self.byte_strings.drain(..) {
                let bytes = shared.slice(span.start as usize..span.end as usize);
                self.rows[span.row as usize].values[span.column as usize] = Value::Bytes(bytes);
            }
        }
        self.sealed = self.rows.len();
        Ok(())
    }

    /// The rows.
    pub(crate) fn finish(mut self, end: bool) -> std::result::Result<Chunk, NotUtf8> {
        self.seal()?;
        Ok(Chunk { rows: self.rows, end })
    }
}

/// Puts a row schema together.
pub(crate) struct SchemaOfRows {
    name: Option<String>,
    fields: Vec<Field>,
}

impl SchemaOfRows {
    /// Rows of a table of this bare name; of a query: without a name.
    pub(crate) fn new(name: Option<&str>) -> Self {
        Self { name: name.map(str::to_owned), fields: Vec::new() }
    }

    pub(crate) fn add(&mut self, name: &str, schema: SchemaRef) {
        self.fields.push(Field { name: name.into(), schema });
    }

    /// The schema.
    ///
    /// # Errors
    /// A name occurs twice, or there is no column that can be read.
    pub(crate) fn build(self) -> Result<SchemaRef> {
        if self.fields.is_empty() {
            return Err(Error::fatal("no column has a type that can be read")
                .hint("cast the columns in a query, or leave the table out"));
        }
        let names: Vec<_> = self.fields.iter().map(|field| field.name.clone()).collect();
        let Some(fields) = Fields::new(self.fields) else {
            let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
            let name = twice.map_or("", |(_, name)| name);
            return Err(Error::fatal(format!("column {name:?} occurs twice in the result"))
                .hint("give one of them another name with AS"));
        };
        let builder = Schema::builder(Kind::Struct(fields));
        Ok(match &self.name {
            Some(name) => builder.name(name).build(),
            None => builder.build(),
        })
    }
}

/// A schema of this kind.
pub(crate) fn plain(kind: Kind, optional: bool) -> SchemaRef {
    if optional { Schema::optional(kind) } else { Schema::required(kind) }
}

/// A logical type's schema.
pub(crate) fn logical(logical: Logical, optional: bool) -> SchemaRef {
    let builder = Schema::logical_builder(logical);
    if optional { builder.optional().build() } else { builder.build() }
}

/// Schema of decimals; the precision is a parameter of its own.
pub(crate) fn decimal(precision: i32, scale: i32, optional: bool) -> SchemaRef {
    let builder = Schema::logical_builder(Logical::Decimal { scale })
        .parameter("connect.decimal.precision", &precision.to_string());
    if optional { builder.optional().build() } else { builder.build() }
}

/// Form and schema of a NUMERIC column.
pub(crate) fn numeric(
    mapping: NumericMapping,
    precision: i32,
    scale: i32,
    optional: bool,
) -> (NumericForm, SchemaRef) {
    let form = mapping.form(precision, scale);
    let schema = match form {
        NumericForm::Int8 => plain(Kind::Int8, optional),
        NumericForm::Int16 => plain(Kind::Int16, optional),
        NumericForm::Int32 => plain(Kind::Int32, optional),
        NumericForm::Int64 => plain(Kind::Int64, optional),
        NumericForm::Float64 => plain(Kind::Float64, optional),
        NumericForm::Decimal(scale) => decimal(precision, scale, optional),
    };
    (form, schema)
}

/// What is wrong with a cell: which of the result's columns, and why it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadCell {
    pub(crate) column: String,
    pub(crate) why: String,
}

impl BadCell {
    /// As the error that fails the task.
    pub(crate) fn into_error(self, table: &str) -> Error {
        Error::fatal(self.why)
            .with("table", table)
            .with("column", self.column)
            .hint("correct the value, or read the table through a query that converts it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_checked_and_put_in_place() {
        let mut block = Block::default();
        for row in 0..200 {
            let values = vec![
                block.text(0, format!("é{row}").as_bytes()),
                block.bytes(1, &[row as u8]),
                block.text(2, b""),
            ];
            block.push(values, Position::default()).unwrap();
        }
        let chunk = block.finish(true).unwrap();
        assert_eq!(chunk.rows.len(), 200);
        for (row, found) in chunk.rows.iter().enumerate() {
            assert_eq!(
                found.values,
                [
                    Value::string(format!("é{row}")),
                    Value::Bytes(Bytes::from(vec![row as u8])),
                    Value::string("")
                ]
            );
        }
    }

    // Two halves of a character in two cells are UTF-8 together, but neither is.
    #[test]
    fn text_that_is_not_utf8_is_found() {
        for cells in [[&b"\xc3"[..], b"\xa9"], [b"ok", b"\xff"]] {
            let mut block = Block::default();
            let values = vec![block.text(0, cells[0]), block.text(1, cells[1])];
            block.push(values, Position::default()).unwrap();
            assert!(block.finish(true).is_err());
        }
    }

    #[test]
    fn a_name_may_not_occur_twice() {
        let mut schema = SchemaOfRows::new(None);
        schema.add("id", plain(Kind::Int32, false));
        schema.add("id", plain(Kind::Int32, false));
        assert!(schema.build().unwrap_err().message().contains("\"id\" occurs twice"));
    }
}
