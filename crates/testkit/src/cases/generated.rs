//! The generated parts of the pages: tables of keys, and the index.
//!
//! A page says where its table of keys is: between a line `<!-- keys of CLASS -->` and a line `<!-- end of keys -->`.
//! `CLASS` stands for itself and, for transforms of keys or values, for `CLASS$Key` and `CLASS$Value`.

use std::fmt::Write;
use std::path::Path;

use api::Registry;
use api::config::{Catalog, PluginDescription, PluginKind};

use super::{Page, pages};

const START: &str = "<!-- keys of ";
const END: &str = "<!-- end of keys -->";

/// Checks that the tables of keys and the index of a folder are fresh, and that every class of these kinds and
/// packages has a page.
/// With `UPDATE_GENERATED` set (`cargo xtask generate` does) they are written first.
///
/// # Panics
/// With the pages that are stale or missing.
pub fn check_folder(
    folder: &Path,
    (title, intro): (&str, &str),
    kinds: &[PluginKind],
    packages: &[&str],
    registry: &Registry,
) {
    let update = std::env::var_os("UPDATE_GENERATED").is_some();
    let mut stale = Vec::new();
    let mut documented: Vec<&str> = Vec::new();
    let pages = pages(folder);
    for page in &pages {
        let (fresh, classes) = with_tables(page, kinds, registry);
        documented.extend(classes);
        write_or_compare(&page.path, &page.text, &fresh, update, &mut stale);
    }
    let index = index(&pages, title, intro);
    let path = folder.join("README.md");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    write_or_compare(&path, &committed, &index, update, &mut stale);
    let classes = registry.plugins().into_iter().filter(|plugin| kinds.contains(&plugin.kind));
    let classes = classes.filter(|plugin| packages.iter().any(|package| plugin.class.starts_with(package)));
    for plugin in classes.filter(|plugin| !documented.contains(&plugin.class)) {
        stale.push(format!("{} has no page in {}", plugin.class, folder.display()));
    }
    assert!(stale.is_empty(), "run cargo xtask generate, or write what is missing:\n{}", stale.join("\n"));
}

fn write_or_compare(path: &Path, old: &str, new: &str, update: bool, stale: &mut Vec<String>) {
    if old == new {
        return;
    }
    match update {
        true => std::fs::write(path, new).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        false => stale.push(format!("{} is stale", path.display())),
    }
}

// The page with fresh tables, and the classes that have one.
fn with_tables<'a>(page: &Page, kinds: &[PluginKind], registry: &'a Registry) -> (String, Vec<&'a str>) {
    let mut fresh = String::new();
    let mut classes = Vec::new();
    let mut inside = false;
    for (index, line) in page.text.lines().enumerate() {
        let at = || format!("{}:{}", page.path.display(), index + 1);
        if let Some(class) = line.strip_prefix(START).and_then(|rest| rest.strip_suffix(" -->")) {
            let found = described(class, kinds, registry);
            assert!(!found.is_empty(), "{}: no plugin has the class {class}", at());
            let _ = write!(fresh, "{line}\n{}{END}\n", table(&found));
            classes.extend(found.iter().map(|plugin| plugin.class));
            inside = true;
        } else if line == END {
            assert!(inside, "{}: no table begins before this", at());
            inside = false;
        } else if !inside {
            let _ = writeln!(fresh, "{line}");
        }
    }
    assert!(!inside, "{}: the table does not end with {END}", page.path.display());
    assert!(!classes.is_empty(), "{}: the page has no line {START}CLASS -->", page.path.display());
    (fresh, classes)
}

fn described<'a>(class: &str, kinds: &[PluginKind], registry: &'a Registry) -> Vec<&'a PluginDescription> {
    let mut found: Vec<&PluginDescription> = Vec::new();
    for plugin in registry.plugins().into_iter().filter(|plugin| kinds.contains(&plugin.kind)) {
        let rest = plugin.class.strip_prefix(class);
        let known = found.iter().any(|other| other.class == plugin.class);
        if !known && matches!(rest, Some("" | "$Key" | "$Value")) {
            found.push(plugin);
        }
    }
    found
}

fn table(plugins: &[&PluginDescription]) -> String {
    let classes: Vec<_> = plugins.iter().map(|plugin| format!("`{}`", plugin.class)).collect();
    let mut text = format!("\nClass: {}\n\n", classes.join(" or "));
    match plugins[0].definition.keys().len() {
        0 => text.push_str("It has no keys.\n"),
        _ => text.push_str(plugins[0].definition.markdown().trim_start()),
    }
    text.push('\n');
    text
}

fn index(pages: &[Page], title: &str, intro: &str) -> String {
    let mut text = format!("# {title}\n\n{intro}\n\n| page | what it does | cases |\n|---|---|---|\n");
    for page in pages {
        let file = page.path.file_name().unwrap_or_default().to_string_lossy();
        let _ = writeln!(text, "| [{}]({file}) | {} | {} |", page.title, page.summary, page.cases.len());
    }
    text.push_str("\nThis list is generated from the pages by `cargo xtask generate`.\n");
    text
}
