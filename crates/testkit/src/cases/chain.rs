//! Runs a case through a chain of transforms, made by the registry of the keys that a connector has.

use api::config::RawConfig;
use api::data::Record;
use api::dynamic::{DynPredicate, DynTransform};
use api::{Error, Origin, Registry, Result};

use super::record_text::{self, Reader};
use super::{Block, Case, Failures, lines, shown};

struct Link {
    transform: Box<dyn DynTransform>,
    predicate: Option<(Box<dyn DynPredicate>, bool)>,
}

pub(super) fn run(case: &Case, registry: &Registry) -> std::result::Result<(), Failures> {
    let (config, steps) = case.blocks.split_first().ok_or_else(Failures::new)?;
    let fail = |block: &Block, why: String| vec![(block.line, why)];
    let raw: RawConfig =
        serde_json::from_str(&config.text).map_err(|error| fail(config, error.to_string()))?;
    let built = build(&raw, registry);
    if let [error] = steps
        && error.role == "error"
    {
        return match built {
            Ok(_) => Err(fail(error, "the config is accepted".to_owned())),
            Err(found) => same(&error.text, &shown(&found)).map_err(|why| fail(error, why)),
        };
    }
    let mut chain = built.map_err(|error| fail(config, format!("the config is refused: {error}")))?;
    if steps.is_empty() {
        return Err(fail(config, "nothing goes in".to_owned()));
    }
    let mut reader = Reader::default();
    let mut failures = Failures::new();
    for pair in steps.chunks(2) {
        let [input, output] = pair else {
            failures.push((pair[0].line, "nothing comes out".to_owned()));
            break;
        };
        if let Err((line, why)) = step(&mut chain, &mut reader, input, output) {
            failures.push((line, why));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

fn step(
    chain: &mut [Link],
    reader: &mut Reader,
    input: &Block,
    output: &Block,
) -> std::result::Result<(), (usize, String)> {
    if input.role != "in" {
        return Err((input.line, format!("a record is expected here (json in), not {}", input.role)));
    }
    let (before, origin) = reader.record(&input.text, None).map_err(|why| (input.line, why))?;
    let found = match apply(chain, before.clone(), &origin) {
        Ok(Some(record)) => record_text::write(&record),
        Ok(None) => "dropped".to_owned(),
        Err(error) => shown(&error),
    };
    let expected = match output.role.as_str() {
        "out" => {
            let (record, _) = reader.record(&output.text, Some(&before)).map_err(|why| (output.line, why))?;
            record_text::write(&record)
        }
        "dropped" => "dropped".to_owned(),
        "error" => output.text.clone(),
        other => {
            return Err((output.line, format!("a record, an error or dropped is expected, not {other}")));
        }
    };
    same(&expected, &found).map_err(|why| (output.line, why))
}

pub(super) fn same(expected: &str, found: &str) -> std::result::Result<(), String> {
    match expected == found {
        true => Ok(()),
        false => Err(format!("expected (-) and found (+):\n{}", lines::difference(expected, found))),
    }
}

fn build(raw: &RawConfig, registry: &Registry) -> Result<Vec<Link>> {
    let aliases = raw.get("transforms").unwrap_or_default();
    let aliases: Vec<_> = aliases.split(',').map(str::trim).filter(|alias| !alias.is_empty()).collect();
    if aliases.is_empty() {
        return Err(Error::misconfigured("the config has no transforms"));
    }
    let links = aliases.into_iter().map(|alias| {
        let (class, mut keys) = plugin("transforms", alias, raw)?;
        let negate = keys.remove("negate").is_some_and(|text| text == "true");
        let predicate = match keys.remove("predicate") {
            None => None,
            Some(predicate) => {
                let (class, keys) = plugin("predicates", &predicate, raw)?;
                Some((registry.build_predicate(&class, &keys)?, negate))
            }
        };
        Ok(Link { transform: registry.build_transform(&class, &keys)?, predicate })
    });
    links.collect()
}

fn plugin(kind: &str, alias: &str, raw: &RawConfig) -> Result<(String, RawConfig)> {
    let mut keys = raw.with_prefix(&format!("{kind}.{alias}."));
    let class = keys.remove("type");
    let class = class.ok_or_else(|| Error::misconfigured(format!("there is no {kind}.{alias}.type")))?;
    Ok((class, keys))
}

fn apply(chain: &mut [Link], mut record: Record, origin: &Origin) -> Result<Option<Record>> {
    for link in chain {
        if let Some((predicate, negate)) = &mut link.predicate
            && predicate.test(&record)? == *negate
        {
            continue;
        }
        match link.transform.apply(record, origin)? {
            Some(changed) => record = changed,
            None => return Ok(None),
        }
    }
    Ok(Some(record))
}
