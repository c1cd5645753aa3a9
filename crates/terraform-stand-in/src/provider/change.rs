//! Changes and imports: what is asked of the cloud, and the state that remains when it fails.

use anyhow::Context;

use super::{Provider, decode, encode, forwarded, to_wire};
use crate::problem::Problem;
use crate::protocol as wire;
use crate::resource::Failed;
use crate::value::Value;

impl Provider {
    pub fn apply(&self, request: wire::ApplyRequest) -> wire::ApplyAnswer {
        let name = &request.type_name;
        let (state, problems) = match self.applied(name, &request) {
            Ok(state) => (state, Vec::new()),
            Err((state, problem)) => (state, vec![problem]),
        };
        wire::ApplyAnswer {
            new_state: Some(encode(&state)),
            diagnostics: to_wire(&problems),
            legacy_type_system: true,
        }
    }

    /// The new state; with a failure, what remains.
    fn applied(&self, name: &str, request: &wire::ApplyRequest) -> Result<Value, (Value, Problem)> {
        let prior = decode(request.prior_state.as_ref()).unwrap_or(Value::Null);
        let failed = |verb: &str, state: Value, error: &anyhow::Error| {
            let id = prior.text("id");
            (state, Problem::failed(format!("cannot {verb} {name} {id}").trim_end().to_owned(), error))
        };
        let prepare = || -> anyhow::Result<_> {
            let planned = decode(request.planned_state.as_ref())?;
            Ok((self.resource(name)?, planned, forwarded(name)?, self.cloud()?))
        };
        let (declaration, planned, resource, cloud) =
            prepare().map_err(|error| failed("apply", prior.clone(), &error))?;
        let settle = |state: Value| declaration.block.settle(&state);
        if planned == Value::Null {
            let deleted = resource.delete(&cloud, &prior);
            return deleted.map(|()| Value::Null).map_err(|error| failed("delete", prior.clone(), &error));
        }
        let state = settle(planned);
        if prior == Value::Null {
            return match resource.create(&cloud, state) {
                Ok(state) => Ok(settle(state)),
                Err(Failed { state, error }) => {
                    Err(failed("create", state.map_or(Value::Null, settle), &error))
                }
            };
        }
        match resource.update(&cloud, &prior, state.clone()) {
            Ok(state) => Ok(settle(state)),
            // The library beneath the real provider keeps the planned values when a change fails.
            Err(Failed { state: remains, error }) => {
                Err(failed("change", settle(remains.unwrap_or(state)), &error))
            }
        }
    }

    pub fn import(&self, request: wire::ImportRequest) -> wire::ImportAnswer {
        match self.imported(&request.type_name, &request.id) {
            Ok(state) => wire::ImportAnswer {
                imported_resources: vec![wire::ImportedResource {
                    type_name: request.type_name,
                    state: Some(encode(&state)),
                }],
                diagnostics: Vec::new(),
            },
            Err(error) => {
                let summary = format!("cannot import {} {}", request.type_name, request.id);
                let problem = Problem::failed(summary, &error);
                wire::ImportAnswer { imported_resources: Vec::new(), diagnostics: vec![problem.to_wire()] }
            }
        }
    }

    fn imported(&self, name: &str, id: &str) -> anyhow::Result<Value> {
        let declaration = self.resource(name)?;
        let (cloud, resource) = (self.cloud()?, forwarded(name)?);
        let state = declaration.block.settle(&resource.import(&cloud, id)?);
        let found = resource.read(&cloud, state)?.context("the cloud has no such object")?;
        Ok(declaration.block.settle(&found))
    }
}
