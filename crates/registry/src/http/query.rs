//! Finding what a path or a query names.

use crate::refusal::{Answer, Refusal};
use crate::state::{Entry, Identified, State};
use crate::subject::Subject;

/// A version in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// The highest that is not deleted.
    Latest,
    /// This one.
    Number(i32),
}

impl Which {
    /// Reads `latest`, -1 or a number from 1 on.
    pub fn parse(text: &str) -> Answer<Self> {
        match text.parse::<i32>() {
            Ok(-1) => Ok(Self::Latest),
            Ok(number) if number >= 1 => Ok(Self::Number(number)),
            _ if text == "latest" => Ok(Self::Latest),
            _ => Err(Refusal::invalid_version(text)),
        }
    }
}

/// A version of a subject; `latest` is never a deleted one.
pub(crate) fn version<'a>(
    state: &'a State,
    subject: &Subject,
    which: Which,
    deleted: bool,
) -> Answer<(i32, &'a Entry)> {
    let found = match which {
        Which::Latest => state.live(subject).next_back(),
        Which::Number(number) => {
            let entry = state.version(subject, number).filter(|entry| deleted || !entry.deleted);
            entry.map(|entry| (number, entry))
        }
    };
    found.ok_or_else(|| match (state.has_subject(subject, deleted), which) {
        (false, _) => Refusal::no_subject(subject),
        (true, Which::Latest) => Refusal::no_version("latest"),
        (true, Which::Number(number)) => Refusal::no_version(number),
    })
}

/// The subject itself, or one of the same name in another context when it has no context and is not in the default one.
pub(crate) fn anywhere(state: &State, subject: Subject, deleted: bool) -> Subject {
    if !subject.in_default_context() || state.has_subject(&subject, deleted) {
        return subject;
    }
    let elsewhere = state.contexts().into_iter().map(|context| subject.moved_to(context));
    let found = elsewhere.into_iter().find(|subject| state.has_subject(subject, deleted));
    found.unwrap_or(subject)
}

/// A schema by its id, and the context in which that id was found. A subject names the context to look in: in the
/// default one it need not have the schema, in others it must.
pub(crate) fn by_id<'a>(state: &'a State, id: i32, subject: &Subject) -> Answer<(String, &'a Identified)> {
    let within = |context: &str| state.context(context).and_then(|context| context.identified(id));
    let has =
        |identified: &Identified, name: &str| identified.places.iter().any(|(holder, _)| holder == name);
    let here = within(subject.context());
    let found = if subject.is_context() {
        here.map(|identified| (subject.context(), identified))
    } else if let Some(identified) = here.filter(|identified| has(identified, subject.name())) {
        Some((subject.context(), identified))
    } else if subject.in_default_context() {
        let elsewhere = state.contexts().into_iter().find_map(|context| {
            let identified = within(context).filter(|identified| has(identified, subject.name()));
            identified.map(|identified| (context, identified))
        });
        elsewhere.or(here.map(|identified| (subject.context(), identified)))
    } else {
        None
    };
    let (context, identified) = found.ok_or_else(|| Refusal::no_schema(id))?;
    Ok((context.to_owned(), identified))
}
