//! The comparison of two sub-schemas, and what it remembers.

use std::collections::HashMap;

use super::{Difference, Incompatibility, Policy, combined};
use crate::model::{Criterion, Id, Kind, Model, Node};

const MAX_DEPTH: usize = 300;
const MAX_PAIRS: usize = 500_000;
// Nobody reads more; further ones are not looked for.
const MAX_FOUND: usize = 200;

/// One side of the comparison; the sides change places inside `not`.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub old: &'a Model,
    pub new: &'a Model,
    swapped: bool,
}

pub(super) struct Walk<'a> {
    pub sides: Sides<'a>,
    pub policy: Policy,
    pub path: String,
    found: Vec<Incompatibility>,
    // Pairs being compared: meeting one again is no difference, until something else is.
    active: HashMap<(Id, Id, bool), usize>,
    // Pairs whose answer does not depend on one that is still being compared.
    known: HashMap<(Id, Id, bool), bool>,
    assumed: usize,
    depth: usize,
    pairs: usize,
}

impl<'a> Walk<'a> {
    pub fn new(old: &'a Model, new: &'a Model, policy: Policy) -> Self {
        Self {
            sides: Sides { old, new, swapped: false },
            policy,
            path: "#".to_owned(),
            found: Vec::new(),
            active: HashMap::new(),
            known: HashMap::new(),
            assumed: usize::MAX,
            depth: 0,
            pairs: 0,
        }
    }

    pub fn run(mut self) -> Vec<Incompatibility> {
        self.compare(Model::ROOT, Model::ROOT);
        self.found
    }

    pub fn add(&mut self, difference: Difference) {
        // The path of a difference found while trying is never shown; one is enough there.
        self.found.push(Incompatibility { difference, path: self.path.clone() });
    }

    /// Does something with the path one step longer.
    pub fn at(&mut self, step: &str, then: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(step);
        then(self);
        self.path.truncate(length);
    }

    /// Whether the new sub-schema reads data of the old one; differences are not kept.
    pub fn accepts(&mut self, old: Id, new: Id) -> bool {
        let (Some((old_id, _)), Some((new_id, _))) = (self.sides.old.get(old), self.sides.new.get(new))
        else {
            return true;
        };
        let pair = (old_id, new_id, self.sides.swapped);
        if let Some(known) = self.known.get(&pair) {
            // It takes time too, of which branches of the same references need much.
            self.pairs += 1;
            return *known;
        }
        let kept = self.found.len();
        self.compare(old_id, new_id);
        let accepted = self.found.len() == kept;
        self.found.truncate(kept);
        if !accepted {
            self.known.insert(pair, false);
        }
        accepted
    }

    /// Whether so many pairs were looked at that no further ones are.
    pub fn is_spent(&self) -> bool {
        self.pairs > MAX_PAIRS
    }

    /// Whether the old sub-schema reads data of the new one: what `not` needs.
    pub fn accepts_reversed(&mut self, old: Id, new: Id) -> bool {
        self.swap();
        let accepted = self.accepts(new, old);
        self.swap();
        accepted
    }

    fn swap(&mut self) {
        let Sides { old, new, swapped } = self.sides;
        self.sides = Sides { old: new, new: old, swapped: !swapped };
    }

    /// Compares two sub-schemas and keeps the differences.
    pub fn compare(&mut self, old: Id, new: Id) {
        // References that lead in a circle say nothing.
        let (Some((old, old_node)), Some((new, new_node))) =
            (self.sides.old.get(old), self.sides.new.get(new))
        else {
            return;
        };
        let pair = (old, new, self.sides.swapped);
        if self.known.get(&pair) == Some(&true) || self.found.len() >= MAX_FOUND {
            return;
        }
        if let Some(depth) = self.active.get(&pair) {
            self.assumed = self.assumed.min(*depth);
            return;
        }
        self.pairs += 1;
        if self.depth >= MAX_DEPTH || self.is_spent() {
            return self.add(Difference::TooComplex);
        }
        let found = self.found.len();
        let outer = std::mem::replace(&mut self.assumed, usize::MAX);
        self.active.insert(pair, self.depth);
        self.depth += 1;
        self.nodes((old, old_node), (new, new_node));
        self.depth -= 1;
        self.active.remove(&pair);
        if self.found.len() == found && self.assumed >= self.depth {
            self.known.insert(pair, true);
        }
        self.assumed = outer.min(self.assumed);
    }

    fn nodes(&mut self, (old_id, old): (Id, &'a Node), (new_id, new): (Id, &'a Node)) {
        match (&old.kind, &new.kind) {
            (Kind::Never, _) | (_, Kind::Any) => return,
            _ if old.is_bytes && new.is_bytes => return,
            (Kind::Combined(old, olds), Kind::Combined(new, news)) => {
                return combined::compare(self, (*old, olds), (*new, news));
            }
            // A single branch is that branch.
            (Kind::Combined(_, branches), _) if branches.len() == 1 => {
                return self.compare(branches[0], new_id);
            }
            (_, Kind::Combined(_, branches)) if branches.len() == 1 => {
                return self.compare(old_id, branches[0]);
            }
            (Kind::Combined(Criterion::All, branches), _)
                if branches.iter().any(|branch| self.accepts(*branch, new_id)) =>
            {
                return;
            }
            (_, Kind::Combined(Criterion::Any | Criterion::One, branches))
                if branches.iter().any(|branch| self.accepts(old_id, *branch)) =>
            {
                return;
            }
            (Kind::Boolean, Kind::Boolean) | (Kind::Null, Kind::Null) => return,
            (Kind::String(old), Kind::String(new)) => return super::scalar::text(self, old, new),
            (Kind::Number(old), Kind::Number(new)) => return super::scalar::number(self, old, new),
            (Kind::Enum(old), Kind::Enum(new)) => return super::scalar::values(self, old, new),
            (Kind::Const(old), Kind::Const(new)) => {
                if !super::scalar::same(old, new) {
                    self.add(Difference::ConstChanged);
                }
                return;
            }
            (Kind::Not(old), Kind::Not(new)) => {
                if !self.accepts_reversed(*old, *new) {
                    self.add(Difference::NotTypeNarrowed);
                }
                return;
            }
            (Kind::Array(old), Kind::Array(new)) => return super::array::compare(self, old, new),
            (Kind::Object(old), Kind::Object(new)) => return super::object::compare(self, old, new),
            _ => {}
        }
        self.add(Difference::TypeChanged);
    }
}
