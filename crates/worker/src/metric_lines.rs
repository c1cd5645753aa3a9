//! Writes metrics for CloudWatch, as long as the worker lives.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use herder::Handle;
use metrics::emf::Emitter;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::config::MetricLines;

/// Where the lines go.
pub(crate) type Output = Arc<Mutex<dyn Write + Send>>;

/// The longest that the last lines may take when the worker ends.
const LAST: Duration = Duration::from_secs(2);

/// Writes lines at each interval and once more at the end.
pub(crate) async fn run(
    herder: Handle,
    clock: Arc<dyn Clock>,
    config: MetricLines,
    output: Output,
    mut ended: watch::Receiver<bool>,
) {
    let mut emitter = Emitter::new(&config.environment);
    loop {
        tokio::select! {
            () = async { _ = ended.wait_for(|end| *end).await } => break,
            () = clock.sleep(config.interval) => write(&herder, &clock, &mut emitter, &output).await,
        }
    }
    // What was counted since the last time would be lost.
    let last = write(&herder, &clock, &mut emitter, &output);
    if tokio::time::timeout(LAST, last).await.is_err() {
        tracing::warn!("the last metrics could not be written within {} s", LAST.as_secs());
    }
}

async fn write(herder: &Handle, clock: &Arc<dyn Clock>, emitter: &mut Emitter, output: &Output) {
    let snapshot = match herder.metrics().await {
        Ok(snapshot) => snapshot,
        Err(error) => return tracing::warn!("there are no metrics at this time: {error}"),
    };
    let mut text = emitter.lines(&snapshot, clock.now_ms()).join("\n");
    if text.is_empty() {
        return;
    }
    text.push('\n');
    let output = output.clone();
    // Whoever reads the output may be slow.
    let written = tokio::task::spawn_blocking(move || {
        let mut output = output.lock();
        output.write_all(text.as_bytes()).and_then(|()| output.flush())
    });
    match written.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!("metrics cannot be written to the standard output: {error}"),
        Err(error) => tracing::error!("writing metrics failed: {error}"),
    }
}
