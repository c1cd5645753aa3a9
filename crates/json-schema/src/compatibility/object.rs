//! Objects.

use std::collections::{HashMap, HashSet};

use super::scalar::{lower, upper};
use super::walk::Walk;
use super::{Difference, Policy};
use crate::model::{Id, Kind, Model, Object, Rest};

/// What an object says of a property that it does not name.
enum Unnamed {
    Anything,
    Nothing,
    Covered(Id),
}

fn unnamed(object: &Object, name: &str) -> Unnamed {
    let by_pattern =
        object.patterns.iter().find(|(_, pattern, _)| pattern.as_ref().is_some_and(|p| p.is_match(name)));
    if let Some((_, _, id)) = by_pattern {
        return Unnamed::Covered(*id);
    }
    match (object.additional, object.unevaluated) {
        (Rest::Schema(id), _) => Unnamed::Covered(id),
        (Rest::Closed, _) => Unnamed::Nothing,
        (Rest::Open, Rest::Schema(id)) => Unnamed::Covered(id),
        (Rest::Open, Rest::Closed) => Unnamed::Nothing,
        (Rest::Open, Rest::Open) => Unnamed::Anything,
    }
}

pub(super) fn compare(walk: &mut Walk<'_>, old: &Object, new: &Object) {
    use Difference as D;
    upper(walk, old.max, new.max, "maxProperties", (D::MaxPropertiesAdded, D::MaxPropertiesDecreased));
    lower(walk, old.min, new.min, "minProperties", (D::MinPropertiesAdded, D::MinPropertiesIncreased));
    let names = (D::AdditionalPropertiesRemoved, D::AdditionalPropertiesNarrowed);
    rest(walk, old.additional, new.additional, "additionalProperties", names);
    let names = (D::UnevaluatedPropertiesRemoved, D::UnevaluatedPropertiesNarrowed);
    rest(walk, old.unevaluated, new.unevaluated, "unevaluatedProperties", names);
    if let (old_names, Some(new_names)) = (old.names, new.names) {
        walk.at("propertyNames", |walk| schema(walk, old_names, new_names));
    }
    for (pattern, _, new) in &new.patterns {
        if let Some((_, _, old)) = old.patterns.iter().find(|(known, _, _)| known == pattern) {
            walk.at("patternProperties", |walk| walk.at(pattern, |walk| walk.compare(*old, *new)));
        }
    }
    dependencies(walk, old, new);
    properties(walk, old, new);
}

/// A sub-schema where the old schema may have had none.
pub(super) fn schema(walk: &mut Walk<'_>, old: Option<Id>, new: Id) {
    match old {
        Some(old) => walk.compare(old, new),
        None if is_any(walk.sides.new, new) => {}
        None => walk.add(Difference::SchemaAdded),
    }
}

fn is_any(model: &Model, id: Id) -> bool {
    model.get(id).is_none_or(|(_, node)| matches!(node.kind, Kind::Any))
}

fn rest(
    walk: &mut Walk<'_>,
    old: Rest,
    new: Rest,
    keyword: &str,
    (removed, narrowed): (Difference, Difference),
) {
    let lenient = walk.policy == Policy::Lenient;
    walk.at(keyword, |walk| match (old, new) {
        (Rest::Closed, _) | (_, Rest::Open) => {}
        (Rest::Schema(old), Rest::Schema(new)) if lenient && walk.accepts_reversed(old, new) => {}
        (Rest::Schema(old), Rest::Schema(new)) => walk.compare(old, new),
        (Rest::Open, Rest::Schema(new)) if is_any(walk.sides.new, new) => {}
        (Rest::Open, Rest::Schema(_)) if !lenient => walk.add(narrowed),
        (_, Rest::Closed) if !lenient => walk.add(removed),
        _ => {}
    });
}

