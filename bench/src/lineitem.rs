//! TPC-H lineitem in PostgreSQL: 16 columns of the benchmark, an id and a time.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use tpchgen::distribution::Distributions;
use tpchgen::generators::{LineItemGenerator, OrderGenerator};
use tpchgen::text::TextPool;

/// The table's definition.
const TABLE: &str = "CREATE TABLE lineitem (id BIGINT PRIMARY KEY, l_orderkey BIGINT, l_partkey BIGINT,
    l_suppkey BIGINT, l_linenumber INT, l_quantity NUMERIC(15,2), l_extendedprice NUMERIC(15,2),
    l_discount NUMERIC(15,2), l_tax NUMERIC(15,2), l_returnflag VARCHAR(1), l_linestatus VARCHAR(1),
    l_shipdate DATE, l_commitdate DATE, l_receiptdate DATE, l_shipinstruct VARCHAR(25), l_shipmode VARCHAR(10),
    l_comment VARCHAR(44), updated_at TIMESTAMP)";

/// Makes the table with exactly this many rows.
///
/// # Errors
/// `psql` is missing, or what it said.
pub fn fill(url: &str, rows: u64) -> anyhow::Result<()> {
    psql(url, &["-c", "DROP TABLE IF EXISTS lineitem", "-c", TABLE])?;
    let mut child = Command::new("psql")
        .args([url, "-q", "-c", "COPY lineitem FROM STDIN"])
        .stdin(Stdio::piped())
        .spawn()
        .context("psql is needed: install the package postgresql-client")?;
    let mut input = std::io::BufWriter::with_capacity(1 << 20, child.stdin.take().context("no input")?);
    let distributions = Distributions::static_default();
    let pool = TextPool::new(10 << 20, distributions);
    // About four items an order; the generator is cut off at the number of rows.
    let scale = rows as f64 / 3.5 / f64::from(OrderGenerator::SCALE_BASE) + 0.01;
    let generator =
        LineItemGenerator::new_with_distributions_and_text_pool(scale, 1, 1, distributions, &pool);
    let mut count = 0;
    for (index, item) in generator.iter().take(rows as usize).enumerate() {
        count += 1;
        let fields = item.to_string(); // fields separated by |, none of which holds one
        let fields = fields.trim_end_matches('|').replace('|', "\t");
        writeln!(input, "{}\t{fields}\t2026-01-01 00:{:02}:{:02}", index + 1, index / 60 % 60, index % 60)?;
    }
    drop(input);
    if !child.wait()?.success() || count != rows {
        bail!("COPY failed, or only {count} of {rows} rows were made");
    }
    psql(url, &["-c", "VACUUM ANALYZE lineitem"])
}

fn psql(url: &str, arguments: &[&str]) -> anyhow::Result<()> {
    crate::process::run(Command::new("psql").arg(url).arg("-q").args(arguments))
}
