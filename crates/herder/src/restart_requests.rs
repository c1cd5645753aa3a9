//! Restarts that somebody asks for: of a connector object, of tasks, of both.

use crate::view::View;
use crate::{Change, Error, Event, Herder, Name, Result, TaskId};

impl Herder {
    /// Has all workers start a connector anew; the view says what is chosen.
    ///
    /// # Errors
    /// This worker does not lead, or there is no such connector.
    pub(crate) async fn restart(
        &mut self,
        name: &Name,
        include_tasks: bool,
        only_failed: bool,
    ) -> Result<View> {
        self.must_lead()?;
        self.known(name, "Unknown connector: ")?;
        let Some(mut view) = self.view(name) else {
            return Err(Error::NotFound(format!("Unknown connector: {name}")));
        };
        let (object, tasks) = chosen(&view, include_tasks, only_failed);
        for (index, task) in (0_u32..).zip(&mut view.tasks) {
            if tasks.contains(&index) {
                task.state.state = "RESTARTING";
            }
        }
        if object {
            view.object.state = "RESTARTING";
        }
        self.write(Change::Restart { name: name.clone(), include_tasks, only_failed }).await?;
        Ok(view)
    }

    /// Starts a task anew that this worker has.
    ///
    /// # Errors
    /// There is no such task, or another worker has it.
    pub(crate) async fn restart_task(&mut self, name: &Name, task: u32) -> Result<()> {
        self.known(name, "Unknown connector: ")?;
        let tasks = self.state.connector(name).map_or(0, |(_, desired)| desired.tasks.len());
        if task as usize >= tasks {
            return Err(Error::NotFound(format!("Unknown task: {name}-{task}")));
        }
        let id = TaskId { connector: name.clone(), task };
        if self.state.owned.as_ref().is_some_and(|owned| !owned.task(&id)) {
            return Err(self.elsewhere(name, Some(task)));
        }
        self.take(Event::Restart { name: name.clone(), object: false, tasks: vec![task] }).await;
        Ok(())
    }

    /// A restart that somebody asked for, as far as it concerns this worker.
    pub(crate) fn restart_here(&self, name: Name, include_tasks: bool, only_failed: bool) -> Event {
        let Some(view) = self.view(&name) else {
            return Event::Restart { name, object: false, tasks: Vec::new() };
        };
        let (object, mut tasks) = chosen(&view, include_tasks, only_failed);
        let owned = self.state.owned.as_ref();
        tasks.retain(|&task| owned.is_none_or(|owned| owned.task(&TaskId { connector: name.clone(), task })));
        let object = object && owned.is_none_or(|owned| owned.object(&name));
        Event::Restart { name, object, tasks }
    }
}

// The object, and the numbers of the tasks, that a restart means: a view has its tasks by number.
fn chosen(view: &View, include_tasks: bool, only_failed: bool) -> (bool, Vec<u32>) {
    let chosen = |state: &str| !only_failed || state == "FAILED";
    let tasks = (0_u32..).zip(&view.tasks).filter(|(_, task)| include_tasks && chosen(task.state.state));
    (chosen(view.object.state), tasks.map(|(index, _)| index).collect())
}
