//! Reading and changing a connector's offsets.

use serde_json::{Value, json};

use super::connectors::find;
use super::state::Connector;
use super::{Place, plugins};
use crate::cloud::Cloud;
use crate::exchange::{Answer, Refusal, Reply, Request};
use crate::field::{at, text};
use crate::ids::now;

pub(crate) fn route(
    cloud: &mut Cloud,
    place: &Place,
    request: &Request,
    name: &str,
    rest: &[&str],
) -> Answer {
    let reads = cloud.options.pending_reads;
    let connector = find(cloud, place, name)?;
    match (request.method.as_str(), rest) {
        ("GET", []) => {
            check_support(connector)?;
            advance(connector);
            Ok(Reply::ok(json!({
                "id": connector.id, "name": name, "offsets": connector.offsets, "metadata": {"observed_at": now()},
            })))
        }
        ("POST", ["request"]) => {
            check_support(connector)?;
            ask(connector, name, &request.body, reads)
        }
        ("GET", ["request", "status"]) => status(connector, name),
        _ => Err(Refusal::new(404, "resource not found")),
    }
}

fn check_support(connector: &Connector) -> Result<(), Refusal> {
    match plugins::find(connector.class()) {
        Some(plugin) if !plugin.offsets => {
            Err(Refusal::bad(format!("offsets of {} are not supported", plugin.class)))
        }
        _ => Ok(()),
    }
}

/// Checks the form of offsets: sinks have Kafka's, sources their own.
pub(crate) fn check(connector: &Connector, offsets: &[Value]) -> Result<(), Refusal> {
    check_support(connector)?;
    for entry in offsets {
        let sink = connector.kind() == "sink";
        let good = match sink {
            true => ["partition.kafka_topic", "partition.kafka_partition", "offset.kafka_offset"]
                .iter()
                .all(|path| at(entry, path).is_some()),
            false => entry["partition"].is_object() && entry["offset"].is_object(),
        };
        if !good {
            let form = if sink {
                "{\"partition\": {\"kafka_topic\", \"kafka_partition\"}, \"offset\": {\"kafka_offset\"}}"
            } else {
                "{\"partition\": {…}, \"offset\": {…}}"
            };
            return Err(Refusal::bad(format!("offsets must have the form {form}, not {entry}")));
        }
    }
    Ok(())
}

fn ask(connector: &mut Connector, name: &str, sent: &Value, reads: u32) -> Answer {
    if connector
        .offset_change
        .as_ref()
        .is_some_and(|(_, change)| text(change, "status.phase") == Some("PENDING"))
    {
        return Err(Refusal::bad(format!("a change of the offsets of {name} is under way: one at a time")));
    }
    let kind = text(sent, "type").unwrap_or_default();
    let offsets = at(sent, "offsets").and_then(Value::as_array).cloned().unwrap_or_default();
    match kind {
        "PATCH" if offsets.is_empty() => return Err(Refusal::bad("offsets is required when type is PATCH")),
        "PATCH" => check(connector, &offsets)?,
        "DELETE" => {}
        _ => return Err(Refusal::bad(format!("type must be PATCH or DELETE, not {kind}"))),
    }
    let mut info = json!({"id": connector.id, "name": name, "requested_at": now(), "type": kind});
    if kind == "PATCH" {
        info["offsets"] = json!(offsets);
    }
    let change = json!({
        "request": info, "status": {"phase": "PENDING", "message": "The change is waiting to be applied."},
        "previous_offsets": connector.offsets, "applied_at": null,
    });
    connector.offset_change = Some((reads, change));
    if reads == 0 {
        advance(connector);
    }
    Ok(Reply::json(202, info))
}

fn status(connector: &mut Connector, name: &str) -> Answer {
    advance(connector);
    match &connector.offset_change {
        Some((_, change)) => Ok(Reply::ok(change.clone())),
        None => Err(Refusal::new(404, format!("no change of the offsets of {name} was asked for"))),
    }
}

/// Counts a read; a change that has waited long enough is applied.
fn advance(connector: &mut Connector) {
    let Some((reads, change)) = &mut connector.offset_change else { return };
    if text(change, "status.phase") != Some("PENDING") {
        return;
    }
    if *reads > 0 {
        *reads -= 1;
        return;
    }
    change["status"] = json!({"phase": "APPLIED", "message": "The offsets were changed."});
    change["applied_at"] = json!(now());
    let wanted = at(change, "request.offsets").and_then(Value::as_array).cloned().unwrap_or_default();
    apply(&mut connector.offsets, wanted);
}

/// A PATCH sets some partitions; a DELETE, which names none, resets the connector.
fn apply(offsets: &mut Vec<Value>, wanted: Vec<Value>) {
    if wanted.is_empty() {
        offsets.clear();
    }
    for entry in wanted {
        match offsets.iter_mut().find(|known| known["partition"] == entry["partition"]) {
            Some(known) => *known = entry,
            None => offsets.push(entry),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_sets_partitions_and_a_delete_resets() {
        let entry =
            |partition: u32, offset: u32| json!({"partition": {"p": partition}, "offset": {"o": offset}});
        let mut offsets = vec![entry(0, 1), entry(1, 1)];
        apply(&mut offsets, vec![entry(1, 9), entry(2, 9)]);
        assert_eq!(offsets, [entry(0, 1), entry(1, 9), entry(2, 9)]);
        apply(&mut offsets, Vec::new());
        assert!(offsets.is_empty());
    }
}
