//! The calls of the protocol: values are decoded, the pure parts asked, and the answer encoded. A failure becomes a
//! diagnostic, never a broken call.

mod change;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context;

use crate::cloud::Cloud;
use crate::declaration::{Declaration, Declarations};
use crate::problem::{Place, Problem};
use crate::resource::Resource;
use crate::value::Value;
use crate::{data, plan, protocol as wire, resource, schema, validate};

/// The provider of one process.
pub struct Provider {
    declarations: Declarations,
    cloud: RwLock<Option<Arc<Cloud>>>,
    stopped: Arc<AtomicBool>,
}

impl Provider {
    /// Reads the declarations.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self { declarations: Declarations::load()?, cloud: RwLock::new(None), stopped: Arc::default() })
    }

    pub fn schema(&self) -> wire::ProviderSchema {
        schema::answer(&self.declarations)
    }

    pub fn prepare(&self, request: wire::PrepareRequest) -> wire::PrepareAnswer {
        let checked = decode(request.config.as_ref());
        let problems = match &checked {
            Ok(config) => validate::check(&self.declarations.provider.block, config),
            Err(error) => vec![Problem::failed("cannot read the provider's configuration", error)],
        };
        wire::PrepareAnswer { prepared_config: request.config, diagnostics: to_wire(&problems) }
    }

    pub fn validate_resource(&self, request: wire::ConfigRequest) -> wire::Diagnostics {
        validated(self.resource(&request.type_name), request.config.as_ref())
    }

    pub fn validate_data_source(&self, request: wire::ConfigRequest) -> wire::Diagnostics {
        validated(self.data_source(&request.type_name), request.config.as_ref())
    }

    pub fn upgrade(&self, request: wire::UpgradeRequest) -> wire::StateAnswer {
        state_answer(self.upgraded(&request).map_err(|error| {
            vec![Problem::failed(format!("cannot read the state of a {}", request.type_name), &error)]
        }))
    }

    fn upgraded(&self, request: &wire::UpgradeRequest) -> anyhow::Result<Value> {
        let declaration = self.resource(&request.type_name)?;
        let raw = request.raw_state.as_ref().context("Terraform sent no state")?;
        let state = serde_json::from_slice(&raw.json).context("the state is no JSON")?;
        Ok(declaration.block.complete(&Value::from_json(&state)))
    }

    pub fn configure(&self, request: wire::ConfigureRequest) -> wire::Diagnostics {
        // Nothing is sent here and nothing refused: a plan may send nothing at all.
        let configured = decode(request.config.as_ref()).map(|config| {
            let cloud = Arc::new(Cloud::new(&config, self.stopped.clone()));
            *self.cloud.write().unwrap_or_else(PoisonError::into_inner) = Some(cloud);
        });
        let problem = configured.err().map(|error| Problem::failed("cannot configure the provider", &error));
        wire::Diagnostics { diagnostics: problem.iter().map(Problem::to_wire).collect() }
    }

    pub fn plan(&self, request: wire::PlanRequest) -> wire::PlanAnswer {
        match self.planned(&request) {
            Ok(plan) => wire::PlanAnswer {
                planned_state: Some(encode(&plan.state)),
                requires_replace: plan.replace.iter().map(Place::to_wire).collect(),
                diagnostics: Vec::new(),
                legacy_type_system: true,
            },
            Err(problems) => wire::PlanAnswer {
                planned_state: request.prior_state,
                requires_replace: Vec::new(),
                diagnostics: to_wire(&problems),
                legacy_type_system: true,
            },
        }
    }

    fn planned(&self, request: &wire::PlanRequest) -> Result<plan::Plan, Vec<Problem>> {
        let read = || -> anyhow::Result<_> {
            let declaration = self.resource(&request.type_name)?;
            let proposed = decode(request.proposed_new_state.as_ref())?;
            Ok((
                declaration,
                proposed,
                decode(request.config.as_ref())?,
                decode(request.prior_state.as_ref())?,
            ))
        };
        let (declaration, proposed, config, prior) = read()
            .map_err(|error| vec![Problem::failed(format!("cannot plan a {}", request.type_name), &error)])?;
        if proposed == Value::Null {
            return Ok(plan::Plan { state: Value::Null, replace: Vec::new() });
        }
        let mut plan = plan::plan(&declaration.block, &config, &prior);
        if let Some(resource) = resource::find(&request.type_name) {
            let cloud = self.cloud().ok();
            resource.adjust(cloud.as_deref(), &config, &prior, &mut plan).map_err(|problem| vec![problem])?;
        }
        Ok(plan)
    }

    pub fn read(&self, request: wire::ReadRequest) -> wire::StateAnswer {
        let name = &request.type_name;
        state_answer(
            self.read_state(name, request.current_state.as_ref())
                .map_err(|error| vec![Problem::failed(format!("cannot read a {name}"), &error)]),
        )
    }

    fn read_state(&self, name: &str, state: Option<&wire::DynamicValue>) -> anyhow::Result<Value> {
        let declaration = self.resource(name)?;
        let state = decode(state)?;
        if state == Value::Null {
            return Ok(state);
        }
        let read = forwarded(name)?.read(self.cloud()?.as_ref(), state)?;
        Ok(read.map_or(Value::Null, |state| declaration.block.settle(&state)))
    }

    pub fn read_data_source(&self, request: wire::ConfigRequest) -> wire::StateAnswer {
        let name = &request.type_name;
        let read = || -> anyhow::Result<Value> {
            let declaration = self.data_source(name)?;
            let config = decode(request.config.as_ref())?;
            // The plan of a new data source: its defaults, and null where it fills in.
            let config =
                declaration.block.settle(&plan::plan(&declaration.block, &config, &Value::Null).state);
            Ok(declaration.block.settle(&data::read(self.cloud()?.as_ref(), name, config)?))
        };
        state_answer(
            read().map_err(|error| vec![Problem::failed(format!("cannot read data {name}"), &error)]),
        )
    }

    pub fn stop(&self) -> wire::StopAnswer {
        self.stopped.store(true, Ordering::Relaxed);
        wire::StopAnswer::default()
    }

    fn cloud(&self) -> anyhow::Result<Arc<Cloud>> {
        let cloud = self.cloud.read().unwrap_or_else(PoisonError::into_inner);
        cloud.clone().context("Terraform has not configured the provider")
    }

    fn resource(&self, name: &str) -> anyhow::Result<&Declaration> {
        self.declarations.resources.get(name).with_context(|| format!("the resource {name} is not declared"))
    }

    fn data_source(&self, name: &str) -> anyhow::Result<&Declaration> {
        self.declarations
            .data_sources
            .get(name)
            .with_context(|| format!("the data source {name} is not declared"))
    }
}

