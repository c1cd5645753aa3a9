//! Changes modes.

use crate::level::Mode;
use crate::plan::delete::purge;
use crate::plan::{Defaults, Plan};
use crate::record::Record;
use crate::refusal::{Answer, Refusal};
use crate::state::State;
use crate::subject::Subject;

/// Sets a mode. To IMPORT only where nothing is that lives, unless forced: ids that clients bring must not meet the
/// registry's own.
pub(crate) fn set(
    state: &State,
    defaults: &Defaults,
    subject: &Subject,
    name: &str,
    force: bool,
) -> Answer<Plan<Mode>> {
    subject.check_for_settings()?;
    let mode = Mode::named(name);
    let mode = mode.filter(|mode| *mode != Mode::Forward || subject.is_global()).ok_or_else(|| {
        let message =
            "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, IMPORT, and FORWARD for all subjects";
        Refusal::new(42204, message)
    })?;
    check_mutable(defaults)?;
    let mut records = Vec::new();
    if mode == Mode::Import && state.own_mode(subject) != Some(Mode::Import) && !force {
        let within = |other: &Subject| {
            subject == other || subject.is_context() && subject.context() == other.context()
        };
        if state.subjects().any(|other| within(&other) && state.has_subject(&other, false)) {
            return Err(Refusal::not_permitted("Cannot import since found existing subjects"));
        }
        records.extend(purge(state, within));
    }
    records.push(Record::Mode { subject: subject.clone(), value: Some(mode) });
    Ok(Plan { records, answer: mode })
}

/// Removes a mode; with `recursive` also those of the subjects of a context. Answers what it was.
pub(crate) fn delete(
    state: &State,
    defaults: &Defaults,
    subject: &Subject,
    recursive: bool,
) -> Answer<Plan<Mode>> {
    subject.check_for_settings()?;
    check_mutable(defaults)?;
    let own = state.own_mode(subject);
    let gone = |subject: &Subject| Record::Mode { subject: subject.clone(), value: None };
    let mut records: Vec<_> = own.iter().map(|_| gone(subject)).collect();
    if recursive && subject.is_context() {
        let within = |other: &&Subject| other.context() == subject.context() && *other != subject;
        records.extend(state.subjects_with_mode().filter(within).map(gone));
    }
    match own {
        Some(mode) => Ok(Plan { records, answer: mode }),
        None if subject.is_global() || !records.is_empty() => {
            Ok(Plan { records, answer: state.mode(subject) })
        }
        None => Err(Refusal::no_subject(subject)),
    }
}

fn check_mutable(defaults: &Defaults) -> Answer<()> {
    match defaults.mode_mutability {
        true => Ok(()),
        false => Err(Refusal::not_permitted("Mode changes are not allowed: mode.mutability is false")),
    }
}
