//! Whether data of one Avro schema can be read with another: Apache Avro's own Java and this repository, asked about the
//! same pairs of schemas.

mod pairs;

use std::collections::BTreeSet;
use std::fmt;

use anyhow::ensure;
use avro::Schema;
use avro::compatibility::{self, Mismatch};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value as Json, json};

use crate::allowed::Allowed;
use crate::difference::differences;
use crate::oracle::Oracle;
use crate::tally::{Outcome, Tally};
use pairs::Pairs;

/// Pairs of schemas.
const PAIRS: usize = 6000;
/// Pairs of one request.
const BATCH: usize = 500;

/// What was compared.
#[derive(Default)]
pub struct Compared {
    /// Pairs.
    pub pairs: usize,
    /// Of these, pairs whose data can be read.
    pub readable: usize,
    /// Pairs of which one is no schema.
    pub refused: usize,
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pairs, readable, refused } = self;
        write!(f, "{pairs} pairs of schemas, {readable} readable, {refused} with a text that is no schema")
    }
}

/// Compares the answers to all pairs.
///
/// # Errors
/// The Java program has ended.
pub fn run(seed: u64, oracle: &mut Oracle, allowed: &Allowed, tally: &mut Tally) -> anyhow::Result<Compared> {
    let mut pairs = Pairs::new(StdRng::seed_from_u64(seed));
    let mut compared = Compared::default();
    while compared.pairs < PAIRS {
        let batch: Vec<(Json, Json)> = (0..BATCH).map(|_| pairs.next()).collect();
        let texts: Vec<[String; 2]> =
            batch.iter().map(|(writer, reader)| [writer.to_string(), reader.to_string()]).collect();
        let mut answer = oracle.ask(&json!({"op": "compatibility", "pairs": texts}))?;
        let Json::Array(answers) = answer["answers"].take() else {
            anyhow::bail!("the oracle's answer: {answer}")
        };
        ensure!(answers.len() == batch.len(), "{} answers to {} pairs", answers.len(), batch.len());
        for ([writer, reader], java) in texts.iter().zip(answers) {
            let ours = ours(writer, reader);
            compared.pairs += 1;
            compared.readable += usize::from(ours["answer"] == "readable");
            compared.refused += usize::from(ours["answer"] == "refused");
            let input = || {
                let problems = [("writer", writer), ("reader", reader)].map(|(who, text)| {
                    let why = Schema::parse(text, &[]).err().map(|error| format!(" ({error})"));
                    format!("{who} {text}{}", why.unwrap_or_default())
                });
                problems.join(" ")
            };
            let _: Outcome = tally.add(allowed, "avro-compatibility", &input, &differences(&java, &ours));
        }
    }
    ensure!(compared.readable > PAIRS / 10, "too few pairs can be read to mean anything");
    Ok(compared)
}

/// What keeps data from being read, by kind and place; `readable` when nothing does, `undecided` when a field matches
/// two, `refused` when one of the two is no schema.
fn ours(writer: &str, reader: &str) -> Json {
    let (Ok(writer), Ok(reader)) = (Schema::parse(writer, &[]), Schema::parse(reader, &[])) else {
        return json!({"answer": "refused"});
    };
    let found = compatibility::reads(&reader, &writer);
    if found.iter().any(|reason| reason.kind == Mismatch::Undecided) {
        return json!({"answer": "undecided"});
    }
    let reasons: BTreeSet<String> =
        found.iter().map(|reason| format!("{} {}", reason.kind.name(), reason.location)).collect();
    match reasons.is_empty() {
        true => json!({"answer": "readable"}),
        false => json!({"answer": reasons.into_iter().collect::<Vec<_>>().join(", ")}),
    }
}
