//! The way to the herder, for REST and for programs that have a worker inside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::Registry;
use config::{Catalog as _, ConfigDef, PluginKind, RawConfig};
use metrics::{Labels, Snapshot};
use secrets::MASK;
use spec::ConnectorKind;
use tokio::sync::{mpsc, oneshot};

use crate::command::{Command, PutIf, Reply};
use crate::fencing::Rounds;
use crate::view::{GroupWorker, TaskDetails, View};
use crate::{Announcement, Error, Name, Parts, Result, Roster, Target, TaskId, validate};

/// The longest that a request waits, as in Kafka Connect.
pub(crate) const REQUEST_LIMIT: Duration = Duration::from_secs(90);
/// The longest that the health check waits, as in Kafka Connect.
const HEALTH_LIMIT: Duration = Duration::from_secs(10);
/// The longest that metrics wait: those who scrape have a limit of 10 s.
const METRICS_LIMIT: Duration = Duration::from_secs(5);
/// How often a patch is tried again when somebody else changes the same connector meanwhile.
const PATCH_TRIES: usize = 5;

/// Asks the herder. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    parts: Arc<Parts>,
    ready: Arc<AtomicBool>,
    rounds: Arc<Rounds>,
    roster: Roster,
}

/// A handle that does not keep the herder going. Cheap to clone.
#[derive(Clone)]
pub(crate) struct WeakHandle {
    commands: mpsc::WeakSender<Command>,
    handle: (Arc<Parts>, Arc<AtomicBool>, Arc<Rounds>, Roster),
}

impl WeakHandle {
    /// Where commands go, while the herder goes on.
    pub(crate) fn commands(&self) -> mpsc::WeakSender<Command> {
        self.commands.clone()
    }

    /// Who is of the group.
    pub(crate) fn roster(&self) -> Roster {
        self.handle.3.clone()
    }

    /// The handle, while the herder goes on.
    pub(crate) fn upgrade(&self) -> Result<Handle> {
        let commands = self.commands.upgrade().ok_or(Error::ShuttingDown)?;
        let (parts, ready, rounds, roster) = self.handle.clone();
        Ok(Handle { commands, parts, ready, rounds, roster })
    }
}

/// How the worker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// The connectors of its files are not all created yet.
    Starting,
    /// The herder answers.
    Healthy,
    /// It does not.
    Unhealthy,
}

impl Handle {
    pub(crate) fn new(commands: mpsc::Sender<Command>, parts: Arc<Parts>) -> Self {
        Self { commands, parts, ready: Arc::default(), rounds: Arc::default(), roster: Roster::default() }
    }

    pub(crate) fn downgrade(&self) -> WeakHandle {
        let handle = (self.parts.clone(), self.ready.clone(), self.rounds.clone(), self.roster.clone());
        WeakHandle { commands: self.commands.downgrade(), handle }
    }

    pub(crate) fn rounds(&self) -> &Rounds {
        &self.rounds
    }

    /// Who is of the group.
    pub fn roster(&self) -> Roster {
        self.roster.clone()
    }

    /// The plugins.
    pub fn registry(&self) -> &Registry {
        &self.parts.registry
    }

