//! Asks a worker how it is, for platforms whose health check is a command inside the container: the image has no other
//! program for it.

use std::time::Duration;

use rest_types::WorkerStatus;

use crate::nearby;

/// Where a worker answers that does not say otherwise.
pub const DEFAULT_HEALTH_URL: &str = "http://127.0.0.1:8083/health";

/// Below the 10 s that the worker itself takes at most, and that container platforms give by themselves.
const LIMIT: Duration = Duration::from_secs(8);

/// What a healthy worker says about itself.
///
/// # Errors
/// It is not healthy, or does not answer: why.
pub fn check_health(url: &str) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot ask {url}: {error}"))?;
    runtime.block_on(ask(url)).map_err(|why| format!("{url}: {why}"))
}

async fn ask(url: &str) -> Result<String, String> {
    let answer = nearby::get(url, LIMIT).await?;
    let code = answer.status();
    let status = answer.json::<WorkerStatus>().await;
    match status {
        Ok(status) if code.is_success() => Ok(format!("{}: {}", status.status, status.message)),
        Ok(status) => Err(format!("{}: {}", status.status, status.message)),
        Err(_) => Err(format!("answers {code}, but not as a worker's /health")),
    }
}
