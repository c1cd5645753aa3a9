//! The users: lines `NAME:ROLE:HASH`; empty lines and those that begin with `#` say nothing.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use config::Secret;
use parking_lot::Mutex;

use super::password;
use crate::Role;

/// The largest file, in bytes.
const BYTES_MAX: u64 = 1 << 20;

/// Where the users are said.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a file, which is read again when it has changed.
    File(PathBuf),
    /// In the config itself, where a container has no files: the lines.
    Here(Secret),
}

/// A user.
#[derive(Clone)]
pub(super) struct User {
    pub(super) role: Role,
    pub(super) hash: String,
}

/// The users of a file as it was read.
pub(super) struct Users {
    by_name: HashMap<String, User>,
    nobody: User,
}

impl Users {
    pub(super) fn find(&self, name: &str) -> Option<&User> {
        self.by_name.get(name)
    }

    /// Somebody whose password nobody knows.
    pub(super) fn nobody(&self) -> &User {
        &self.nobody
    }

    fn parse(text: &str) -> Result<Self, Vec<String>> {
        let (mut by_name, mut problems) = (HashMap::new(), Vec::new());
        let mut cost = None;
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match user(line) {
                Ok((name, ..)) if by_name.contains_key(name) => {
                    problems.push(format!("line {number}: {name} is there already"));
                }
                Ok((name, user, params)) => {
                    cost.get_or_insert(params);
                    by_name.insert(name.to_owned(), user);
                }
                Err(why) => problems.push(format!("line {number}: {why}")),
            }
        }
        match password::of_nobody(cost.unwrap_or_default()) {
            Ok(hash) if problems.is_empty() => {
                Ok(Self { by_name, nobody: User { role: Role::Viewer, hash } })
            }
            Ok(_) => Err(problems),
            Err(why) => Err(vec![why]),
        }
    }
}

fn user(line: &str) -> Result<(&str, User, argon2::Params), String> {
    let mut parts = line.splitn(3, ':');
    let (Some(name), Some(role), Some(hash)) = (parts.next(), parts.next(), parts.next()) else {
        // A line that is not understood may hold a password.
        return Err("write NAME:ROLE:HASH".to_owned());
    };
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err("a name has at least one character, and no control characters".to_owned());
    }
    let role =
        Role::parse(role.trim()).map_err(|_| "the role must be viewer, operator or admin".to_owned())?;
    let cost = password::check(hash.trim())?;
    Ok((name, User { role, hash: hash.trim().to_owned() }, cost))
}

/// The users as they are said now.
pub(super) struct Said {
    /// `None`: they do not change.
    path: Option<PathBuf>,
    state: Mutex<State>,
}

struct State {
    seen: Option<Stamp>,
    users: Arc<Users>,
}

/// What tells that a file has changed: its number, its length, and when it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp(u64, u64, i64, i64);

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Said({:?})", self.path)
    }
}

impl Said {
    pub(super) fn read(place: Place) -> Result<Self, String> {
        match place {
            Place::File(path) => Self::open(path),
            Place::Here(text) => {
                let users = Users::parse(text.expose()).map_err(|problems| problems.join("; "))?;
                Ok(Self { path: None, state: Mutex::new(State { seen: None, users: Arc::new(users) }) })
            }
        }
    }

    fn open(path: PathBuf) -> Result<Self, String> {
        let cannot = |error| format!("{}: cannot read the file: {error}", path.display());
        let metadata = std::fs::metadata(&path).map_err(cannot)?;
        check_length(metadata.len()).map_err(|why| format!("{}: {why}", path.display()))?;
        let text = std::fs::read_to_string(&path).map_err(cannot)?;
        let users =
            Users::parse(&text).map_err(|problems| format!("{}: {}", path.display(), problems.join("; ")))?;
        let state = State { seen: Some(stamp(&metadata)), users: Arc::new(users) };
        Ok(Self { path: Some(path), state: Mutex::new(state) })
    }

    /// The users as the file says now; as it said before, when it cannot be read or is wrong.
    pub(super) async fn users(&self) -> Arc<Users> {
        let Some(path) = &self.path else { return self.state.lock().users.clone() };
        let metadata = tokio::fs::metadata(path).await;
        let now = metadata.as_ref().ok().map(stamp);
        {
            let mut state = self.state.lock();
            if state.seen == now {
                return state.users.clone();
            }
            state.seen = now; // said once, whatever comes of it
        }
        match read_again(path, metadata).await {
            Ok(users) => {
                tracing::info!("{} has changed and was read again", path.display());
                self.state.lock().users = Arc::new(users);
            }
            Err(why) => tracing::error!(
                "{} has changed and cannot be used, so what it said before counts: {why}",
                path.display()
            ),
        }
        self.state.lock().users.clone()
    }
}

async fn read_again(path: &Path, metadata: std::io::Result<std::fs::Metadata>) -> Result<Users, String> {
    let cannot = |error: std::io::Error| format!("cannot read the file: {error}");
    check_length(metadata.map_err(cannot)?.len())?;
    let text = tokio::fs::read_to_string(path).await.map_err(cannot)?;
    let parsed = tokio::task::spawn_blocking(move || Users::parse(&text)).await;
    parsed.map_err(|error| error.to_string())?.map_err(|problems| problems.join("; "))
}

fn check_length(bytes: u64) -> Result<(), String> {
    if bytes > BYTES_MAX { Err(format!("the file is larger than {BYTES_MAX} bytes")) } else { Ok(()) }
}

fn stamp(metadata: &std::fs::Metadata) -> Stamp {
    Stamp(metadata.ino(), metadata.len(), metadata.mtime(), metadata.mtime_nsec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_line_is_told_and_no_line_is_shown() {
        let hash = password::quick("x");
        let text = format!(
            "a:admin:{hash}\ncanary\na:viewer:{hash}\nb:boss:{hash}\n:admin:{hash}\nc:admin:canary\n"
        );
        let problems = Users::parse(&text).err().unwrap().join("\n");
        for line in [
            "line 2: write NAME",
            "line 3: a is there",
            "line 4: the role",
            "line 5: a name",
            "line 6: that is no",
        ] {
            assert!(problems.contains(line), "{line}: {problems}");
        }
        assert!(!problems.contains("canary"));
        let users = Users::parse(&format!("  # x\n a:admin:{hash} \n")).ok().unwrap();
        assert_eq!(users.find("a").unwrap().role, Role::Admin);
    }
}
