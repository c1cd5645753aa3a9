//! `cargo xtask docs`: what the manual shows is what happens.
//!
//! Every ```` ```sh ```` block of README.md and docs/ is run, in order, with one working folder a page and `sluice` on
//! the PATH. A ```` ```text ```` block right after it is the output that it shows: each line must appear, in order,
//! where `…` stands for anything. Words in the info string change that:
//!
//! - `sh norun WHY` is not run, and the reason is printed (a command for another machine, one that does not end);
//! - `sh background` is started, must stay up, and is stopped at the end of the page;
//! - `sh fails` must fail.
//!
//! Relative links must lead to files that exist, with headings that exist.

mod blocks;
mod links;
mod runner;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::process;

/// What to check.
#[derive(Debug, Default, clap::Args)]
pub struct Options {
    /// Only this page.
    page: Option<PathBuf>,
}

/// Checks the links of all pages and runs their commands.
///
/// # Errors
/// All pages that do not hold, with the block and what it printed.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let started = std::time::Instant::now();
    process::run(process::cargo().args(["build", "--release", "--quiet", "--package", "sluice-cli"]))?;
    let pages = match &options.page {
        Some(page) => vec![page.clone()],
        None => pages()?,
    };
    let mut problems = Vec::new();
    let mut ran = 0;
    for page in &pages {
        let text =
            std::fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
        problems.extend(links::check(page, &text));
        match runner::run_page(page, &blocks::parse(&text)) {
            Ok(count) => ran += count,
            Err(problem) => problems.push(format!("{}: {problem:#}", page.display())),
        }
    }
    println!("docs: {} pages, {ran} commands run, {} s", pages.len(), started.elapsed().as_secs());
    match problems.is_empty() {
        true => Ok(()),
        false => bail!("the documentation does not hold:\n{}", problems.join("\n")),
    }
}

fn pages() -> anyhow::Result<Vec<PathBuf>> {
    let mut pages: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(PathBuf::from).into();
    collect(Path::new("docs"), &mut pages)?;
    pages.retain(|page| page.exists());
    Ok(pages)
}

fn collect(folder: &Path, pages: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, pages)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    Ok(())
}
