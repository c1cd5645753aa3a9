//! Terraform's CLI configuration: reading the user's for mirrors, writing ours.

use std::path::{Path, PathBuf};

use hcl_edit::structure::{Body, Structure};

/// Folders that the user's configuration names as mirrors or caches of providers.
pub fn mirrors() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let named = std::env::var_os("TF_CLI_CONFIG_FILE").map(PathBuf::from);
    let files = [
        named,
        home.as_ref().map(|home| home.join(".terraformrc")),
        home.as_ref().map(|home| home.join(".tofurc")),
    ];
    let mut folders = Vec::new();
    for file in files.into_iter().flatten() {
        if let Ok(text) = std::fs::read_to_string(file) {
            folders.extend(mirrors_of(&text));
        }
    }
    folders.extend(std::env::var_os("TF_PLUGIN_CACHE_DIR").map(PathBuf::from));
    folders
}

/// Folders in which Terraform looks without being told.
pub fn implied_mirrors() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(home) = std::env::var_os("HOME").map(PathBuf::from) {
        folders.push(home.join(".terraform.d/plugins"));
        folders.push(home.join(".terraform.d/plugin-cache"));
        folders.push(home.join(".local/share/terraform/plugins"));
    }
    let shared = std::env::var("XDG_DATA_DIRS").unwrap_or_else(|_| "/usr/local/share:/usr/share".to_owned());
    folders.extend(std::env::split_paths(&shared).map(|folder| folder.join("terraform/plugins")));
    folders
}

/// Configuration under which providers come from `mirror` and nowhere else.
pub fn only(mirror: &Path) -> String {
    format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path = {:?}\n  }}\n}}\n",
        mirror.display().to_string()
    )
}

fn mirrors_of(text: &str) -> Vec<PathBuf> {
    let Ok(body) = text.parse::<Body>() else { return Vec::new() };
    let mut found = Vec::new();
    collect(&body, &mut found);
    found
}

// `plugin_cache_dir = "…"`, and `path = "…"` in any block filesystem_mirror.
fn collect(body: &Body, found: &mut Vec<PathBuf>) {
    for structure in body {
        match structure {
            Structure::Attribute(attribute)
                if matches!(attribute.key.as_str(), "path" | "plugin_cache_dir") =>
            {
                found.extend(attribute.value.as_str().map(PathBuf::from));
            }
            Structure::Attribute(_) => {}
            Structure::Block(block) => collect(&block.body, found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_and_the_cache_are_found() {
        let text = r#"
            plugin_cache_dir = "/cache"
            provider_installation {
              filesystem_mirror {
                path    = "/mirror"
                include = ["*/*/*"]
              }
              direct {}
            }
        "#;
        assert_eq!(mirrors_of(text), [PathBuf::from("/cache"), PathBuf::from("/mirror")]);
        assert!(mirrors_of("no { hcl").is_empty());
    }

    #[test]
    fn what_we_write_can_be_read() {
        assert_eq!(mirrors_of(&only(Path::new("/a b"))), [PathBuf::from("/a b")]);
    }
}
