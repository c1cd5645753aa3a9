//! Figures as a table and as JSON.

use std::fmt::Write;

use anyhow::Context;
use serde::Serialize;

/// The figures of one bench.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Its name, as in the command.
    pub name: String,
    /// What was moved, from where to where.
    pub what: String,
    /// Settings that matter.
    pub settings: Vec<String>,
    /// Processor and cores.
    pub machine: String,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// One figure of several runs.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// One number a run.
    pub runs: Vec<f64>,
    /// What the design asks for.
    pub goal: String,
    /// What Java Kafka Connect was measured at, in another run on such a machine.
    pub java: String,
}

impl Figure {
    /// A figure without runs yet.
    pub fn new(name: &str, unit: &str, goal: &str, java: &str) -> Self {
        let text = |text: &str| text.to_owned();
        Self { name: text(name), unit: text(unit), runs: Vec::new(), goal: text(goal), java: text(java) }
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.runs.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    fn median(&self) -> f64 {
        let sorted = self.sorted();
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

impl Report {
    /// The table, in Markdown.
    pub fn table(&self) -> String {
        let mut text = format!("### {}\n\n{}\n\n", self.name, self.what);
        let _ = writeln!(text, "Machine: {}. Settings: {}.\n", self.machine, self.settings.join("; "));
        text.push_str(
            "| figure | median | minimum | maximum | goal | Java, other run |\n|---|---|---|---|---|---|\n",
        );
        for figure in &self.figures {
            let sorted = figure.sorted();
            let show = |number: f64| match number >= 1000.0 {
                true => format!("{number:.0}"),
                false => format!("{number:.2}"),
            };
            let _ = writeln!(
                text,
                "| {}, {} | **{}** | {} | {} | {} | {} |",
                figure.name,
                figure.unit,
                show(figure.median()),
                show(sorted.first().copied().unwrap_or(f64::NAN)),
                show(sorted.last().copied().unwrap_or(f64::NAN)),
                figure.goal,
                figure.java
            );
        }
        text
    }
}

/// Puts text between the markers of this name.
///
/// # Errors
/// The file has no such markers.
pub fn write_into(path: &str, name: &str, text: &str) -> anyhow::Result<()> {
    let whole = std::fs::read_to_string(path)?;
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let start = whole.find(&begin).with_context(|| format!("{path} has no line {begin}"))? + begin.len();
    let stop = whole.find(&end).with_context(|| format!("{path} has no line {end}"))?;
    std::fs::write(path, format!("{}{text}{}", &whole[..start], &whole[stop..]))?;
    Ok(())
}

/// Keeps raw figures in bench/results.
///
/// # Errors
/// The file cannot be written.
pub fn keep(name: &str, figures: &impl Serialize) -> anyhow::Result<()> {
    std::fs::create_dir_all("bench/results")?;
    let file = format!("bench/results/{name}.json");
    std::fs::write(&file, serde_json::to_string_pretty(figures)? + "\n")
        .with_context(|| format!("cannot write {file}"))
}

/// Processor and cores of this machine.
pub fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<_> = info.lines().filter_map(|line| line.strip_prefix("model name")).collect();
    let model = models.first().map_or("unknown processor", |line| line.trim_matches([':', ' ', '\t']));
    format!("{model}, {} cores shared by all parts", models.len())
}
