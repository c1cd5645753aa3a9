//! While the store works, which may take as long as brokers are away: the group is listened to, and what is known is
//! answered.

use api::BoxFuture;

use crate::command::Command;
use crate::group_loop::until_lost;
use crate::service::COMMANDS_MAX;
use crate::standalone::MemoryStore;
use crate::{Event, Herder, Owned, Result, Store, plan};

impl Herder {
    /// Has the store do something that takes its time, and listens to the group meanwhile: when the place in it is lost, all
    /// work stops at once, however long the brokers let the store wait. Who asks for what is known is answered, too, so
    /// that a worker whose brokers are away is not taken for dead; other requests come after the work, in their order.
    pub(crate) async fn while_storing<T>(
        &mut self,
        work: impl for<'a> FnOnce(&'a mut dyn Store) -> BoxFuture<'a, Result<T>>,
    ) -> Result<T> {
        // The work has the store alone; nothing below asks what stands in for it.
        let mut store = std::mem::replace(&mut self.store, Box::new(MemoryStore));
        let done = self.beside(work(&mut *store)).await;
        self.store = store;
        done
    }

    async fn beside<T>(&mut self, mut working: BoxFuture<'_, Result<T>>) -> Result<T> {
        let mut lost = false;
        loop {
            tokio::select! {
                biased;
                done = &mut working => return done,
                cause = until_lost(&mut self.group), if !lost => {
                    lost = true;
                    let left = self.group.as_ref().map(|group| group.session_left(cause));
                    self.executor.patience.ends_in(left.unwrap_or_default());
                    for effect in plan(&mut self.state, Event::Owned(Owned::default())) {
                        self.executor.begin(effect);
                    }
                }
                Some(command) = self.commands.recv(), if self.deferred.len() < COMMANDS_MAX => {
                    self.deferred.extend(self.answer_known(command));
                }
            }
        }
    }

    /// Answers a request for what is known already; any other comes back.
    pub(crate) fn answer_known(&self, command: Command) -> Option<Command> {
        // An answer that nobody waits for any more is not an error: the client went away.
        match command {
            Command::Ping(reply) => _ = reply.send(()),
            Command::Metrics(reply) => _ = reply.send(self.collect()),
            Command::Names(reply) => _ = reply.send(self.state.names().cloned().collect()),
            Command::View(name, reply) => _ = reply.send(self.view(&name)),
            Command::Views(reply) => {
                _ = reply.send(self.state.names().filter_map(|name| self.view(name)).collect());
            }
            other => return Some(other),
        }
        None
    }
}
