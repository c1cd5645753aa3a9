//! A scratch folder with a root, Terraform, the provider that is under test, and a fake cloud.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fake_confluent_cloud::{Options, Server};
use serde_json::{Value as Json, json};

/// One root with its own state and its own cloud.
pub struct Workspace {
    folder: tempfile::TempDir,
    fake: Server,
    terraform: PathBuf,
}

/// What Terraform said.
pub struct Run {
    pub is_success: bool,
    /// Both streams, as one text without line breaks that depend on the width.
    pub text: String,
}

/// Where Terraform is; says that a test is skipped when there is none.
pub fn terraform(test: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&paths).map(|folder| folder.join("terraform")).find(|file| file.is_file());
    if found.is_none() {
        testkit::skip(test, "terraform is not on the PATH");
    }
    found
}

impl Workspace {
    /// A root made of these texts, each a file.
    pub async fn start(test: &str, files: &[(&str, &str)], options: Options) -> Option<Self> {
        let terraform = terraform(test)?;
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let binary = Path::new(env!("CARGO_BIN_EXE_terraform-provider-confluent"));
        let overrides = format!(
            "provider_installation {{\n  dev_overrides {{\n    \"confluentinc/confluent\" = {:?}\n  }}\n}}\n",
            binary.parent().unwrap()
        );
        std::fs::write(folder.path().join("cli.tfrc"), overrides).unwrap();
        let fake = Server::start(options).await.unwrap();
        Some(Self { folder, fake, terraform })
    }

    /// The root with every resource.
    pub async fn everything(test: &str, options: Options) -> Option<Self> {
        Self::start(test, &[("main.tf", include_str!("../roots/everything/main.tf"))], options).await
    }

    /// A Basic cluster with a key and a topic, and what a test adds.
    pub async fn small(test: &str, more: &str) -> Option<Self> {
        let files = [("main.tf", include_str!("../roots/small/main.tf")), ("more.tf", more)];
        Self::start(test, &files, Options::default()).await
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn url(&self) -> String {
        self.fake.url().to_owned()
    }

    /// Runs Terraform with the fake's address and these variables.
    pub fn terraform(
        &self,
        arguments: &[&str],
        variables: &[(&str, &str)],
        environment: &[(&str, &str)],
    ) -> Run {
        let mut command = Command::new(&self.terraform);
        command
            .args(arguments)
            .current_dir(self.path())
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("TF_CLI_ARGS", "-no-color")
            .env("TF_CLI_CONFIG_FILE", self.path().join("cli.tfrc"))
            .env("TF_VAR_endpoint", self.url());
        for (name, value) in variables {
            command.env(format!("TF_VAR_{name}"), value);
        }
        command.envs(environment.iter().copied());
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = format!("{}\n{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        // Terraform breaks lines of problems and puts a bar before each.
        let text = text.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        Run { is_success: status.success(), text }
    }

    /// Applies, which must succeed.
    pub fn apply(&self, variables: &[(&str, &str)]) -> Run {
        let run = self.try_apply(variables);
        assert!(run.is_success, "{}", run.text);
        run
    }

    pub fn try_apply(&self, variables: &[(&str, &str)]) -> Run {
        self.terraform(&["apply", "-auto-approve"], variables, &[])
    }

    pub fn destroy(&self) {
        let run = self.terraform(&["destroy", "-auto-approve"], &[], &[]);
        assert!(run.is_success, "{}", run.text);
    }

    /// What a plan would do, `address: actions`, without what stays as it is. The plan must succeed.
    pub fn plan(&self, variables: &[(&str, &str)]) -> Vec<String> {
        let run = self.try_plan(variables);
        assert!(run.is_success, "{}", run.text);
        let shown = self.show("plan.out");
        let changes = shown["resource_changes"].as_array().cloned().unwrap_or_default();
        let actions = |change: &Json| -> Vec<String> {
            let actions = change["change"]["actions"].as_array().cloned().unwrap_or_default();
            actions.iter().filter_map(Json::as_str).map(str::to_owned).collect()
        };
        changes
            .iter()
            .filter(|change| actions(change) != ["no-op"] && actions(change) != ["read"])
            .map(|change| format!("{}: {}", change["address"].as_str().unwrap(), actions(change).join("+")))
            .collect()
    }

    pub fn try_plan(&self, variables: &[(&str, &str)]) -> Run {
        self.terraform(&["plan", "-out=plan.out"], variables, &[])
    }

    /// A plan file as JSON; without a name the state.
    pub fn show(&self, file: &str) -> Json {
        let mut command = Command::new(&self.terraform);
        command.args(["show", "-json"]).args((!file.is_empty()).then_some(file)).current_dir(self.path());
        command.env("TF_CLI_CONFIG_FILE", self.path().join("cli.tfrc")).env("CHECKPOINT_DISABLE", "1");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The values of a resource in the state.
    pub fn state(&self, address: &str) -> Json {
        let shown = self.show("");
        let resources = shown["values"]["root_module"]["resources"].as_array().cloned().unwrap_or_default();
        let found = resources.into_iter().find(|resource| resource["address"] == address);
        found.unwrap_or_else(|| panic!("{address} is not in the state"))
    }

    /// A hook of the fake.
    pub fn hook(&self, method: &str, path: &str, body: &Json) -> Json {
        let url = format!("{}/fake/v1/{path}", self.url());
        let agent = ureq::agent();
        let mut answer = match method {
            "GET" => agent.get(&url).call().unwrap(),
            "DELETE" => agent.delete(&url).call().unwrap(),
            _ => agent.post(&url).header("Content-Type", "application/json").send(body.to_string()).unwrap(),
        };
        let text = answer.body_mut().read_to_string().unwrap();
        if text.is_empty() { Json::Null } else { serde_json::from_str(&text).unwrap() }
    }

    /// Changes an object behind Terraform's back; a null patch deletes it.
    pub fn change(&self, kind: &str, id: &str, patch: &Json) {
        self.hook("POST", "change", &json!({"kind": kind, "id": id, "patch": patch}));
    }

    /// Makes requests fail.
    pub fn fail(&self, rule: &Json) {
        self.hook("POST", "failures", rule);
    }

    pub fn heal(&self) {
        self.hook("DELETE", "failures", &Json::Null);
    }

    /// What clients have made, by kind.
    pub fn counts(&self) -> Json {
        self.hook("GET", "state", &Json::Null)["counts"].clone()
    }

    pub fn forget_requests(&self) {
        self.hook("DELETE", "requests", &Json::Null);
    }

    /// Requests since they were forgotten that change something, with their bodies.
    pub fn changes_sent(&self) -> Vec<(String, Json)> {
        let log = self.hook("GET", "requests", &Json::Null);
        let requests = log["requests"].as_array().cloned().unwrap_or_default();
        let text = |request: &Json, name: &str| request[name].as_str().unwrap_or_default().to_owned();
        requests
            .iter()
            .filter(|request| request["method"] != "GET")
            .map(|request| {
                (format!("{} {}", text(request, "method"), text(request, "path")), request["body"].clone())
            })
            .collect()
    }

    /// How often something was asked.
    pub fn reads_of(&self, path: &str) -> usize {
        let log = self.hook("GET", "requests", &Json::Null);
        let requests = log["requests"].as_array().cloned().unwrap_or_default();
        requests
            .iter()
            .filter(|request| request["method"] == "GET")
            .filter(|request| request["path"].as_str().is_some_and(|asked| asked.contains(path)))
            .count()
    }
}
