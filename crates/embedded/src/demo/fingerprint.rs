//! A checksum over every field of every row that does not depend on the order of rows.

use sha2::{Digest, Sha256};

use super::orders::{COLUMNS, Cell, Column};

/// How many rows were seen, and the sum of their hashes. Equal fingerprints mean the same rows the same number of
/// times: a row that is missing, doubled or changed changes the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fingerprint {
    /// Rows.
    pub rows: u64,
    sum: u128,
}

impl Fingerprint {
    /// Takes in a row; cells in the order of [`COLUMNS`].
    pub fn add(&mut self, row: &[Cell]) {
        let mut hash = Sha256::new();
        for ((name, _), cell) in COLUMNS.iter().zip(row) {
            hash.update(name.as_bytes());
            match cell {
                Cell::Number(number) => {
                    hash.update([1]);
                    hash.update(number.to_be_bytes());
                }
                Cell::Text(text) => {
                    hash.update([2]);
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text.as_bytes());
                }
            }
        }
        let digest = hash.finalize();
        let half = digest.first_chunk::<16>().copied().unwrap_or_default();
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(half));
        self.rows += 1;
    }

    /// Takes in a row as JSON, as the topic and the bucket have it.
    ///
    /// # Errors
    /// What is wrong with the row, and its text.
    pub fn add_json(&mut self, line: &[u8]) -> Result<(), String> {
        let wrong = |why: &str| format!("{why} in {}", String::from_utf8_lossy(&line[..line.len().min(300)]));
        let row: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(line).map_err(|error| wrong(&error.to_string()))?;
        if row.len() != COLUMNS.len() {
            return Err(wrong(&format!("{} fields where {} were expected", row.len(), COLUMNS.len())));
        }
        let cells = COLUMNS.iter().map(|(name, column)| {
            let value = row.get(*name)?;
            match column {
                Column::Text => value.as_str().map(|text| Cell::Text(text.to_owned())),
                Column::Integer | Column::Date => value.as_i64().map(Cell::Number),
                Column::Money => value.as_f64().map(|price| Cell::Number((price * 100.0).round() as i64)),
            }
        });
        let cells = cells
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| wrong("a field is missing or of another type"))?;
        self.add(&cells);
        Ok(())
    }

    /// Takes in the rows of another place or part.
    pub fn merge(&mut self, other: Fingerprint) {
        self.rows += other.rows;
        self.sum = self.sum.wrapping_add(other.sum);
    }

    /// The checksum as text.
    pub fn checksum(&self) -> String {
        format!("{:032x}", self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: i64) -> Vec<Cell> {
        let cell = |column: &Column| match column {
            Column::Text => Cell::Text("x".to_owned()),
            _ => Cell::Number(key),
        };
        COLUMNS.iter().map(|(_, column)| cell(column)).collect()
    }

    #[test]
    fn order_does_not_matter_and_everything_else_does() {
        let of = |keys: &[i64]| {
            let mut fingerprint = Fingerprint::default();
            keys.iter().for_each(|key| fingerprint.add(&row(*key)));
            fingerprint
        };
        assert_eq!(of(&[1, 2]), of(&[2, 1]));
        assert_ne!(of(&[1, 2]), of(&[1, 2, 2]));
        assert_ne!(of(&[1, 2]), of(&[1, 3]));
        assert_ne!(of(&[1, 1, 2, 2]), of(&[1, 2]));
    }

    #[test]
    fn json_is_the_same_row() {
        let mut cells = row(100);
        cells[2] = Cell::Text("F".to_owned());
        let mut direct = Fingerprint::default();
        direct.add(&cells);
        let json = r#"{"o_orderkey":100,"o_custkey":100,"o_orderstatus":"F","o_totalprice":1.0,"o_orderdate":100,
            "o_orderpriority":"x","o_clerk":"x","o_shippriority":100,"o_comment":"x"}"#;
        let mut parsed = Fingerprint::default();
        parsed.add_json(json.as_bytes()).unwrap();
        assert_eq!(direct, parsed);
        assert!(parsed.add_json(b"{}").unwrap_err().contains("0 fields"));
        assert!(parsed.add_json(b"nonsense").is_err());
    }
}
