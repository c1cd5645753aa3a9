//! Asks the levels about each line before it is made.

use std::sync::Arc;

use parking_lot::RwLock;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::context::{About, Fields};
use super::levels::{Levels, Verdict};

/// Lets through what the levels want.
pub(super) struct Filter(pub(super) Arc<RwLock<Levels>>);

impl Filter {
    /// What a place that writes lines is told once, until levels change.
    fn verdict(&self, metadata: &Metadata<'_>) -> Verdict {
        if says_connector(metadata) && metadata.is_span() {
            return Verdict::Always; // other lines are told by it what they are about
        }
        self.0.read().verdict(metadata.target(), *metadata.level())
    }
}

fn says_connector(metadata: &Metadata<'_>) -> bool {
    metadata.fields().field("connector").is_some()
}

/// The connector of the spans around.
fn connector<S: Subscriber + for<'a> LookupSpan<'a>>(context: &Context<'_, S>) -> Option<String> {
    let mut span = context.lookup_current();
    while let Some(around) = span {
        if let Some(about) = around.extensions().get::<About>() {
            return about.connector.clone();
        }
        span = around.parent();
    }
    None
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Filter {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        match self.verdict(metadata) {
            Verdict::Always => Interest::always(),
            Verdict::Never => Interest::never(),
            Verdict::ByConnector => Interest::sometimes(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, context: Context<'_, S>) -> bool {
        match self.verdict(metadata) {
            Verdict::Always => true,
            Verdict::Never => false,
            // What it says of itself is seen later.
            Verdict::ByConnector if says_connector(metadata) => true,
            Verdict::ByConnector => {
                let connector = connector(&context);
                self.0.read().wants(connector.as_deref(), metadata.target(), *metadata.level())
            }
        }
    }

    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        let metadata = event.metadata();
        if !says_connector(metadata) || self.verdict(metadata) != Verdict::ByConnector {
            return true; // it was decided before
        }
        let about = Fields::of(event).about;
        self.0.read().wants(about.connector.as_deref(), metadata.target(), *metadata.level())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // Spans are made in any case.
        Some(self.0.read().most().max(LevelFilter::INFO))
    }
}
