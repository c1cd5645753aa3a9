//! A run: the group begins, things go wrong, everything is healed, and what must hold is looked at.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value as Json;
use sluice_chaos::Doubles;

use super::faults::{Fault, Plan, Request};
use super::program::{Program, Signal};
use super::rest::Client;
use super::site::{HEARTBEAT, SESSION, SINK, SOURCES, Site, WORKERS};
use crate::verdict::{Kind, Verdict};

/// The run looks around this often.
const LOOK: Duration = Duration::from_millis(20);
/// Sources get a number this often.
const PACE: Duration = Duration::from_millis(50);
/// So many numbers are sent of each sequence.
const LENGTH: u64 = 300;
/// So long after everything was healed all must be well.
const HEALING: Duration = Duration::from_secs(60);
/// So long all workers may take to stop.
const STOPPING: Duration = Duration::from_secs(20);
/// So long a worker may go on with what it has lost while it did not move.
const GRACE: Duration = Duration::from_secs(3);

/// Runs a seed on the embedded broker, or on Apache Kafka's.
///
/// # Errors
/// A program cannot be started, or topics not be read.
pub fn run(seed: u64, apache: bool) -> anyhow::Result<Verdict> {
    let plan = Plan::draw(seed);
    let site = Site::start(apache, plan.kind == Kind::ExactlyOnce)?;
    let mut run = Run {
        kind: plan.kind,
        site,
        workers: std::array::from_fn(|_| Worker::default()),
        client: Client::new(),
        begun: Instant::now(),
        sent: Instant::now(),
        later: Vec::new(),
        open: Vec::new(),
        trace: Vec::new(),
        violations: Vec::new(),
    };
    run.suffer(plan)?;
    run.heal()?;
    run.end()?;
    if !run.violations.is_empty() {
        let folder = run.site.keep();
        run.tell(&format!("the workers' logs are in {}", folder.display()));
    }
    let took = run.begun.elapsed();
    Ok(Verdict {
        kind: run.kind,
        violations: run.violations,
        fingerprint: None,
        trace: run.trace,
        simulated: took,
    })
}

#[derive(Default)]
struct Worker {
    process: Option<Program>,
    /// Whether it was told to end.
    ending: bool,
    frozen_since: Option<Instant>,
    /// Until when it may go on with what it has lost.
    dazed: Option<Instant>,
}

/// What ends a fault.
#[derive(Debug, Clone, Copy)]
enum Later {
    Start(usize),
    Continue(usize),
    ContinueBroker,
}

/// What somebody wants.
struct Wish {
    connector: &'static str,
    request: Request,
    until: Instant,
    next: Instant,
    worker: usize,
}

struct Run {
    kind: Kind,
    site: Site,
    workers: [Worker; WORKERS],
    client: Client,
    begun: Instant,
    /// When numbers were sent last.
    sent: Instant,
    later: Vec<(Instant, Later)>,
    open: Vec<Wish>,
    trace: Vec<String>,
    violations: Vec<String>,
}

impl Run {
    fn tell(&mut self, what: &str) {
        self.trace.push(format!("{:>7.3} s  {what}", self.begun.elapsed().as_secs_f64()));
    }

    fn violated(&mut self, what: String) {
        self.tell(&format!("VIOLATED: {what}"));
        self.violations.push(what);
    }

    fn start(&mut self, index: usize) -> anyhow::Result<()> {
        if self.workers[index].process.is_none() {
            self.tell(&format!("w{index} starts"));
            self.workers[index] =
                Worker { process: Some(self.site.start_worker(index)?), ..Worker::default() };
        }
        Ok(())
    }

    fn want(&mut self, connector: &'static str, request: Request, worker: usize, patience: Duration) {
        let now = Instant::now();
        self.open.push(Wish { connector, request, until: now + patience, next: now, worker });
    }

    // -- the three parts ---------------------------------------------------------------------------------------

    fn suffer(&mut self, plan: Plan) -> anyhow::Result<()> {
        for index in 0..WORKERS {
            self.start(index)?;
        }
        for connector in SOURCES.into_iter().chain([SINK]) {
            self.want(connector, Request::Put(0), 0, HEALING);
        }
        let mut faults = plan.faults.into_iter().peekable();
        while self.begun.elapsed() < plan.end {
            while let Some((_, fault)) = faults.next_if(|(at, _)| *at <= self.begun.elapsed()) {
                self.tell(&format!("{fault:?}"));
                self.begin(fault)?;
            }
            self.step()?;
        }
        Ok(())
    }

