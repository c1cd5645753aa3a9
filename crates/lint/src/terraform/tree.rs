//! A tree of folders as the rules see it: Terraform by folder, connector files, and texts with commands in them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::connector::{self, ConnectorFile};
use super::file::HclFile;
use super::folder::Folder;
use super::script::Script;
use super::team::TeamFile;
use crate::Error;
use crate::place::Place;

/// Everything below a folder that a rule looks at.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) folders: Vec<Folder>,
    pub(crate) connectors: Vec<ConnectorFile>,
    pub(crate) scripts: Vec<Script>,
    pub(crate) teams: Vec<TeamFile>,
    /// Files that could not be parsed.
    pub(crate) broken: Vec<Broken>,
}

/// A file that is not what its name says.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) path: PathBuf,
    pub(crate) place: Place,
    pub(crate) message: String,
    pub(crate) is_connector: bool,
}

impl Tree {
    /// Reads a tree. Hidden folders are left out, except `.github`, and so are folders of tests: what stands there
    /// is wrong on purpose.
    pub(crate) fn read(root: &Path) -> Result<Self, Error> {
        let mut paths = Vec::new();
        list(root, &mut paths)?;
        paths.sort();
        let mut tree = Self::default();
        let mut folders: BTreeMap<PathBuf, Folder> = BTreeMap::new();
        for path in paths {
            let relative = path.strip_prefix(root).unwrap_or(&path).to_owned();
            let parent = relative.parent().unwrap_or(Path::new("")).to_owned();
            match kind(&relative) {
                Some(Kind::Terraform) => match read_hcl(&path, &relative) {
                    Ok(file) => {
                        folders.entry(parent.clone()).or_insert_with(|| Folder::new(parent)).add(file);
                    }
                    Err(Error::Hcl { line, column, message, .. }) => tree.broken.push(Broken {
                        path: relative,
                        place: Place { line, column },
                        message,
                        is_connector: false,
                    }),
                    Err(error) => return Err(error),
                },
                Some(Kind::Json) => tree.add_json(relative, read_text(&path)?),
                Some(Kind::Script) => {
                    let text = read_text(&path)?;
                    tree.teams.extend(TeamFile::parse(&relative, &text));
                    tree.scripts.push(Script::new(relative, text));
                }
                None => {}
            }
        }
        tree.folders = folders.into_values().collect();
        Ok(tree)
    }

    fn add_json(&mut self, path: PathBuf, text: String) {
        match connector::parse(&path, text) {
            Ok(Some(file)) => self.connectors.push(file),
            Ok(None) => {}
            Err((place, message)) => {
                self.broken.push(Broken { path, place, message, is_connector: true });
            }
        }
    }

    /// The folder with this path, when it holds Terraform.
    pub(crate) fn folder(&self, path: &Path) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.path == path)
    }

    /// A folder and every folder that it calls as a module, directly or not.
    pub(crate) fn with_modules<'a>(&'a self, folder: &'a Folder) -> Vec<&'a Folder> {
        let mut found = vec![folder];
        let mut next = 0;
        while next < found.len() {
            for path in found[next].local_modules() {
                if let Some(module) = self.folder(&path)
                    && !found.iter().any(|seen| seen.path == module.path)
                {
                    found.push(module);
                }
            }
            next += 1;
        }
        found
    }
}

enum Kind {
    Terraform,
    Json,
    Script,
}

fn kind(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_str()?;
    match path.extension()?.to_str()? {
        "tf" | "tfvars" => Some(Kind::Terraform),
        "json" => Some(Kind::Json),
        "md" | "sh" | "bash" | "yml" | "yaml" => Some(Kind::Script),
        _ if name == "Makefile" => Some(Kind::Script),
        _ => None,
    }
}

fn list(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Error> {
    let entries = std::fs::read_dir(folder).map_err(|source| Error::read(folder, source))?;
    for entry in entries {
        let entry = entry.map_err(|source| Error::read(folder, source))?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let kind = entry.file_type().map_err(|source| Error::read(&path, source))?;
        // A link to a folder could lead round in a circle.
        if kind.is_dir() {
            let hidden = name.starts_with('.') && name != ".github";
            if !hidden && name != "tests" && name != "target" && name != "node_modules" {
                list(&path, paths)?;
            }
        } else if kind.is_file() {
            paths.push(path);
        }
    }
    Ok(())
}

fn read_text(path: &Path) -> Result<String, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::read(path, source))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn read_hcl(path: &Path, relative: &Path) -> Result<HclFile, Error> {
    HclFile::parse(relative, read_text(path)?)
}