/// The resource of a name, if changes of it are sent.
fn forwarded(name: &str) -> anyhow::Result<&'static dyn Resource> {
    resource::find(name).with_context(|| {
        format!("this stand-in declares {name} but does not make it. It is good for validate, plan and tests that mock it")
    })
}

fn validated(
    declaration: anyhow::Result<&Declaration>,
    config: Option<&wire::DynamicValue>,
) -> wire::Diagnostics {
    let checked =
        declaration.and_then(|declaration| Ok(validate::check(&declaration.block, &decode(config)?)));
    let problems = checked.unwrap_or_else(|error| vec![Problem::failed("cannot validate", &error)]);
    wire::Diagnostics { diagnostics: to_wire(&problems) }
}

fn state_answer(state: Result<Value, Vec<Problem>>) -> wire::StateAnswer {
    match state {
        Ok(state) => wire::StateAnswer { state: Some(encode(&state)), diagnostics: Vec::new() },
        Err(problems) => wire::StateAnswer { state: None, diagnostics: to_wire(&problems) },
    }
}

fn decode(value: Option<&wire::DynamicValue>) -> anyhow::Result<Value> {
    let value = value.context("Terraform sent no value")?;
    if value.msgpack.is_empty() && !value.json.is_empty() {
        return Ok(Value::from_json(&serde_json::from_slice(&value.json)?));
    }
    Value::from_msgpack(&value.msgpack)
}

fn encode(value: &Value) -> wire::DynamicValue {
    wire::DynamicValue { msgpack: value.to_msgpack(), json: Vec::new() }
}

fn to_wire(problems: &[Problem]) -> Vec<wire::Diagnostic> {
    problems.iter().map(Problem::to_wire).collect()
}
