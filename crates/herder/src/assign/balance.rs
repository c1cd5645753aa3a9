//! What is too much for a worker, and who has least. Of one kind of work: connectors and tasks are balanced apart.

use std::collections::BTreeMap;

/// What each member has, oldest first.
pub(super) type Loads<T> = BTreeMap<String, Vec<T>>;

/// What members must give back, so that nobody has more than its share of `total`. As little as possible: the larger
/// shares go to those that have most, and nobody gives back what nobody else would get.
///
/// Of what a member has too much, it gives back what it has most of by `family`, and of these the oldest.
pub(super) fn surplus<T: Clone>(loads: &Loads<T>, total: usize, family: impl Fn(&T) -> &str) -> Loads<T> {
    let Some(share) = total.checked_div(loads.len()) else { return Loads::new() };
    let mut larger = total % loads.len();
    let mut by_load: Vec<(&String, &Vec<T>)> = loads.iter().collect();
    by_load.sort_by_key(|(id, load)| (usize::MAX - load.len(), *id));
    let mut surplus = Loads::new();
    for (id, load) in by_load {
        let quota = share + usize::from(larger > 0);
        larger = larger.saturating_sub(1);
        let mut given = Vec::new();
        let mut kept: Vec<&T> = load.iter().collect();
        while kept.len() > quota {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for item in &kept {
                *counts.entry(family(item)).or_default() += 1;
            }
            let most = counts.values().copied().max().unwrap_or_default();
            let at = kept.iter().position(|item| counts.get(family(item)) == Some(&most)).unwrap_or_default();
            given.push(kept.remove(at).clone());
        }
        if !given.is_empty() {
            surplus.insert(id.clone(), given);
        }
    }
    surplus
}

/// Gives items away, each to the member that has least; of these to the one with the fewest of its `family`, then to
/// the one with the least other work. Answers what each member got, and adds it to the loads.
pub(super) fn place<T: Clone>(
    loads: &mut Loads<T>,
    items: impl IntoIterator<Item = T>,
    family: impl Fn(&T) -> &str,
    other: &BTreeMap<String, usize>,
) -> Loads<T> {
    let mut families: BTreeMap<String, BTreeMap<String, usize>> = loads
        .iter()
        .map(|(id, load)| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for item in load {
                *counts.entry(family(item).to_owned()).or_default() += 1;
            }
            (id.clone(), counts)
        })
        .collect();
    let mut given = Loads::new();
    for item in items {
        let name = family(&item).to_owned();
        let same = |id: &String| families.get(id).and_then(|counts| counts.get(&name)).copied().unwrap_or(0);
        let least = loads
            .iter()
            .min_by_key(|(id, load)| (load.len(), same(id), other.get(*id).copied(), (*id).clone()));
        let Some(id) = least.map(|(id, _)| id.clone()) else { break };
        *families.entry(id.clone()).or_default().entry(name).or_default() += 1;
        loads.entry(id.clone()).or_default().push(item.clone());
        given.entry(id).or_insert_with(Vec::new).push(item);
    }
    given
}