    fn heal(&mut self) -> anyhow::Result<()> {
        self.tell("everything is healed");
        self.open.clear();
        for (_, later) in std::mem::take(&mut self.later) {
            self.end_fault(later)?;
        }
        for connector in SOURCES.into_iter().chain([SINK]) {
            self.want(connector, Request::Put(1_000), 0, HEALING);
        }
        let healed = Instant::now();
        let (mut resumed, mut looked) = (false, healed);
        loop {
            self.step()?;
            for index in 0..WORKERS {
                self.start(index)?;
            }
            if self.open.is_empty() && !resumed {
                resumed = true;
                for connector in SOURCES.into_iter().chain([SINK]) {
                    self.want(connector, Request::Resume, 1, HEALING);
                }
            }
            if looked.elapsed() < Duration::from_millis(300) {
                continue;
            }
            looked = Instant::now();
            let trouble = if resumed && self.open.is_empty() {
                self.trouble()?
            } else {
                Some("requests are not answered".to_owned())
            };
            let Some(trouble) = trouble else { return Ok(()) };
            if healed.elapsed() > HEALING {
                self.violated(format!("it does not become well: {trouble}"));
                return Ok(());
            }
        }
    }

    fn end(&mut self) -> anyhow::Result<()> {
        for worker in &mut self.workers {
            if let Some(process) = &worker.process {
                worker.ending = true;
                process.tell(Signal::Terminate)?;
            }
        }
        let begun = Instant::now();
        while self.workers.iter().any(|worker| worker.process.is_some()) && begun.elapsed() < STOPPING {
            self.step()?;
        }
        if self.workers.iter().any(|worker| worker.process.is_some()) {
            self.violated(format!("the workers do not stop within {} s", STOPPING.as_secs()));
        }
        let source_doubles = match self.kind {
            Kind::Rough => Doubles::Allowed,
            Kind::Clean | Kind::ExactlyOnce => Doubles::Forbidden,
        };
        let sink_doubles = if self.kind == Kind::Clean { Doubles::Forbidden } else { Doubles::Allowed };
        let lengths = self.site.lengths().clone();
        for problem in self.site.arrived()?.problems(&lengths, source_doubles) {
            self.violated(format!("in the topic: {problem}"));
        }
        for problem in self.site.written()?.problems(&lengths, sink_doubles) {
            self.violated(format!("in the sink's file: {problem}"));
        }
        Ok(())
    }

    // -- what passes -------------------------------------------------------------------------------------------

    fn step(&mut self) -> anyhow::Result<()> {
        let now = Instant::now();
        let due: Vec<Later> =
            self.later.extract_if(.., |(at, _)| *at <= now).map(|(_, later)| later).collect();
        for later in due {
            self.end_fault(later)?;
        }
        if self.sent.elapsed() >= PACE {
            self.sent = now;
            self.site.send_next(LENGTH)?;
        }
        self.ask();
        self.notice_ends()?;
        self.one_reader_each();
        std::thread::sleep(LOOK);
        Ok(())
    }

    fn notice_ends(&mut self) -> anyhow::Result<()> {
        for index in 0..WORKERS {
            let worker = &mut self.workers[index];
            let Some(process) = &mut worker.process else { continue };
            let Some(status) = process.ended()? else { continue };
            let expected = worker.ending && (status.success() || status.code().is_none());
            *worker = Worker::default();
            match expected {
                true => self.tell(&format!("w{index} has ended")),
                false => self.violated(format!("w{index} has ended by itself: {status}")),
            }
        }
        Ok(())
    }

    // A task of FileStreamSource has its file open: who has not just been away must be the only one.
    fn one_reader_each(&mut self) {
        let now = Instant::now();
        let mut several = Vec::new();
        for source in SOURCES {
            let input = self.site.input(source);
            let reads = |worker: &Worker| {
                let excused = worker.frozen_since.is_some() || worker.dazed.is_some_and(|until| until > now);
                !excused && worker.process.as_ref().is_some_and(|process| process.has_open(&input))
            };
            let readers: Vec<usize> = (0..WORKERS).filter(|index| reads(&self.workers[*index])).collect();
            // They were looked at one after another: what moved meanwhile is seen by a second look.
            if readers.len() > 1 && readers.iter().all(|index| reads(&self.workers[*index])) {
                several.push(format!("{source} is read by {readers:?} at once"));
            }
        }
        several.into_iter().for_each(|what| self.violated(what));
    }

    // -- requests ----------------------------------------------------------------------------------------------

    fn ask(&mut self) {
        let now = Instant::now();
        for mut wish in std::mem::take(&mut self.open) {
            if wish.next > now {
                self.open.push(wish);
                continue;
            }
            let answer = match self.workers[wish.worker].frozen_since {
                Some(_) => Err("it stands still".to_owned()),
                None => self.send(&wish),
            };
            let what = format!("{}: {:?}", wish.connector, wish.request);
            match answer {
                Ok((200..=299, _)) => self.tell(&format!("{what}: done")),
                Ok((400 | 404, text)) if self.is_final(&wish) => {
                    self.tell(&format!("{what}: refused: {text}"))
                }
                _ if now > wish.until => self.tell(&format!("{what}: given up")),
                _ => {
                    wish.next = now + Duration::from_millis(300);
                    wish.worker = (wish.worker + 1) % WORKERS;
                    self.open.push(wish);
                }
            }
        }
    }

    // A worker that has just started may not know of a connector yet.
    fn is_final(&self, wish: &Wish) -> bool {
        !matches!(wish.request, Request::Put(_)) && wish.until < Instant::now() + Duration::from_secs(10)
    }

