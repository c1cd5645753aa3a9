//! The transforms of a connector, in order.

use std::sync::Arc;

use api::data::Record;
use api::dynamic::{DynPredicate, DynTransform};
use api::{Origin, Registry, Result};
use spec::PipelineSpec;

use crate::tolerance::{Failed, Stage};

/// Transforms and when they apply.
pub(crate) struct Chain(Vec<Link>);

struct Link {
    class: Arc<str>,
    transform: Box<dyn DynTransform>,
    predicate: Option<Predicate>,
}

struct Predicate {
    test: Box<dyn DynPredicate>,
    negate: bool,
}

impl Chain {
    pub(crate) fn build(registry: &Registry, spec: &PipelineSpec) -> Result<Self> {
        let link = |transform: &spec::TransformSpec| -> Result<Link> {
            let predicate = match &transform.predicate {
                None => None,
                Some(predicate) => Some(Predicate {
                    test: registry.build_predicate(&predicate.plugin.class, &predicate.plugin.config)?,
                    negate: predicate.negate,
                }),
            };
            Ok(Link {
                class: transform.plugin.class.as_str().into(),
                transform: registry.build_transform(&transform.plugin.class, &transform.plugin.config)?,
                predicate,
            })
        };
        spec.transforms.iter().map(link).collect::<Result<_>>().map(Self)
    }

    /// Nothing to do: records pass untouched.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The record after all transforms; `None` when one dropped it.
    pub(crate) fn apply(
        &mut self,
        mut record: Record,
        origin: &Origin,
    ) -> std::result::Result<Option<Record>, Failed> {
        for link in &mut self.0 {
            // A predicate's error is the transform's: it is part of the transform's stage.
            let step = |link: &mut Link, record: Record| -> Result<Option<Record>> {
                if let Some(predicate) = &mut link.predicate
                    && predicate.test.test(&record)? == predicate.negate
                {
                    return Ok(Some(record));
                }
                link.transform.apply(record, origin)
            };
            match step(link, record) {
                Ok(Some(changed)) => record = changed,
                Ok(None) => return Ok(None),
                Err(error) => {
                    return Err(Failed { stage: Stage::Transformation, class: link.class.clone(), error });
                }
            }
        }
        Ok(Some(record))
    }
}
