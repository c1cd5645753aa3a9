//! Which connector and task a line is about: the fields `connector` and `task` of the spans around it, or its own.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Remembers the two fields of each span that has them.
pub(super) struct ContextLayer;

/// What a line is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct About {
    pub(super) connector: Option<String>,
    pub(super) task: Option<u64>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ContextLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(span), true) = (context.span(id), fields.about.connector.is_some()) {
            span.extensions_mut().insert(fields.about);
        }
    }
}

/// The fields of an event or a span.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) about: About,
    pub(super) message: String,
    pub(super) others: Vec<(&'static str, String)>,
}

impl Fields {
    pub(super) fn of(event: &Event<'_>) -> Self {
        let mut fields = Self::default();
        event.record(&mut fields);
        fields
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "task" => self.about.task = Some(value),
            _ => self.record_debug(field, &value),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message = value.to_owned(),
            "connector" => self.about.connector = Some(value.to_owned()),
            name => self.others.push((name, value.to_owned())),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
