//! Many seeds, each in a process of its own: one that hangs or panics is one that fails, and no other.

use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use parking_lot::Mutex;

use crate::options::{One, Seeds};
use crate::{processes, simulation};

/// The longest that the process of one seed may take.
const LIMIT: Duration = Duration::from_secs(120);
/// So many seeds that failed are shown with what happened.
const SHOWN: usize = 3;

/// Runs one seed here, and prints what happened. `RUST_LOG` has the workers' log on standard error.
pub fn one(options: &One) -> ExitCode {
    if std::env::var_os("RUST_LOG").is_some() {
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let log =
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
        log.with_timer(simulation::Time).init();
    }
    let verdict = match options.processes {
        false => Ok(simulation::run(options.seed)),
        true => processes::run(options.seed, options.kafka),
    };
    let verdict = match verdict {
        Ok(verdict) => verdict,
        Err(error) => {
            println!("violated: the run could not go on: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    for line in &verdict.trace {
        println!("{line}");
    }
    for violation in &verdict.violations {
        println!("violated: {violation}");
    }
    if let Some(fingerprint) = verdict.fingerprint {
        println!("fingerprint of what was written: {fingerprint:016x}");
    }
    let time = if options.processes { "" } else { " of the simulation" };
    println!("{:?}: {:.1} s{time}", verdict.kind, verdict.simulated.as_secs_f64());
    if verdict.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Failed {
    seed: u64,
    told: String,
}

/// Runs seeds; answers whether all held.
///
/// # Errors
/// No process can be started.
pub fn many(options: &Seeds) -> anyhow::Result<bool> {
    let (from, count) = options.seed.map_or((options.from, options.seeds), |seed| (seed, 1));
    let program = std::env::current_exe().context("cannot find this program")?;
    let next = AtomicU64::new(from);
    let failed = Mutex::new(Vec::new());
    let longest = Mutex::new((Duration::ZERO, from));
    let begun = Instant::now();
    let work = || -> anyhow::Result<()> {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= from + count {
                return Ok(());
            }
            let started = Instant::now();
            let (mut held, mut told) = in_process(&program, seed, options)?;
            let took = started.elapsed();
            if options.twice && in_process(&program, seed, options)?.1 != told {
                held = false;
                told.push_str("violated: the same seed did something else the second time\n");
            }
            let mut longest = longest.lock();
            if took > longest.0 {
                *longest = (took, seed);
            }
            if !held {
                failed.lock().push(Failed { seed, told });
            } else if options.seed.is_some() {
                println!("{told}");
            }
        }
    };
    // Programs in real time have the machine for themselves.
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let cores = if options.processes { 1 } else { cores };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        running.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| anyhow::bail!("a panic")))
    })?;
    let mut failed = failed.into_inner();
    failed.sort_by_key(|failed| failed.seed);
    let more = match (options.processes, options.kafka) {
        (false, _) => "",
        (true, false) => " --processes",
        (true, true) => " --processes --kafka",
    };
    for Failed { seed, told } in failed.iter().take(SHOWN) {
        println!("seed {seed} failed; again: cargo xtask chaos{more} --seed {seed}\n{}", told.trim_end());
    }
    for Failed { seed, told } in failed.iter().skip(SHOWN) {
        let last = told.lines().rev().find(|line| line.starts_with("violated")).unwrap_or_default();
        println!("seed {seed} failed: {last}");
    }
    let (took, seed) = longest.into_inner();
    println!(
        "seeds {from} to {}, {:.1} s; the longest, {seed}, took {:.2} s",
        from + count - 1,
        begun.elapsed().as_secs_f64(),
        took.as_secs_f64()
    );
    println!("{} passed, {} failed", count - failed.len() as u64, failed.len());
    Ok(failed.is_empty())
}

fn in_process(program: &std::path::Path, seed: u64, options: &Seeds) -> anyhow::Result<(bool, String)> {
    let mut command = Command::new(program);
    command.args(["one", &seed.to_string()]);
    command.args(options.processes.then_some("--processes")).args(options.kafka.then_some("--kafka"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
    let begun = Instant::now();
    // Read beside the wait: a pipe that is full would hold the process up.
    let out = read(child.stdout.take());
    let errors = read(child.stderr.take());
    let status = loop {
        if let Some(status) = child.try_wait().context("cannot wait for a process")? {
            break Some(status);
        }
        if begun.elapsed() > LIMIT {
            let _ = child.kill(); // it may have ended meanwhile
            let _ = child.wait();
            break None;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut told = out.join().unwrap_or_default();
    told.push_str(&errors.join().unwrap_or_default());
    match status {
        None => told.push_str(&format!("violated: the run did not end within {} s\n", LIMIT.as_secs())),
        Some(status) if status.code().is_none_or(|code| code > 1) => {
            told.push_str(&format!("violated: the run ended with {status}\n"));
        }
        Some(_) => {}
    }
    Ok((status.is_some_and(|status| status.success()), told))
}

fn read(pipe: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut text); // what was read counts
        }
        String::from_utf8_lossy(&text).into_owned()
    })
}
