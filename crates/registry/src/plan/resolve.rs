//! Follows references.

use std::collections::HashSet;

use crate::refusal::{Answer, Refusal};
use crate::schema::Reference;
use crate::state::State;
use crate::subject::Subject;

/// References that may be followed for one schema.
const REFERENCES_MAX: usize = 1000;
const DEPTH_MAX: usize = 64;

/// Name and text of everything that references mean, directly or not; what is used stands before its user. The first
/// of two with one name wins.
///
/// # Errors
/// A target is not there. Soft-deleted ones count only if `deleted`: stored schemas go on, new ones may not use them.
pub(crate) fn resolve(
    state: &State,
    user: &Subject,
    references: &[Reference],
    deleted: bool,
) -> Answer<Vec<(String, String)>> {
    let mut walk = Walk { state, deleted, seen: HashSet::new(), found: Vec::new() };
    walk.follow(user, references, 0)?;
    Ok(walk.found)
}

struct Walk<'a> {
    state: &'a State,
    deleted: bool,
    seen: HashSet<String>,
    found: Vec<(String, String)>,
}

impl Walk<'_> {
    fn follow(&mut self, user: &Subject, references: &[Reference], depth: usize) -> Answer<()> {
        if depth > DEPTH_MAX {
            return Err(Refusal::invalid_schema(format!("references are nested deeper than {DEPTH_MAX}")));
        }
        for reference in references {
            if !self.seen.insert(reference.name.clone()) {
                continue;
            }
            if self.seen.len() > REFERENCES_MAX {
                return Err(Refusal::invalid_schema(format!(
                    "a schema cannot use more than {REFERENCES_MAX} others, directly or not"
                )));
            }
            let target = Subject::parse_in(user.context(), &reference.subject);
            let entry = self.state.version(&target, reference.version);
            let entry = entry.filter(|entry| self.deleted || !entry.deleted).ok_or_else(|| {
                Refusal::invalid_schema(format!(
                    "No schema reference found for subject \"{target}\" and version {}",
                    reference.version
                ))
            })?;
            self.follow(&target, &entry.schema.references, depth + 1)?;
            self.found.push((reference.name.clone(), entry.schema.text.clone()));
        }
        Ok(())
    }
}
