//! Arrays.

use super::Difference;
use super::object::schema;
use super::scalar::{lower, upper};
use super::walk::Walk;
use crate::model::{Array, Id, Kind, Rest};

pub(super) fn compare(walk: &mut Walk<'_>, old: &Array, new: &Array) {
    use Difference as D;
    upper(walk, old.max, new.max, "maxItems", (D::MaxItemsAdded, D::MaxItemsDecreased));
    lower(walk, old.min, new.min, "minItems", (D::MinItemsAdded, D::MinItemsIncreased));
    let (old_max, new_max) = (old.max_contains, new.max_contains);
    upper(walk, old_max, new_max, "maxContains", (D::MaxContainsAdded, D::MaxContainsDecreased));
    let (old_min, new_min) = (old.min_contains, new.min_contains);
    lower(walk, old_min, new_min, "minContains", (D::MinContainsAdded, D::MinContainsIncreased));
    if new.unique && !old.unique {
        walk.at("uniqueItems", |walk| walk.add(D::UniqueItemsAdded));
    }
    if let Some(new) = new.contains {
        walk.at("contains", |walk| schema(walk, old.contains, new));
    }
    items(walk, old, new);
}

fn items(walk: &mut Walk<'_>, old: &Array, new: &Array) {
    for index in 0..old.tuple.len().max(new.tuple.len()) {
        walk.at("items", |walk| {
            walk.at(&index.to_string(), |walk| match (old.tuple.get(index), new.tuple.get(index)) {
                (Some(old), Some(new)) => walk.compare(*old, *new),
                (None, Some(new)) => added(walk, old.rest, *new),
                (Some(old), None) => removed(walk, *old, new.rest),
                (None, None) => {}
            });
        });
    }
    let is_list = old.tuple.is_empty() && new.tuple.is_empty();
    walk.at("items", |walk| match (old.rest, new.rest) {
        (Rest::Closed, _) | (_, Rest::Open) => {}
        (Rest::Schema(old), Rest::Schema(new)) => walk.compare(old, new),
        (Rest::Open, Rest::Schema(new)) if is_list => schema(walk, None, new),
        (Rest::Open, Rest::Schema(new)) if is_any(walk, new) => {}
        (Rest::Open, Rest::Schema(_)) => walk.add(Difference::AdditionalItemsNarrowed),
        (_, Rest::Closed) => walk.add(Difference::AdditionalItemsRemoved),
    });
}

fn added(walk: &mut Walk<'_>, before: Rest, new: Id) {
    match before {
        Rest::Closed => {}
        Rest::Open if is_any(walk, new) => {}
        Rest::Open => walk.add(Difference::ItemAddedToOpenContentModel),
        Rest::Schema(before) if walk.accepts(before, new) => {}
        Rest::Schema(_) => walk.add(Difference::ItemAddedNotCoveredByPartiallyOpenContentModel),
    }
}

fn removed(walk: &mut Walk<'_>, old: Id, now: Rest) {
    let was_never = walk.sides.old.get(old).is_some_and(|(_, node)| matches!(node.kind, Kind::Never));
    match now {
        _ if was_never => {}
        Rest::Open => {}
        Rest::Closed => walk.add(Difference::ItemRemovedFromClosedContentModel),
        Rest::Schema(now) if walk.accepts(old, now) => {}
        Rest::Schema(_) => walk.add(Difference::ItemRemovedNotCoveredByPartiallyOpenContentModel),
    }
}

fn is_any(walk: &Walk<'_>, id: Id) -> bool {
    walk.sides.new.get(id).is_none_or(|(_, node)| matches!(node.kind, Kind::Any))
}
