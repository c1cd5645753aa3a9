//! The conformance suite on real files.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use std::io::Write;

use api::Registry;
use api::config::RawConfig;
use tempfile::TempDir;
use testkit::{sink, source};

use sluice_connector_file as file;

struct Lines {
    folder: TempDir,
    count: usize,
}

impl source::SourceFixture for Lines {
    const CLASS: &'static str = "FileStreamSource";

    fn register(registry: &mut Registry) {
        file::register(registry);
    }

    fn config(&self) -> RawConfig {
        let path = self.folder.path().join("in.txt");
        [("file", path.to_string_lossy().into_owned()), ("topic", "lines".to_owned())].into_iter().collect()
    }

    async fn add(&mut self, count: usize) {
        let path = self.folder.path().join("in.txt");
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        for _ in 0..count {
            self.count += 1;
            // Beyond ASCII: positions are bytes.
            writeln!(file, "Zeile nº {}", self.count).unwrap();
        }
    }
}

struct Output(TempDir);

impl sink::SinkFixture for Output {
    const CLASS: &'static str = "FileStreamSink";

    fn register(registry: &mut Registry) {
        file::register(registry);
    }

    fn config(&self) -> RawConfig {
        RawConfig::new().with("file", self.0.path().join("out.txt").to_string_lossy())
    }

    async fn written(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.0.path().join("out.txt")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn the_source_conforms() {
    source::conformance(Lines { folder: tempfile::tempdir().unwrap(), count: 0 }).await;
}

#[tokio::test]
async fn the_sink_conforms() {
    sink::conformance(|| Output(tempfile::tempdir().unwrap())).await;
}
