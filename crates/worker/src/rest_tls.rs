//! TLS of REST: opened at start, and opened anew when a file has changed. The log says in time that a certificate ends.

mod ending;

use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use rest::{Measure, Peers};
use rustls::{ClientConfig, ServerConfig};
use tls::{Material, Reloader, Settings};
use tokio::sync::watch;

use crate::config::RestTls;
use ending::Ending;

/// What REST serves and asks with.
#[derive(Default)]
pub(crate) struct OpenTls {
    /// For https listeners.
    pub public: Option<watch::Receiver<Arc<ServerConfig>>>,
    /// For https listeners of `/admin`.
    pub admin: Option<watch::Receiver<Arc<ServerConfig>>>,
    /// For the client of other workers.
    pub peers: Option<ClientConfig>,
    reloads: Vec<Reload>,
    interval: Duration,
}

/// The files of one of them.
struct Reload {
    what: &'static str,
    reloader: Reloader,
    server: Option<watch::Sender<Arc<ServerConfig>>>,
    /// Whether the client for other workers is of these files, too.
    connects: bool,
    ending: Option<Ending>,
}

impl Reload {
    fn tell(&self, measure: &Measure) {
        if self.server.is_some() {
            measure.certificate_ends(self.what, self.ending.as_ref().map(Ending::ends_ms));
        }
    }
}

impl OpenTls {
    /// Opens the key stores and trust stores.
    ///
    /// # Errors
    /// Every one that cannot be used, by key.
    pub(crate) fn open(config: &RestTls) -> Result<Self, Vec<String>> {
        let mut open = Self { interval: config.reload, ..Self::default() };
        let mut problems = Vec::new();
        let mut tried =
            |opened: Result<(), tls::Error>| problems.extend(opened.err().map(|error| error.to_string()));
        match (&config.public, &config.peers) {
            (Some(settings), _) => tried(open.serve("REST", settings, true)),
            (None, Some(settings)) => match open.connect(settings) {
                Err(error) if config.peers_optional => tracing::warn!(
                    "{error}; other workers that listen on https are asked without it, and are trusted if this machine \
                     trusts them"
                ),
                connected => tried(connected),
            },
            (None, None) => {}
        }
        if let Some(settings) = &config.admin {
            tried(open.serve("REST's /admin", settings, false));
        }
        // Both may be of the same keys.
        problems.dedup();
        if problems.is_empty() { Ok(open) } else { Err(problems) }
    }

    fn serve(&mut self, what: &'static str, settings: &Settings, public: bool) -> Result<(), tls::Error> {
        let reloader = Reloader::new(settings.clone());
        let material = settings.load()?;
        let (sender, receiver) = watch::channel(tls::server(settings, &material)?);
        match public {
            true => {
                self.public = Some(receiver);
                self.peers = client(settings, &material)?;
            }
            false => self.admin = Some(receiver),
        }
        self.reloads.push(Reload {
            what,
            reloader,
            server: Some(sender),
            connects: self.peers.is_some() && public,
            ending: material.ends_ms().map(Ending::new),
        });
        Ok(())
    }

    fn connect(&mut self, settings: &Settings) -> Result<(), tls::Error> {
        let reloader = Reloader::new(settings.clone());
        let material = settings.load()?;
        self.peers = client(settings, &material)?;
        let ending = material.ends_ms().map(Ending::new);
        self.reloads.push(Reload { what: "REST", reloader, server: None, connects: true, ending });
        Ok(())
    }

    /// Says until when certificates are good that listeners show.
    pub(crate) fn tell(&self, measure: &Measure) {
        self.reloads.iter().for_each(|reload| reload.tell(measure));
    }

    /// Looks at the files, for ever.
    pub(crate) async fn keep_new(mut self, peers: Option<Peers>, clock: Arc<dyn Clock>, measure: Measure) {
        if self.reloads.is_empty() {
            return;
        }
        loop {
            for reload in &mut self.reloads {
                if let Some(told) = reload.ending.as_mut().and_then(|ending| ending.tell(clock.now_ms())) {
                    tracing::warn!("{}: {told}", reload.what);
                }
            }
            clock.sleep(self.interval).await;
            let (peers, measure) = (peers.clone(), measure.clone());
            let mut reloads = std::mem::take(&mut self.reloads);
            let looked = tokio::task::spawn_blocking(move || {
                for reload in &mut reloads {
                    reload.look(peers.as_ref());
                    reload.tell(&measure);
                }
                reloads
            });
            match looked.await {
                Ok(reloads) => self.reloads = reloads,
                Err(error) => return tracing::error!("certificates are not looked at any more: {error}"),
            }
        }
    }
}

impl Reload {
    fn look(&mut self, peers: Option<&Peers>) {
        let (serves, connects) = (self.server.is_some(), self.connects && peers.is_some());
        let made = self.reloader.look(|settings, material| {
            let server = serves.then(|| tls::server(settings, material)).transpose()?;
            let client = if connects { client(settings, material)? } else { None };
            Ok((server, client, material.ends_ms().map(Ending::new)))
        });
        let what = self.what;
        let (server, client, ending) = match made {
            Ok(None) => return,
            Ok(Some(made)) => made,
            Err(error) => {
                tracing::warn!(
                    "{what}: changed keys or certificates are not taken, those from before stay: {error}"
                );
                return;
            }
        };
        self.ending = ending;
        if let Some((sender, server)) = self.server.as_ref().zip(server) {
            sender.send_replace(server);
        }
        if let Some((peers, client)) = peers.zip(client)
            && let Err(why) = peers.speak(client)
        {
            tracing::warn!(
                "{what}: other workers are asked with the keys and certificates from before: {why}"
            );
            return;
        }
        tracing::info!("{what}: changed keys and certificates are taken for new connections");
    }
}

// A server without a trust store may be on a machine that trusts nobody; then it has no client, and needs none: others
// are asked in clear, or not at all.
fn client(settings: &Settings, material: &Material) -> Result<Option<ClientConfig>, tls::Error> {
    match tls::client(settings, material) {
        Ok(client) => Ok(Some(client)),
        Err(error) if settings.has_trust_store() => Err(error),
        Err(_) => Ok(None),
    }
}
