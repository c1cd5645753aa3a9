//! Changes configs.

use serde_json::{Map, Value};

use crate::config::Config;
use crate::plan::delete::check_writable;
use crate::plan::{Defaults, Plan};
use crate::record::Record;
use crate::refusal::{Answer, Refusal};
use crate::state::State;
use crate::subject::Subject;

/// Updates the config of a subject, a context or everything; answers what it is then.
pub(crate) fn update(state: &State, subject: &Subject, update: &Map<String, Value>) -> Answer<Plan<Config>> {
    subject.check_for_settings()?;
    check_writable(state, subject)?;
    let current = state.own_config(subject).cloned().unwrap_or_default();
    let config = current.updated(update)?;
    let value = Some(Box::new(config.clone()));
    Ok(Plan { records: vec![Record::Config { subject: subject.clone(), value }], answer: config })
}

/// Removes a config; answers what it was.
pub(crate) fn delete(state: &State, defaults: &Defaults, subject: &Subject) -> Answer<Plan<Config>> {
    subject.check_for_settings()?;
    check_writable(state, subject)?;
    match state.own_config(subject) {
        Some(config) => {
            let records = vec![Record::Config { subject: subject.clone(), value: None }];
            Ok(Plan { records, answer: config.clone() })
        }
        // The registry always has one.
        None if subject.is_global() => Ok(Plan::unchanged(Config::of_level(defaults.level))),
        None => Err(Refusal::no_subject(subject)),
    }
}