    /// What is wrong with this worker now, each with what to do.
    pub fn problems(&self) -> Vec<String> {
        self.parts.problems.all()
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The framework's keys of a connector.
    pub fn framework_keys(&self, kind: ConnectorKind) -> ConfigDef {
        spec::keys::definition(kind, &self.parts.defaults)
    }

    /// Says that the worker has completed startup.
    pub fn set_ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// How the worker is.
    pub async fn health(&self) -> Health {
        let answer = tokio::time::timeout(HEALTH_LIMIT, self.ask(Command::Ping)).await;
        match (answer, self.ready.load(Ordering::Acquire)) {
            (_, false) => Health::Starting,
            (Ok(Ok(())), true) => Health::Healthy,
            (Ok(Err(_)) | Err(_), true) => Health::Unhealthy,
        }
    }

    pub(crate) async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let asked = async {
            self.commands.send(command(reply)).await.map_err(|_| Error::ShuttingDown)?;
            answer.await.map_err(|_| Error::ShuttingDown)
        };
        match tokio::time::timeout(REQUEST_LIMIT, asked).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::TimedOut(format!(
                "the worker did not answer within {} s; what was asked for may still happen",
                REQUEST_LIMIT.as_secs()
            ))),
        }
    }

    /// The names of all connectors.
    ///
    /// # Errors
    /// The worker shuts down or does not answer; so for all requests.
    pub async fn connectors(&self) -> Result<Vec<Name>> {
        self.ask(Command::Names).await
    }

    /// All connectors.
    pub async fn views(&self) -> Result<Vec<View>> {
        self.ask(Command::Views).await
    }

    /// One connector, if there is one of this name.
    pub async fn view(&self, name: &str) -> Result<Option<View>> {
        self.ask(|reply| Command::View(name.into(), reply)).await
    }

    /// What a task has done since it was started, while it runs.
    pub fn task_details(&self, connector: &str, task: u32) -> Option<TaskDetails> {
        let id = TaskId { connector: connector.into(), task };
        let task = self.parts.running.lock().get(&id)?.task.clone();
        let counts = task.counts();
        let clock = &self.parts.clock;
        let wait = counts.next_attempt_at.map(|at| at.saturating_sub(clock.elapsed()));
        let next_attempt_at_ms = wait.map(|wait| clock.now_ms() + wait.as_millis() as i64);
        let lasts = counts.failing_since.map(|since| clock.elapsed().saturating_sub(since));
        let failing_since_ms = lasts.map(|lasts| clock.now_ms() - lasts.as_millis() as i64);
        let lasts = counts.calling_since.map(|since| clock.elapsed().saturating_sub(since));
        let calling_since_ms = lasts.map(|lasts| clock.now_ms() - lasts.as_millis() as i64);
        Some(TaskDetails { counts, next_attempt_at_ms, failing_since_ms, calling_since_ms })
    }

    /// The time, in milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.parts.clock.now_ms()
    }

    /// The metrics of this moment.
    ///
    /// # Errors
    /// The worker shuts down or does not answer in time: whoever asks regularly must not pile up.
    pub async fn metrics(&self) -> Result<Snapshot> {
        let known = tokio::time::timeout(METRICS_LIMIT, self.ask(Command::Metrics)).await;
        let mut snapshot = known.unwrap_or_else(|_| {
            let seconds = METRICS_LIMIT.as_secs();
            Err(Error::TimedOut(format!("the worker did not answer within {seconds} s; see its log")))
        })?;
        let running: Vec<_> = {
            let running = self.parts.running.lock();
            running.iter().map(|(id, entry)| (id.clone(), entry.run, entry.task.clone())).collect()
        };
        for (id, run, task) in running {
            snapshot.set_run(&Labels::task(&id.connector, id.task), run);
            task.report(&mut snapshot);
        }
        Ok(snapshot)
    }

    /// Checks a config, as sent.
    ///
    /// # Errors
    /// There is no such plugin, or a reference cannot be looked up.
    pub async fn validate(&self, sent: RawConfig) -> Result<spec::Validation> {
        validate::validate(&self.parts, sent).await
    }

    /// Creates a connector.
    ///
    /// # Errors
    /// Its config is not valid, or there is one of this name.
    pub async fn create(&self, name: &str, config: RawConfig, target: Option<Target>) -> Result<View> {
        let name = name.trim();
        let config = self.unmasked(with_name(name, config)?, None)?;
        validate::check(&self.parts, &config).await?;
        let put = |reply| {
            let condition = PutIf::Absent;
            Command::Put { name: name.into(), config, target, condition, reply }
        };
        Ok(self.ask(put).await??.1)
    }

    /// Creates a connector or gives it another config. Answers whether it is new. A mask in the place of a secret keeps the
    /// secret that is stored.
    ///
    /// # Errors
    /// The config is not valid.
    pub async fn put_config(&self, name: &str, config: RawConfig) -> Result<(bool, View)> {
        let config = with_name(name, config)?;
        if config.iter().any(|(_, value)| value.is_some_and(|value| value.contains(MASK))) {
            return self.replace(name, |_| Ok(config.clone())).await;
        }
        validate::check(&self.parts, &config).await?;
        let put = |reply| {
            let (condition, target) = (PutIf::Always, None);
            Command::Put { name: name.into(), config, target, condition, reply }
        };
        self.ask(put).await?
    }

    /// Changes keys of a connector's config; null takes a key out. A mask in the place of a secret keeps it.
    ///
    /// # Errors
    /// There is no such connector, or the config is not valid then.
    pub async fn patch_config(&self, name: &str, changes: &RawConfig) -> Result<View> {
        let change = |known: Option<&RawConfig>| {
            let not_found = || Error::NotFound(format!("Connector {name} not found"));
            let mut config = known.ok_or_else(not_found)?.clone();
            for (key, value) in changes.iter() {
                match value {
                    Some(value) => config.set(key, value),
                    None => _ = config.remove(key),
                }
            }
            with_name(name, config)
        };
        self.replace(name, change).await.map(|(_, view)| view)
    }

    /// Gives a connector the config that is made of its present one, which nobody else changes meanwhile.
    async fn replace(
        &self,
        name: &str,
        make: impl Fn(Option<&RawConfig>) -> Result<RawConfig>,
    ) -> Result<(bool, View)> {
        for _ in 0..PATCH_TRIES {
            let known = self.view(name).await?.map(|view| view.config);
            let config = self.unmasked(make(known.as_ref())?, known.as_ref())?;
            validate::check(&self.parts, &config).await?;
            let put = |reply| {
                let condition = known.map_or(PutIf::Absent, PutIf::Same);
                Command::Put { name: name.into(), config, target: None, condition, reply }
            };
            match self.ask(put).await? {
                Err(Error::Conflict(_)) => continue,
                answer => return answer,
            }
        }
        Err(Error::Conflict(format!(
            "Connector {name} is being changed by others all the time; send the request again"
        )))
    }

    fn unmasked(&self, config: RawConfig, known: Option<&RawConfig>) -> Result<RawConfig> {
        let nothing = RawConfig::new();
        let class = config.get("connector.class").unwrap_or_default().trim();
        let plugin = self.parts.registry.find(class, &[PluginKind::Source, PluginKind::Sink]);
        let declared = |key: &str| Some(plugin?.definition.key(key)?.value_type);
        secrets::unmasked(&config, known.unwrap_or(&nothing), declared).map_err(|keys| {
            Error::Refused(format!(
                "{MASK} is shown in the place of a secret, and no secret is stored for {}; send the secret itself, or a \
                 reference to it",
                keys.join(", ")
            ))
        })
    }

    /// Deletes a connector; it has stopped when this returns.
    ///
    /// # Errors
    /// There is none of this name.
    pub async fn delete(&self, name: &str) -> Result<()> {
        self.ask(|reply| Command::Delete(name.into(), reply)).await?
    }

    /// Sets what is wanted of a connector; it happens afterwards.
    ///
    /// # Errors
    /// There is none of this name.
    pub async fn set_target(&self, name: &str, target: Target) -> Result<()> {
        self.ask(|reply| Command::SetTarget(name.into(), target, reply)).await?
    }

    /// Starts the connector object anew and waits until it has started.
    ///
    /// # Errors
    /// There is none of this name, or it failed.
    pub async fn restart_object(&self, name: &str) -> Result<()> {
        self.ask(|reply| Command::RestartObject(name.into(), reply)).await?
    }

    /// Starts the connector object and, if asked for, tasks anew. Answers at once with what is going to be restarted.
    ///
    /// # Errors
    /// There is none of this name.
    pub async fn restart(&self, name: &str, include_tasks: bool, only_failed: bool) -> Result<View> {
        let name = name.into();
        self.ask(|reply| Command::Restart { name, include_tasks, only_failed, reply }).await?
    }

    /// Starts a task anew; it happens afterwards.
    ///
    /// # Errors
    /// There is no such task.
    pub async fn restart_task(&self, name: &str, task: u32) -> Result<()> {
        self.ask(|reply| Command::RestartTask(name.into(), task, reply)).await?
    }

    /// Stores the configs of a connector's tasks, which another worker of the group hands in because it has the connector.
    ///
    /// # Errors
    /// This worker does not lead the group, or there is no such connector.
    pub async fn put_task_configs(&self, name: &str, configs: Vec<RawConfig>) -> Result<()> {
        self.ask(|reply| Command::PutTasks(name.into(), configs, reply)).await?
    }

    /// Tells all workers of the group to give a logger this level.
    ///
    /// # Errors
    /// The config topic cannot be written.
    pub async fn announce(&self, announcement: Announcement) -> Result<()> {
        self.ask(|reply| Command::Announce(announcement, reply)).await?
    }

    /// The workers of the group; none for a standalone worker.
    ///
    /// # Errors
    /// Another worker leads the group and knows them, or nobody is known to lead it.
    pub async fn workers(&self) -> Result<Vec<GroupWorker>> {
        self.ask(Command::Workers).await?
    }

    /// Whether this worker may do what only the leader of a group may; a standalone worker may.
    ///
    /// # Errors
    /// Somebody else leads, or nobody is known to.
    pub(crate) async fn lead(&self) -> Result<()> {
        self.ask(Command::Lead).await?
    }

    /// The topics that a connector used. Kafka Connect answers for connectors that it does not know, too.
    ///
    /// # Errors
    /// Topics are not tracked.
    pub async fn topics(&self, name: &str) -> Result<Vec<String>> {
        self.topics_tracked()?;
        Ok(self.view(name).await?.map(|view| view.topics).unwrap_or_default())
    }

    /// Forgets the topics that a connector used.
    ///
    /// # Errors
    /// Topics are not tracked, or cannot be forgotten on request.
    pub async fn reset_topics(&self, name: &str) -> Result<()> {
        self.topics_tracked()?;
        if !self.parts.topic_reset {
            return Err(Error::Forbidden("Topic tracking reset is disabled.".to_owned()));
        }
        self.ask(|reply| Command::ResetTopics(name.into(), reply)).await?
    }

    fn topics_tracked(&self) -> Result<()> {
        match self.parts.topic_tracking {
            true => Ok(()),
            false => Err(Error::Forbidden("Topic tracking is disabled.".to_owned())),
        }
    }

    /// Waits until nothing of a connector lives.
    pub(crate) async fn at_rest(&self, name: &str) -> Result<()> {
        self.ask(|reply| Command::AtRest(name.into(), reply)).await
    }

    /// Has the other workers of the group be ready for this one's leave, so that its work stands still for a moment only.
    /// All of it goes on meanwhile. As a rule this takes as long as the next heartbeat of each; who waits sees to a limit.
    pub async fn rally(&self) {
        let _ = self.ask(Command::Rally).await; // it has ended already
    }

    /// Stops all connectors and tasks and ends the herder's loop; no request is answered any more.
    pub async fn shut_down(&self) {
        let _ = self.ask(Command::ShutDown).await; // it has ended already
    }
}

/// The config with its `name`.
fn with_name(name: &str, mut config: RawConfig) -> Result<RawConfig> {
    match config.get("name") {
        Some(given) if given != name => Err(Error::Refused(format!(
            "Connector name configuration ({given}) doesn't match connector name in the URL ({name})"
        ))),
        Some(_) => Ok(config),
        None => {
            config.set("name", name);
            Ok(config)
        }
    }
}
