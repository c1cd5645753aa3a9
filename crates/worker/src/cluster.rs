//! The Kafka cluster's id, asked for beside everything else: REST does not wait for a broker.

use std::sync::Arc;
use std::time::Duration;

use kafka::{ClientSettings, Clients};
use tokio::sync::watch;

/// The longest that a broker may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(15);
/// Pauses between tries grow from the first to the second.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Asks until a broker answers. The client is dropped after each try: an idle worker has none.
pub(crate) async fn find_id(
    clients: Arc<dyn Clients>,
    settings: ClientSettings,
    id: watch::Sender<Option<String>>,
) {
    let servers = settings.0.get("bootstrap.servers").unwrap_or_default().to_owned();
    let mut pause = PAUSES.0;
    loop {
        let why = match ask(&*clients, &settings).await {
            Ok(found) => {
                tracing::info!("Kafka cluster ID: {found}");
                id.send_replace(Some(found));
                return;
            }
            Err(why) => why,
        };
        tracing::warn!(
            "no broker of bootstrap.servers={servers} answers ({why}); look whether Kafka runs there and whether this \
             machine can reach it; asked again in {} s, and tasks try again by themselves",
            pause.as_secs()
        );
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

async fn ask(clients: &dyn Clients, settings: &ClientSettings) -> Result<String, String> {
    let admin = clients.admin(settings).map_err(|error| error.to_string())?;
    match tokio::time::timeout(ANSWER_LIMIT, admin.cluster_id()).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", ANSWER_LIMIT.as_secs())),
    }
}
