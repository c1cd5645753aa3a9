//! TPC-H orders: the rows that the demo moves.
//!
//! Source of the data: the TPC-H benchmark's generator, as the crate `tpchgen` has it. The same `--rows` gives the
//! same rows.

use tpchgen::distribution::Distributions;
use tpchgen::generators::{Order, OrderGenerator};
use tpchgen::text::TextPool;

/// Bytes of text that comments are cut from. The benchmark's own 300 MB would take longer to make than the demo runs.
const TEXT_POOL_BYTES: i32 = 10 << 20;

/// Columns of the table `orders`, in order, with the types that both databases take.
pub const COLUMNS: &[(&str, Column)] = &[
    ("o_orderkey", Column::Integer),
    ("o_custkey", Column::Integer),
    ("o_orderstatus", Column::Text),
    ("o_totalprice", Column::Money),
    ("o_orderdate", Column::Date),
    ("o_orderpriority", Column::Text),
    ("o_clerk", Column::Text),
    ("o_shippriority", Column::Integer),
    ("o_comment", Column::Text),
];

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// A whole number.
    Integer,
    /// A number with two digits after the point.
    Money,
    /// A day.
    Date,
    /// Text.
    Text,
}

/// One value, in the one form that the three places are compared in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A whole number; cents of money; days since 1970-01-01 of a date.
    Number(i64),
    /// Text.
    Text(String),
}

/// Calls `each` with every one of `rows` orders, in order.
///
/// # Errors
/// What `each` returned.
pub fn generate<E>(rows: u64, mut each: impl FnMut(&Order<'_>) -> Result<(), E>) -> Result<(), E> {
    let distributions = Distributions::static_default();
    let pool = TextPool::new(TEXT_POOL_BYTES, distributions);
    // One more than needed, because the generator's own count is rounded.
    let scale = (rows as f64 + 1.0) / f64::from(OrderGenerator::SCALE_BASE);
    let scale = scale.max(0.01); // below that there are no customers to choose from
    let generator = OrderGenerator::new_with_distributions_and_text_pool(scale, 1, 1, distributions, &pool);
    for order in generator.iter().take(usize::try_from(rows).unwrap_or(usize::MAX)) {
        each(&order)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_rows_is_exact_and_keys_rise() {
        for rows in [0, 1, 2, 12_345] {
            let (mut count, mut last) = (0, 0);
            let done: Result<(), ()> = generate(rows, |order| {
                assert!(order.o_orderkey > last, "{} after {last}", order.o_orderkey);
                (count, last) = (count + 1, order.o_orderkey);
                Ok(())
            });
            done.unwrap();
            assert_eq!(count, rows);
        }
    }
}
