//! Looking for provider binaries in folders.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::tools::numbers;

/// A provider on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The binary, or the archive that holds it.
    pub file: PathBuf,
    /// As its file or folder says, which is what Terraform goes by.
    pub version: String,
    /// Which of the places it was found in.
    pub place: String,
}

impl Provider {
    /// Whether the file is an archive, which only Terraform itself unpacks.
    pub fn is_packed(&self) -> bool {
        self.file.extension().is_some_and(|extension| extension == "zip")
    }
}

/// How many folders of one place are looked into, so that a large disk does not hold up the run.
const FOLDERS: usize = 60_000;

/// Folders of these names hold no providers, or are no files at all.
const LEFT_OUT: [&str; 9] =
    ["proc", "sys", "dev", "run", ".git", "node_modules", "site-packages", "incremental", "deps"];

/// The newest provider of this kind below `folder` whose version is accepted; nearest folders first.
pub fn newest(
    folder: &Path,
    kind: &str,
    place: &str,
    accepts: impl Fn((u32, u32, u32)) -> bool,
) -> Option<Provider> {
    let mut best: Option<(Provider, (u32, u32, u32))> = None;
    let mut queue = VecDeque::from([folder.to_owned()]);
    let mut looked = 0;
    while let Some(folder) = queue.pop_front() {
        looked += 1;
        if looked > FOLDERS {
            break;
        }
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            // A mirror may be made of links; below other folders a link could lead anywhere.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if !LEFT_OUT.contains(&name) {
                    queue.push_back(path);
                }
                continue;
            }
            let Some(version) = version_of(&path, name, kind) else { continue };
            let Some(triple) = numbers(&version) else { continue };
            if accepts(triple) && best.as_ref().is_none_or(|(_, known)| triple > *known) {
                best = Some((Provider { file: path, version, place: place.to_owned() }, triple));
            }
        }
    }
    best.map(|(provider, _)| provider)
}

/// This machine, in Terraform's words: `linux_amd64`.
pub fn platform() -> String {
    let system = if std::env::consts::OS == "macos" { "darwin" } else { std::env::consts::OS };
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}_{architecture}")
}

// `terraform-provider-KIND_vVERSION` with or without a suffix, as unpacked mirrors have it;
// `terraform-provider-KIND_VERSION_PLATFORM.zip`, as packed ones have it; or `terraform-provider-KIND` in a folder
// VERSION/PLATFORM.
fn version_of(path: &Path, name: &str, kind: &str) -> Option<String> {
    let rest = name.strip_prefix("terraform-provider-")?.strip_prefix(kind)?;
    if let Some(archive) = rest.strip_suffix(".zip") {
        let version = archive.strip_prefix('_')?.strip_suffix(&format!("_{}", platform()))?;
        return Some(version.to_owned());
    }
    let folder = path.parent()?.file_name()?.to_str()?;
    if folder.contains('_') && folder != platform() && folder.split('_').count() == 2 && is_platform(folder) {
        return None;
    }
    if let Some(versioned) = rest.strip_prefix("_v") {
        return Some(versioned.split('_').next()?.to_owned());
    }
    if !rest.is_empty() || folder != platform() {
        return None;
    }
    Some(path.parent()?.parent()?.file_name()?.to_str()?.to_owned())
}

fn is_platform(folder: &str) -> bool {
    ["linux_", "darwin_", "windows_", "freebsd_", "openbsd_", "solaris_"]
        .iter()
        .any(|system| folder.starts_with(system))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(folder: &Path, file: &str) {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }

    #[test]
    fn mirrors_of_both_layouts_are_understood() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform();
        make(folder.path(), &format!("h/hashicorp/aws/5.99.0/{platform}/terraform-provider-aws_v5.99.0_x5"));
        make(folder.path(), &format!("h/hashicorp/aws/terraform-provider-aws_5.100.0_{platform}.zip"));
        make(folder.path(), "h/hashicorp/aws/6.1.0/plan9_mips/terraform-provider-awscc_v6.1.0");
        make(folder.path(), "h/hashicorp/aws/6.2.0/solaris_sparc/terraform-provider-aws_v6.2.0");
        make(folder.path(), &format!("h/c/confluent/2.83.4/{platform}/terraform-provider-confluent"));

        let aws = newest(folder.path(), "aws", "here", |_| true).unwrap();
        assert_eq!((aws.version.as_str(), aws.is_packed()), ("5.100.0", true));
        let older = newest(folder.path(), "aws", "here", |version| version < (5, 100, 0)).unwrap();
        assert_eq!((older.version.as_str(), older.is_packed()), ("5.99.0", false));
        assert_eq!(newest(folder.path(), "confluent", "here", |_| true).unwrap().version, "2.83.4");
        assert_eq!(newest(folder.path(), "google", "here", |_| true), None);
    }

    #[test]
    fn a_disk_is_not_followed_into_what_is_no_disk() {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), "proc/1/root/terraform-provider-aws_v5.100.0_x5");
        assert_eq!(newest(folder.path(), "aws", "here", |_| true), None);
    }
}
