//! Who asks workers for things, as by REST: any worker, which says who else is to be asked; again when that fails.

use std::time::Duration;

use config::RawConfig;
use herder::{Error, Handle, Result, Target};
use rand::Rng as _;
use rand::rngs::StdRng;
use tokio::sync::oneshot::{Receiver, error::TryRecvError};

use super::faults::{Request, WORKERS};
use super::network::Network;
use super::node::{Node, url};
use super::world::World;
use super::{sink, source};

/// So long somebody goes on asking.
const PATIENCE: Duration = Duration::from_secs(30);
/// The pause before the same is asked for again.
const AGAIN: Duration = Duration::from_millis(300);

/// Asks.
pub struct Operator {
    dice: StdRng,
    open: Vec<Asked>,
    /// The worker that did last what only a leader does.
    pub leader: Option<usize>,
    network: Network,
}

struct Asked {
    connector: &'static str,
    request: Request,
    since: Duration,
    /// When it is sent next, and to whom if that is known.
    next: Option<(Duration, Option<usize>)>,
    answer: Option<(usize, Receiver<Result<()>>)>,
}

impl Operator {
    /// One with no wishes.
    pub fn new(dice: StdRng, network: Network) -> Self {
        Self { dice, open: Vec::new(), leader: None, network }
    }

    /// Wants something.
    pub fn ask(&mut self, now: Duration, connector: &'static str, request: Request) {
        let next = Some((now, None));
        self.open.push(Asked { connector, request, since: now, next, answer: None });
    }

    /// Whether nothing is wanted any more.
    pub fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// Gives up what is wanted and not done.
    pub fn forget(&mut self) {
        self.open.clear();
    }

    /// Sends what is due, and looks at answers.
    pub fn go_on(&mut self, world: &World, nodes: &[Option<Node>; WORKERS], now: Duration) {
        let mut open = std::mem::take(&mut self.open);
        open.retain_mut(|asked| {
            self.send(asked, nodes, now);
            match self.look(asked, now) {
                None => true,
                Some(end) => {
                    world.tell(now, &format!("{}: {:?}: {end}", asked.connector, asked.request));
                    false
                }
            }
        });
        self.open.extend(open);
    }

    fn send(&mut self, asked: &mut Asked, nodes: &[Option<Node>; WORKERS], now: Duration) {
        let Some((_, to)) = asked.next.filter(|(at, _)| *at <= now) else { return };
        let to = to.unwrap_or_else(|| self.dice.random_range(0..WORKERS));
        let (connector, request) = (asked.connector, asked.request);
        let node = nodes[to].as_ref().filter(|node| node.answers());
        let answer = node.and_then(|node| node.ask(|herder| act(herder, connector, request)));
        asked.next = answer.is_none().then_some((now + AGAIN, None));
        asked.answer = answer.map(|answer| (to, answer));
    }

    // How it ended, if it did.
    fn look(&mut self, asked: &mut Asked, now: Duration) -> Option<String> {
        if now > asked.since + PATIENCE {
            return Some("given up".to_owned());
        }
        let (to, answer) = asked.answer.as_mut()?;
        let to = *to;
        match answer.try_recv() {
            Err(TryRecvError::Empty) => return None,
            // Whoever asked cannot know whether it was done.
            Ok(_) if self.network.loses_answer() => asked.next = Some((now + AGAIN, None)),
            Err(TryRecvError::Closed) => asked.next = Some((now + AGAIN, None)),
            Ok(Ok(())) => {
                self.leader = Some(to);
                return Some(format!("done by w{to}"));
            }
            Ok(Err(Error::Elsewhere { url: other, .. })) => {
                let other = (0..WORKERS).find(|index| url(*index) == other);
                asked.next = Some((now + Duration::from_millis(20), other));
            }
            Ok(Err(error @ (Error::NotFound(_) | Error::Refused(_) | Error::Forbidden(_)))) => {
                return Some(format!("refused: {}", error.to_string().lines().next().unwrap_or_default()));
            }
            Ok(Err(_)) => asked.next = Some((now + AGAIN, None)),
        }
        asked.answer = None;
        None
    }
}

async fn act(herder: Handle, connector: &'static str, request: Request) -> Result<()> {
    match request {
        Request::Put { tasks, stamp } => {
            herder.put_config(connector, config(connector, tasks, stamp)).await.map(drop)
        }
        Request::Pause => herder.set_target(connector, Target::Paused).await,
        Request::Stop => herder.set_target(connector, Target::Stopped).await,
        Request::Resume => herder.set_target(connector, Target::Started).await,
        Request::Delete => herder.delete(connector).await,
        Request::Restart(tasks) => herder.restart(connector, tasks, false).await.map(drop),
        Request::RestartFailed => herder.restart(connector, true, true).await.map(drop),
        Request::RestartTask(task) => herder.restart_task(connector, task).await,
    }
}

/// How many sequences a source has.
pub fn sequences(connector: &str) -> i32 {
    match connector {
        "a" => 4,
        "b" => 3,
        _ => 0,
    }
}

/// The topic of a source.
pub fn topic(connector: &str) -> String {
    format!("t{connector}")
}

fn config(connector: &str, tasks: u32, stamp: u32) -> RawConfig {
    let shared = RawConfig::new()
        .with("name", connector)
        .with("tasks.max", tasks.to_string())
        .with("stamp", stamp.to_string());
    if sequences(connector) == 0 {
        return shared.with("connector.class", sink::CLASS).with("topics", "ta,tb");
    }
    shared
        .with("connector.class", source::CLASS)
        .with("sequences", sequences(connector).to_string())
        .with("topic", topic(connector))
}