    fn send(&self, wish: &Wish) -> Result<(u16, String), String> {
        let port = self.site.port(wish.worker);
        let path = format!("/connectors/{}", wish.connector);
        let send = |method: &str, end: &str| self.client.send(method, port, &format!("{path}{end}"), None);
        match wish.request {
            Request::Put(stamp) => {
                let config = self.site.config(wish.connector, stamp);
                self.client.send("PUT", port, &format!("{path}/config"), Some(&config))
            }
            Request::Pause => send("PUT", "/pause"),
            Request::Stop => send("PUT", "/stop"),
            Request::Resume => send("PUT", "/resume"),
            Request::Restart => send("POST", "/restart?includeTasks=true"),
            Request::Delete => send("DELETE", ""),
        }
    }

    // -- faults ------------------------------------------------------------------------------------------------

    fn begin(&mut self, fault: Fault) -> anyhow::Result<()> {
        let now = Instant::now();
        match fault {
            Fault::Terminate(index, back) | Fault::Kill(index, back) => {
                let terminates = matches!(fault, Fault::Terminate(..));
                let worker = &mut self.workers[index];
                // A signal would wait until the process goes on.
                let Some(process) = worker.process.as_ref().filter(|_| worker.frozen_since.is_none()) else {
                    return Ok(());
                };
                worker.ending = true;
                process.tell(if terminates { Signal::Terminate } else { Signal::Kill })?;
                self.later.push((now + back, Later::Start(index)));
            }
            Fault::Freeze(index, time) => {
                let worker = &mut self.workers[index];
                let Some(process) = worker.process.as_ref().filter(|_| worker.frozen_since.is_none()) else {
                    return Ok(());
                };
                process.tell(Signal::Stop)?;
                worker.frozen_since = Some(now);
                self.later.push((now + time, Later::Continue(index)));
            }
            Fault::FreezeBroker(time) => {
                if let Some(broker) = self.site.broker() {
                    broker.tell(Signal::Stop)?;
                    self.later.push((now + time, Later::ContinueBroker));
                }
            }
            Fault::Ask(worker, connector, request) => {
                self.want(connector, request, worker, Duration::from_secs(15));
            }
        }
        Ok(())
    }

    fn end_fault(&mut self, later: Later) -> anyhow::Result<()> {
        match later {
            Later::Start(index) => {
                if self.workers[index].process.is_some() {
                    self.later.push((Instant::now() + Duration::from_millis(100), later)); // it has not ended yet
                    return Ok(());
                }
                self.start(index)
            }
            Later::Continue(index) => {
                let worker = &mut self.workers[index];
                let (Some(process), Some(since)) = (&worker.process, worker.frozen_since.take()) else {
                    return Ok(());
                };
                process.tell(Signal::Continue)?;
                let away = since.elapsed();
                worker.dazed = (away + HEARTBEAT >= SESSION).then(|| Instant::now() + GRACE);
                self.tell(&format!("w{index} goes on after {away:?}"));
                Ok(())
            }
            Later::ContinueBroker => match self.site.broker() {
                Some(broker) => broker.tell(Signal::Continue),
                None => Ok(()),
            },
        }
    }

    // -- what must hold ----------------------------------------------------------------------------------------

    // What is not well yet.
    fn trouble(&mut self) -> anyhow::Result<Option<String>> {
        for index in 0..WORKERS {
            let answer = self.client.send("GET", self.site.port(index), "/connectors?expand=status", None);
            let Ok((200, text)) = answer else { return Ok(Some(format!("w{index} does not answer"))) };
            let all: Json = serde_json::from_str(&text).context("no JSON")?;
            for connector in SOURCES.into_iter().chain([SINK]) {
                let status = &all[connector]["status"];
                let tasks = status["tasks"].as_array().map(Vec::as_slice).unwrap_or_default();
                let wanted = if connector == SINK { 2 } else { 1 };
                let states: Vec<&str> = std::iter::once(&status["connector"])
                    .chain(tasks)
                    .filter_map(|instance| instance["state"].as_str())
                    .collect();
                if let Some(failed) = tasks.iter().find(|task| task["state"] == "FAILED") {
                    self.tell(&format!("{connector} has failed: {}", failed["trace"]));
                    let _ = self.client.send(
                        "POST",
                        self.site.port(index),
                        &format!("/connectors/{connector}/restart?includeTasks=true&onlyFailed=true"),
                        None,
                    ); // it is asked for again at the next look
                }
                if tasks.len() != wanted || states.iter().any(|state| *state != "RUNNING") {
                    return Ok(Some(format!("w{index} says of {connector}: {states:?}")));
                }
            }
        }
        let lengths = self.site.lengths().clone();
        if lengths.values().any(|length| *length < LENGTH) {
            return Ok(Some("not everything is sent".to_owned()));
        }
        if !self.site.arrived()?.is_complete(&lengths) {
            return Ok(Some("not everything is in the topics".to_owned()));
        }
        if !self.site.written()?.is_complete(&lengths) {
            return Ok(Some("not everything is in the sink's file".to_owned()));
        }
        Ok(None)
    }
}
