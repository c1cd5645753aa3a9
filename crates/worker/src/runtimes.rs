//! Two runtimes: one answers operators, the other moves records.

use tokio::runtime::{Builder, Handle, Runtime};

use crate::Error;

/// The runtimes of a worker. They may be dropped anywhere, also inside another runtime.
#[derive(Debug)]
pub(crate) struct Runtimes {
    control: Option<Runtime>,
    work: Option<Runtime>,
}

impl Runtimes {
    pub(crate) fn new() -> Result<Self, Error> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let failed = |error| Error::Failed(format!("cannot start threads: {error}"));
        let control = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("sluice-control")
            .enable_all()
            .build()
            .map_err(failed)?;
        let work = Builder::new_multi_thread()
            .worker_threads(cores.max(2))
            .thread_name("sluice-work")
            .enable_all()
            .build()
            .map_err(failed)?;
        Ok(Self { control: Some(control), work: Some(work) })
    }

    pub(crate) fn control(&self) -> &Handle {
        self.control.as_ref().expect("runtimes are taken out when this is dropped").handle()
    }

    pub(crate) fn work(&self) -> &Handle {
        self.work.as_ref().expect("runtimes are taken out when this is dropped").handle()
    }
}

impl Drop for Runtimes {
    fn drop(&mut self) {
        // A runtime that is dropped inside another one panics unless it is not waited for.
        for runtime in [self.work.take(), self.control.take()].into_iter().flatten() {
            runtime.shutdown_background();
        }
    }
}
