//! What went wrong, and where in the configuration.

use crate::protocol as wire;

/// One step of a place: into a name or to an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// An attribute or block.
    Name(String),
    /// An element of a list.
    Element(usize),
}

/// A place inside a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place(pub Vec<Step>);

impl Place {
    /// The place of a name below this one.
    #[must_use]
    pub fn name(&self, name: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Name(name.to_owned()));
        Self(steps)
    }

    /// The place of a list's element below this one.
    #[must_use]
    pub fn element(&self, index: usize) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Element(index));
        Self(steps)
    }

    /// For the protocol.
    #[must_use]
    pub fn to_wire(&self) -> wire::AttributePath {
        let steps = self.0.iter().map(|step| wire::PathStep {
            selector: Some(match step {
                Step::Name(name) => wire::Selector::AttributeName(name.clone()),
                Step::Element(index) => {
                    wire::Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX))
                }
            }),
        });
        wire::AttributePath { steps: steps.collect() }
    }
}

/// An error that Terraform shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The headline: what could not be done.
    pub summary: String,
    /// Why, and what next.
    pub detail: String,
    /// Where in the configuration.
    pub place: Option<Place>,
}

impl Problem {
    /// A problem at a place of the configuration.
    #[must_use]
    pub fn at(place: Place, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { summary: summary.into(), detail: detail.into(), place: Some(place) }
    }

    /// A failed operation, with the chain of its causes.
    #[must_use]
    pub fn failed(summary: impl Into<String>, cause: &anyhow::Error) -> Self {
        Self { summary: summary.into(), detail: format!("{cause:#}"), place: None }
    }

    /// For the protocol.
    #[must_use]
    pub fn to_wire(&self) -> wire::Diagnostic {
        wire::Diagnostic {
            severity: wire::Severity::Error as i32,
            summary: self.summary.clone(),
            detail: self.detail.clone(),
            attribute: self.place.as_ref().map(Place::to_wire),
        }
    }
}
