//! The suite that every sink passes.

use api::Registry;
use api::config::RawConfig;
use api::data::Datum;
use testkit::sink::{SinkFixture, conformance};

use crate::support::{CLASS, World};

struct Bucket(World);

impl SinkFixture for Bucket {
    const CLASS: &'static str = CLASS;
    const EXACTLY_ONCE: bool = true;

    fn register(registry: &mut Registry) {
        sluice_connector_s3::register(registry);
    }

    fn config(&self) -> RawConfig {
        self.0.config()
    }

    fn bad_value() -> Option<Datum> {
        Some(Datum::NULL)
    }

    async fn written(&self) -> Vec<String> {
        let objects = self.0.objects().into_values().map(|bytes| String::from_utf8(bytes).unwrap());
        objects.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    fn contains(text: &str, number: i64) -> bool {
        text == format!("\"record {number}\"")
    }
}

#[tokio::test]
async fn the_sink_conforms() {
    // Each rule has a bucket of its own; the suite makes them without waiting, so they are made before.
    let mut worlds = Vec::new();
    for _ in 0..10 {
        worlds.push(World::new().await);
    }
    let worlds = std::sync::Mutex::new(worlds);
    conformance(|| {
        let world = worlds.lock().unwrap().pop();
        Bucket(world.expect("ten are enough for the suite"))
    })
    .await;
}
