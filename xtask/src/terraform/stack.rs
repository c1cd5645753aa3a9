//! One root with a state of its own, on loopback.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Map, Value};

use super::command::{Finished, finish};
use super::fake::{CLOUD_KEY, CLOUD_SECRET, Fake};
use super::moto::Moto;
use super::providers::Providers;
use super::tools::Tool;
use super::{changes, environment, loopback};

const LIMIT: Duration = Duration::from_secs(1200);

/// Outputs of `show -json` end so: they are documents, not logs.
pub const DOCUMENT: &str = ".json.out";

/// Where everything is that an apply needs.
#[derive(Debug, Clone)]
pub struct Clouds {
    /// Confluent's API.
    pub confluent: String,
    /// All of AWS's.
    pub aws: String,
}

impl Clouds {
    /// Those of the two emulators.
    pub fn of(fake: &Fake, moto: &Moto) -> Self {
        Self { confluent: fake.url.clone(), aws: moto.url.clone() }
    }
}

/// A root in a scratch copy.
#[derive(Debug)]
pub struct Stack<'a> {
    /// Its name in reports.
    pub name: String,
    folder: PathBuf,
    tool: &'a Tool,
    providers: &'a Providers,
    clouds: Clouds,
    logs: PathBuf,
    takes_endpoint: bool,
    /// Variables that it declares.
    pub variables: Vec<String>,
}

/// A plan that was made and saved.
#[derive(Debug)]
pub struct Plan {
    /// The document that `show -json` gives.
    pub document: Value,
    file: String,
}

impl<'a> Stack<'a> {
    /// Prepares a root: local state, and values for those of its variables that `values` names.
    ///
    /// # Errors
    /// The root cannot be read, or could lead elsewhere than to loopback.
    pub fn prepare(
        name: &str,
        folder: &Path,
        tool: &'a Tool,
        providers: &'a Providers,
        clouds: &Clouds,
        logs: &Path,
        values: &Map<String, Value>,
    ) -> anyhow::Result<Self> {
        loopback::check_providers(folder)?;
        // State stays here; a file of its own holds the backend.
        let backend = folder.join("backend.tf");
        if backend.exists() {
            std::fs::remove_file(backend)?;
        }
        let module = lint::terraform::Module::read(folder)?;
        let variables: Vec<_> = module.variables.into_iter().map(|variable| variable.name).collect();
        let given: Map<String, Value> = values
            .iter()
            .filter(|(name, _)| variables.contains(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        std::fs::write(folder.join("emulated.auto.tfvars.json"), Value::Object(given).to_string())?;
        let logs = logs.join(name.replace('/', "-"));
        std::fs::create_dir_all(&logs)?;
        let stack = Self {
            name: name.to_owned(),
            folder: folder.to_owned(),
            tool,
            providers,
            clouds: clouds.clone(),
            logs,
            takes_endpoint: variables.iter().any(|name| name == loopback::CONFLUENT_ENDPOINT),
            variables,
        };
        stack.run("init", &["init", "-input=false", "-no-color"])?.success().context("init")?;
        Ok(stack)
    }

    /// Makes a plan; `values` go before all others.
    ///
    /// # Errors
    /// It fails.
    pub fn plan(&self, what: &str, values: &[(&str, String)]) -> anyhow::Result<Plan> {
        self.plan_with(what, &[], values)
    }

    /// Makes a plan to destroy everything.
    ///
    /// # Errors
    /// It fails.
    pub fn plan_destroy(&self) -> anyhow::Result<Plan> {
        self.plan_with("destroy-plan", &["-destroy"], &[])
    }

    fn plan_with(&self, what: &str, flags: &[&str], values: &[(&str, String)]) -> anyhow::Result<Plan> {
        let file = format!("{what}.tfplan");
        let mut arguments = vec!["plan".to_owned(), "-input=false".to_owned(), "-no-color".to_owned()];
        arguments.push(format!("-out={file}"));
        arguments.extend(flags.iter().map(|&flag| flag.to_owned()));
        if self.takes_endpoint {
            arguments.push(format!("-var={}={}", loopback::CONFLUENT_ENDPOINT, self.clouds.confluent));
        }
        arguments.extend(values.iter().map(|(name, value)| format!("-var={name}={value}")));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.run(what, &arguments)?.success().with_context(|| format!("plan ({what})"))?;
        let document = self.show(what, &[&file])?;
        Ok(Plan { document, file })
    }

    /// Applies a plan, after a look at where it leads.
    ///
    /// # Errors
    /// It leads elsewhere than to loopback, or fails.
    pub fn apply(&self, what: &str, plan: &Plan) -> anyhow::Result<()> {
        loopback::check_plan(&plan.document)?;
        self.run(what, &["apply", "-input=false", "-no-color", &plan.file])?.success().context("apply")?;
        Ok(())
    }

    /// The state, as `show -json` gives it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn state(&self, what: &str) -> anyhow::Result<Value> {
        self.show(what, &[])
    }

    /// Values of its outputs.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn outputs(&self) -> anyhow::Result<Map<String, Value>> {
        let state = self.state("outputs")?;
        let outputs = state["values"]["outputs"].as_object().cloned().unwrap_or_default();
        Ok(outputs.into_iter().map(|(name, output)| (name, output["value"].clone())).collect())
    }

    /// A second plan finds nothing to do.
    ///
    /// # Errors
    /// It would change something that is not the emulator's own.
    pub fn settled(&self, what: &str) -> anyhow::Result<Plan> {
        let plan = self.plan(what, &[])?;
        let changes = changes::without_emulators(changes::planned(&plan.document));
        ensure!(changes.is_empty(), "a plan after an apply is not empty: {}", changes::shown(&changes));
        Ok(plan)
    }

    /// Where its logs are.
    pub fn logs(&self) -> &Path {
        &self.logs
    }

    fn show(&self, what: &str, arguments: &[&str]) -> anyhow::Result<Value> {
        let all: Vec<&str> = ["show", "-json", "-no-color"].iter().chain(arguments).copied().collect();
        let text = self.run(&format!("{what}.json"), &all)?.success().context("show")?;
        Ok(serde_json::from_str(&text)?)
    }

    fn run(&self, what: &str, arguments: &[&str]) -> anyhow::Result<Finished> {
        let mut command = self.command();
        command.args(arguments);
        loopback::check_environment(&command)?;
        finish(&mut command, &self.logs.join(what), LIMIT)
    }

    fn command(&self) -> Command {
        let mut command = self.tool.command();
        environment::prepare(&mut command, &self.providers.config);
        command
            .env(loopback::AWS_ENDPOINT, &self.clouds.aws)
            .env("CONFLUENT_CLOUD_API_KEY", CLOUD_KEY)
            .env("CONFLUENT_CLOUD_API_SECRET", CLOUD_SECRET)
            .current_dir(&self.folder);
        command
    }
}
