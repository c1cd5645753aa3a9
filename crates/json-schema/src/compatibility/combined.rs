//! allOf, anyOf and oneOf.

use super::Difference;
use super::walk::Walk;
use crate::model::{Criterion, Id};

pub(super) fn compare(walk: &mut Walk<'_>, old: (Criterion, &[Id]), new: (Criterion, &[Id])) {
    let ((old, olds), (new, news)) = (old, new);
    let singletons = olds.len() == 1 && news.len() == 1;
    if old != new && new != Criterion::Any && !singletons {
        return walk.add(Difference::CombinedTypeChanged);
    }
    if old == Criterion::All && new == Criterion::Any {
        // What satisfies all of the old branches satisfies each of them: one that is accepted is enough.
        let accepted = olds
            .iter()
            .any(|old| walk.is_spent() || news.iter().any(|new| walk.is_spent() || walk.accepts(*old, *new)));
        if walk.is_spent() {
            walk.add(Difference::TooComplex);
        } else if !accepted {
            walk.add(Difference::CombinedTypeSubschemasChanged);
        }
        return;
    }
    match (new, olds.len(), news.len()) {
        (Criterion::All, old, new) if new > old => return walk.add(Difference::ProductTypeExtended),
        (Criterion::Any | Criterion::One, old, new) if new < old => {
            return walk.add(Difference::SumTypeNarrowed);
        }
        _ => {}
    }
    if !pairs_up(walk, olds, news) {
        walk.add(Difference::CombinedTypeSubschemasChanged);
    }
}

// Whether every branch of the smaller side has a compatible branch of the other for itself: a maximum matching, by
// augmenting paths.
fn pairs_up(walk: &mut Walk<'_>, olds: &[Id], news: &[Id]) -> bool {
    let few_are_old = olds.len() <= news.len();
    let (few, many) = if few_are_old { (olds, news) } else { (news, olds) };
    let mut fits = Vec::with_capacity(few.len());
    for a in few {
        let mut row = Vec::new();
        for (index, b) in many.iter().enumerate() {
            if walk.is_spent() {
                walk.add(Difference::TooComplex);
                return true;
            }
            let (old, new) = if few_are_old { (*a, *b) } else { (*b, *a) };
            if walk.accepts(old, new) {
                row.push(index);
            }
        }
        if row.is_empty() {
            return false;
        }
        fits.push(row);
    }
    let mut taken: Vec<Option<usize>> = vec![None; many.len()];
    (0..few.len()).all(|start| augment(start, &fits, &mut taken))
}

// Breadth first, so that its depth does not depend on the input.
fn augment(start: usize, fits: &[Vec<usize>], taken: &mut [Option<usize>]) -> bool {
    let mut came_from: Vec<Option<usize>> = vec![None; taken.len()];
    let mut seen = vec![false; taken.len()];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(left) = queue.pop_front() {
        for &right in &fits[left] {
            if std::mem::replace(&mut seen[right], true) {
                continue;
            }
            came_from[right] = Some(left);
            match taken[right] {
                Some(next) => queue.push_back(next),
                None => {
                    flip(right, start, &came_from, taken);
                    return true;
                }
            }
        }
    }
    false
}

fn flip(end: usize, start: usize, came_from: &[Option<usize>], taken: &mut [Option<usize>]) {
    let mut right = end;
    while let Some(left) = came_from[right] {
        let before = taken.iter().position(|by| *by == Some(left));
        taken[right] = Some(left);
        match before {
            Some(before) if left != start => right = before,
            _ => return,
        }
    }
}
