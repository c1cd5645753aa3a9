//! `cargo xtask generate`: files that are made of other files of this repository.
//!
//! The reference of connector properties is made of the declarations; the pages of rules and traps of the rules; diagrams
//! (SVG and PNG) of their sources in docs/architecture-diagrams/*.dot, by Graphviz; tables of the Terraform modules of
//! the modules. All are committed; `--check` says what is stale.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::{module_tables, process};

const DIAGRAMS: &str = "docs/architecture-diagrams";

/// What to do.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Write nothing; fail when a file is stale.
    #[arg(long)]
    check: bool,
}

/// Writes or checks the generated files.
///
/// # Errors
/// A file is stale, or Graphviz is needed and missing.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let mut reference = process::cargo();
    reference.args(["test", "--release", "--quiet"]);
    for package in
        ["sluice-plugins", "sluice-lint", "sluice-transforms", "sluice-converters", "sluice-metrics"]
    {
        reference.args(["--package", package]);
    }
    reference.args(["--test", "reference"]);
    if !options.check {
        std::fs::create_dir_all("docs/reference")?;
        reference.env("UPDATE_GENERATED", "1");
    }
    process::run(&mut reference)?;
    let mut count = 0;
    for entry in std::fs::read_dir(DIAGRAMS).with_context(|| format!("cannot list {DIAGRAMS}"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "dot") {
            diagram(&path, options.check)?;
            count += 1;
        }
    }
    ensure!(count > 0, "no diagram in {DIAGRAMS}");
    let modules = module_tables::run(options.check)?;
    println!(
        "generated files are fresh: the reference, {count} diagrams and the tables of {modules} modules"
    );
    Ok(())
}

fn diagram(source: &Path, check: bool) -> anyhow::Result<()> {
    // Graphviz's output differs from version to version, so the source's hash says whether it is fresh.
    let text = std::fs::read_to_string(source)?;
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let mark =
        format!("<!-- made of a source with hash {:016x} by cargo xtask generate -->\n", hasher.finish());
    let (svg, png) = (source.with_extension("svg"), source.with_extension("png"));
    let fresh = std::fs::read_to_string(&svg).is_ok_and(|text| text.ends_with(&mark)) && png.exists();
    if fresh {
        return Ok(());
    }
    if check {
        bail!("{} is stale: run cargo xtask generate", svg.display());
    }
    for (format, output) in [("svg", &svg), ("png", &png)] {
        let mut dot = Command::new("dot");
        dot.arg(format!("-T{format}")).arg("-o").arg(output).arg(source);
        process::run(&mut dot).context("Graphviz draws the diagrams: install the package graphviz")?;
    }
    let drawn = std::fs::read_to_string(&svg)?;
    std::fs::write(&svg, drawn + &mark)?;
    Ok(())
}
