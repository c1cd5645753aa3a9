//! A company's repository in a scratch folder: the blueprint's pipeline over roots that need no provider.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_norway::Value;

use crate::job::{Runner, copy_folder};

/// The pipeline's folder in this repository.
pub fn pipeline() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../blueprint/.github")
}

/// A workflow or action by its path below `.github`.
pub fn workflow(path: &str) -> Value {
    let path = pipeline().join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_norway::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A checkout with an origin.
pub struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    /// With the pipeline and the given files, pushed to main.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        copy_folder(&pipeline(), &repository.checkout().join(".github"));
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        let origin = repository.folder.path().join("origin.git");
        repository.git(&["init", "--quiet", "--bare", "--initial-branch=main", origin.to_str().unwrap()]);
        repository.git(&["remote", "add", "origin", origin.to_str().unwrap()]);
        repository.write(".gitignore", ".terraform/\n.terraform.lock.hcl\n*.tfstate*\n");
        repository.commit(files);
        repository.push();
        repository
    }

    /// Where it is checked out.
    pub fn checkout(&self) -> PathBuf {
        self.folder.path().join("checkout")
    }

    /// A file's path.
    pub fn path(&self, name: &str) -> PathBuf {
        self.checkout().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Writes files and commits them.
    pub fn commit(&self, files: &[(&str, &str)]) {
        for (name, text) in files {
            self.write(name, text);
        }
        self.git(&["add", "."]);
        self.git(&[
            "-c",
            "user.name=test",
            "-c",
            "user.email=test@acme.example",
            "commit",
            "--quiet",
            "--message",
            "change",
        ]);
    }

    /// Makes the commit the newest of main.
    pub fn push(&self) {
        self.git(&["push", "--quiet", "origin", "HEAD:main"]);
    }

    /// Runs git, and gives what it printed.
    pub fn git(&self, arguments: &[&str]) -> String {
        std::fs::create_dir_all(self.checkout()).unwrap();
        let output = Command::new("git").args(arguments).current_dir(self.checkout()).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A runner whose jobs find these programs and values.
    pub fn runner(&self, programs: &[PathBuf], values: &[(&str, &str)]) -> Runner {
        Runner {
            checkout: self.checkout(),
            artifacts: self.folder.path().join("artifacts"),
            temp: self.folder.path().join("temp"),
            programs: programs.to_vec(),
            values: values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        }
    }

    /// Folder for stand-ins of programs and what they write.
    pub fn scratch(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }
}