fn properties(walk: &mut Walk<'_>, old: &Object, new: &Object) {
    let olds: HashMap<&str, Id> = old.properties.iter().map(|(name, id)| (name.as_str(), *id)).collect();
    let news: HashMap<&str, Id> = new.properties.iter().map(|(name, id)| (name.as_str(), *id)).collect();
    let old_required: HashSet<&str> = old.required.iter().map(String::as_str).collect();
    let new_required: HashSet<&str> = new.required.iter().map(String::as_str).collect();
    for (name, old_id) in &old.properties {
        walk.at("properties", |walk| {
            walk.at(name, |walk| match news.get(name.as_str()) {
                Some(new_id) => walk.compare(*old_id, *new_id),
                None => removed(walk, name, *old_id, new),
            });
        });
    }
    for (name, new_id) in &new.properties {
        if !olds.contains_key(name.as_str()) {
            let required = new_required.contains(name.as_str());
            walk.at("properties", |walk| walk.at(name, |walk| added(walk, old, name, *new_id, required)));
        }
    }
    for name in &new.required {
        let was = old_required.contains(name.as_str());
        // A new property has been judged above.
        let is_new = news.contains_key(name.as_str()) && !olds.contains_key(name.as_str());
        let has_default = news.get(name.as_str()).is_some_and(|id| walk.sides.new.has_default(*id));
        if !was && !is_new && !has_default {
            walk.at("required", |walk| walk.at(name, |walk| walk.add(Difference::RequiredAttributeAdded)));
        }
    }
}

fn removed(walk: &mut Walk<'_>, name: &str, old: Id, new: &Object) {
    let was_never = walk.sides.old.get(old).is_some_and(|(_, node)| matches!(node.kind, Kind::Never));
    match unnamed(new, name) {
        _ if was_never => {}
        Unnamed::Anything => {}
        Unnamed::Nothing if walk.policy == Policy::Lenient => {}
        Unnamed::Nothing => walk.add(Difference::PropertyRemovedFromClosedContentModel),
        Unnamed::Covered(by) if walk.accepts(old, by) => {}
        Unnamed::Covered(_) => walk.add(Difference::PropertyRemovedNotCoveredByPartiallyOpenContentModel),
    }
}

fn added(walk: &mut Walk<'_>, old: &Object, name: &str, new: Id, required: bool) {
    let must_be_given = required && !walk.sides.new.has_default(new);
    match unnamed(old, name) {
        Unnamed::Anything => {
            let lenient = walk.policy == Policy::Lenient && !must_be_given;
            if !lenient && !is_any(walk.sides.new, new) {
                return walk.add(Difference::PropertyAddedToOpenContentModel);
            }
        }
        Unnamed::Covered(by) => {
            if !walk.accepts(by, new) {
                return walk.add(Difference::PropertyAddedNotCoveredByPartiallyOpenContentModel);
            }
        }
        Unnamed::Nothing => {}
    }
    if must_be_given {
        walk.add(Difference::RequiredPropertyAddedToUnopenContentModel);
    }
}

fn dependencies(walk: &mut Walk<'_>, old: &Object, new: &Object) {
    let names_before: HashMap<&str, HashSet<&str>> = old
        .dependent_names
        .iter()
        .rev() // the first of a name counts
        .map(|(name, names)| (name.as_str(), names.iter().map(String::as_str).collect()))
        .collect();
    for (name, names) in &new.dependent_names {
        let names: HashSet<&str> = names.iter().map(String::as_str).collect();
        let difference = match names_before.get(name.as_str()) {
            None => Difference::DependencyArrayAdded,
            Some(before) if names.is_subset(before) => continue,
            Some(before) if before.is_subset(&names) => Difference::DependencyArrayExtended,
            Some(_) => Difference::DependencyArrayChanged,
        };
        walk.at("dependencies", |walk| walk.at(name, |walk| walk.add(difference)));
    }
    let schemas_before: HashMap<&str, Id> =
        old.dependent_schemas.iter().rev().map(|(name, id)| (name.as_str(), *id)).collect();
    for (name, new) in &new.dependent_schemas {
        let before = schemas_before.get(name.as_str()).copied();
        walk.at("dependencies", |walk| {
            walk.at(name, |walk| match before {
                Some(old) => walk.compare(old, *new),
                None => walk.add(Difference::DependencySchemaAdded),
            });
        });
    }
}
