//! Start to a healthy REST API, and the memory of a worker without connectors.

use std::time::Duration;

use crate::worker::{Mode, Worker};

use super::kafka::Kafka;
use super::row::{Better, Comparison, Goal, Row};
use super::{Rival, SMALL_JAVA, USUAL_JAVA};

// Idle is what is left when nothing has happened for as long.
const IDLE: Duration = Duration::from_secs(3);

const PROPERTIES: &str = "key.converter=org.apache.kafka.connect.json.JsonConverter\n\
    value.converter=org.apache.kafka.connect.json.JsonConverter\n";

struct Seen {
    start: f64,
    resident: f64,
    proportional: f64,
    anonymous: f64,
}

/// Measures.
///
/// # Errors
/// A worker does not start.
pub fn run(rival: &Rival, runs: usize) -> anyhow::Result<Comparison> {
    let folder = tempfile::tempdir()?;
    let kafka = Kafka::start(rival)?;
    let properties = format!("bootstrap.servers={}\n{PROPERTIES}", kafka.address);
    let look = |worker: &Worker| {
        std::thread::sleep(IDLE);
        Ok::<_, anyhow::Error>(Seen {
            start: worker.start.as_secs_f64() * 1000.0,
            resident: worker.megabytes("VmRSS")?,
            proportional: worker.megabytes("Pss")?,
            anonymous: worker.megabytes("RssAnon")?,
        })
    };
    let (mut ours, mut usual, mut small) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..runs {
        let place = |name: &str| folder.path().join(format!("{name}-{run}"));
        ours.push(look(&Worker::ours(Mode::Standalone, &place("ours"), &properties)?)?);
        usual.push(look(&Worker::java(
            Mode::Standalone,
            USUAL_JAVA,
            &rival.jars,
            &place("usual"),
            &properties,
        )?)?);
        small.push(look(&Worker::java(
            Mode::Standalone,
            SMALL_JAVA,
            &rival.jars,
            &place("small"),
            &properties,
        )?)?);
        eprintln!("start {}: {:.1} ms and {:.0} ms", run + 1, ours[run].start, usual[run].start);
    }
    let row = |name: &str, unit, goal, of: &dyn Fn(&Seen) -> f64| {
        let mut row = Row::new(name, unit, Better::Less, goal);
        row.ours = ours.iter().map(of).collect();
        row.against([
            ("heap 2 GB", usual.iter().map(of).collect()),
            ("heap 64 MB", small.iter().map(of).collect()),
        ]);
        row
    };
    let times = |times| Goal { times: Some(times), ours: None };
    Ok(Comparison::new(
        "java-start",
        "A standalone worker without connectors: from its start to the first healthy answer of its REST API, and its \
         memory 3 s later."
            .to_owned(),
        "plugin.discovery=service_load, FileStream the only plugin; Java once with the options of its own scripts (heap \
         up to 2 GB, G1), once with 64 MB and the serial collector, and the better of both counts",
        vec![
            row("start to healthy", "ms", times(20.0), &|seen| seen.start),
            row("idle, resident memory (RSS)", "MB", times(10.0), &|seen| seen.resident),
            row("idle, proportional memory (PSS)", "MB", times(10.0), &|seen| seen.proportional),
            row("of the resident: anonymous, not pages of files", "MB", Goal::default(), &|seen| seen.anonymous),
        ],
    ))
}
