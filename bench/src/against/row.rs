//! A figure of both sides, and who has won.

use std::fmt::Write;

use serde::Serialize;

use crate::report::machine;

/// Whether more is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// More is.
    More,
    /// Less is.
    Less,
}

/// What a row has to reach; nothing said is a goal of 1x.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Goal {
    /// How many times better than Java's median.
    pub times: Option<f64>,
    /// What ours has to be at, in the row's unit, whatever Java's is.
    pub ours: Option<f64>,
}

/// One figure of both sides; run by run.
#[derive(Debug, Serialize)]
pub struct Row {
    /// What it is.
    pub name: String,
    /// Its unit.
    pub unit: &'static str,
    /// Which way is better.
    pub better: Better,
    /// What has to be reached.
    pub goal: Goal,
    /// Ours, one number a run.
    pub ours: Vec<f64>,
    /// Java's, each beside ours of the same place.
    pub java: Vec<f64>,
    /// Which of Java's settings this is, when there were several and this is the better one.
    pub setting: Option<String>,
}

impl Row {
    /// A row without runs yet.
    pub fn new(name: impl Into<String>, unit: &'static str, better: Better, goal: Goal) -> Self {
        let (ours, java) = (Vec::new(), Vec::new());
        Self { name: name.into(), unit, better, goal, ours, java, setting: None }
    }

    /// Adds a number of ours or of Java's.
    pub fn push(&mut self, ours: bool, number: f64) {
        if ours { self.ours.push(number) } else { self.java.push(number) }
    }

    /// Takes the better of Java's settings.
    pub fn against(&mut self, settings: impl IntoIterator<Item = (&'static str, Vec<f64>)>) {
        for (setting, runs) in settings {
            let (new, old) = (median(&runs), median(&self.java));
            let better = match self.better {
                Better::More => new > old,
                Better::Less => new < old,
            };
            if self.java.is_empty() || better {
                (self.java, self.setting) = (runs, Some(setting.to_owned()));
            }
        }
    }

    // How many times ours is better in each pair of runs.
    fn ratios(&self) -> Vec<f64> {
        let pairs = self.ours.iter().zip(&self.java);
        pairs.map(|(ours, java)| self.times(*ours, *java)).collect()
    }

    fn times(&self, ours: f64, java: f64) -> f64 {
        match self.better {
            Better::More => ours / java,
            Better::Less => java / ours,
        }
    }

    /// The goals, and whether the medians reach each; nothing said is a goal of 1x.
    fn goals(&self) -> Vec<(String, bool)> {
        let ours = median(&self.ours);
        let own = self.goal.ours.map(|goal| match self.better {
            Better::More => (format!("≥ {}", show(goal)), ours >= goal),
            Better::Less => (format!("≤ {}", show(goal)), ours <= goal),
        });
        let times = self.goal.times.or(self.goal.ours.is_none().then_some(1.0));
        let times = times.map(|times| (format!("≥ {times}x"), self.times(ours, median(&self.java)) >= times));
        own.into_iter().chain(times).collect()
    }
}

/// The middle one of some runs, or the upper of the two in the middle.
pub fn median(runs: &[f64]) -> f64 {
    let mut sorted = runs.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn show(number: f64) -> String {
    match number {
        _ if number >= 1000.0 => format!("{number:.0}"),
        _ if number >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// Median, and minimum to maximum.
pub fn spread(runs: &[f64]) -> String {
    let least = runs.iter().copied().fold(f64::INFINITY, f64::min);
    let most = runs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("**{}** ({}–{})", show(median(runs)), show(least), show(most))
}

/// Rows of one kind.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// Its name, of markers and of the file of raw figures.
    pub name: String,
    /// What was done.
    pub what: String,
    /// Settings that matter.
    pub settings: String,
    /// Processor and cores.
    pub machine: String,
    /// Day, the versions of both sides, and how busy the machine was.
    pub when: String,
    /// The rows.
    pub rows: Vec<Row>,
}

impl Comparison {
    /// A comparison of this run.
    pub fn new(name: &str, what: String, settings: impl Into<String>, rows: Vec<Row>) -> Self {
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let when = format!(
            "{}; Apache Kafka {} on OpenJDK {}; load average of the last five minutes {}",
            chrono::Utc::now().format("%-d %B %Y"),
            testkit::apache_kafka::VERSION,
            java_version(),
            load.split(' ').nth(1).unwrap_or("?")
        );
        let (name, settings) = (name.to_owned(), settings.into());
        Self { name, what, settings, machine: machine(), when, rows }
    }

    /// The table, in Markdown.
    pub fn table(&self) -> String {
        let mut text = format!("{}\n\n", self.what);
        let _ = writeln!(text, "{}; {}. Settings: {}.\n", self.machine, self.when, self.settings);
        text.push_str("| figure | ours | Java | times better | goal |\n|---|---|---|---|---|\n");
        for row in &self.rows {
            let said =
                |(goal, met): (String, bool)| format!("{goal}: {}", if met { "met" } else { "**lost**" });
            let goals: Vec<String> = row.goals().into_iter().map(said).collect();
            let _ = writeln!(
                text,
                "| {}, {} | {} | {}{} | {} | {} |",
                row.name,
                row.unit,
                spread(&row.ours),
                spread(&row.java),
                row.setting.as_ref().map(|setting| format!(", {setting}")).unwrap_or_default(),
                spread(&row.ratios()),
                goals.join("; ")
            );
        }
        text
    }
}

// `17.0.15`, or what Java says if that is something else.
fn java_version() -> String {
    let output = std::process::Command::new("java").arg("-version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stderr).into_owned()).unwrap_or_default();
    text.split('"').nth(1).unwrap_or("?").to_owned()
}
