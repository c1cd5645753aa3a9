#![allow(clippy::unwrap_used)]
use api::Origin;
use api::config::RawConfig;
use api::data::*;
#[test]
fn fuzz() {
    let mut reg = api::Registry::new();
    sluice_transforms::register(&mut reg);
    let text = std::fs::read_to_string("/tmp/smt-oracle/fuzz.tsv").unwrap();
    let (mut bad, mut n) = (0, 0);
    let mut kinds = std::collections::BTreeMap::new();
    for line in text.lines() {
        let c: Vec<&str> = line.split('\t').collect();
        let [k, p, i, o] = c[..] else { continue };
        let raw: RawConfig =
            [("target.type", if k == "F" { "string" } else { "unix" }), ("format", p)].into_iter().collect();
        let mut t =
            match reg.build_transform("org.apache.kafka.connect.transforms.TimestampConverter$Value", &raw) {
                Ok(t) => t,
                Err(e) => {
                    println!("{p}: {e}");
                    bad += 1;
                    continue;
                }
            };
        let v = if k == "F" { Value::Timestamp(i.parse().unwrap()) } else { Value::string(i) };
        let r = Record {
            topic: "t".into(),
            partition: None,
            key: Datum::NULL,
            value: Datum::schemaless(v),
            timestamp: None,
            headers: vec![],
        };
        let got = match t.apply(r, &Origin::Source) {
            Ok(Some(r)) => match r.value.value {
                Value::String(s) => s.to_string(),
                Value::Int64(n) => n.to_string(),
                o => format!("{o:?}"),
            },
            Ok(None) => "x".into(),
            Err(_) => "-".to_string(),
        };
        n += 1;
        if got != o {
            bad += 1;
            *kinds.entry(p.to_string()).or_insert(0) += 1;
            if bad < 40 {
                println!("{k} {p:?} {i:?} java {o} ours {got}");
            }
        }
    }
    println!("{n} lines, {bad} differ in {} patterns", kinds.len());
}
