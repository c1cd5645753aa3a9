//! Version 0: all members have given everything back, and it is dealt like cards.

use std::collections::BTreeMap;

use super::{Memory, Part, Plan, Round};

/// Connectors by name, then tasks, to the members by id, in turn.
pub(super) fn assign(round: &Round<'_>) -> (Plan, Memory) {
    let mut parts: BTreeMap<String, Part> =
        round.members.iter().map(|member| (member.id.clone(), Part::default())).collect();
    let ids: Vec<String> = parts.keys().cloned().collect();
    let mut memory = Memory { generation: Some(round.generation), ..Memory::default() };
    if ids.is_empty() {
        return (Plan::default(), memory);
    }
    let mut connectors = round.configured.connectors.clone();
    connectors.sort();
    let mut tasks = round.configured.tasks.clone();
    tasks.sort();
    let mut turn = ids.iter().cycle();
    for name in connectors {
        let Some(id) = turn.next() else { break };
        memory.connectors.insert(name.clone(), id.clone());
        parts.entry(id.clone()).or_default().assigned.connectors.push(name);
    }
    for task in tasks {
        let Some(id) = turn.next() else { break };
        memory.tasks.insert(task.clone(), id.clone());
        parts.entry(id.clone()).or_default().assigned.tasks.push(task);
    }
    (Plan { members: parts, ..Plan::default() }, memory)
}
