//! A private PostgreSQL server for tests.
//!
//! It is started once a test binary, on a free port of the loopback address, in a temporary folder that goes with it.
//! `SLUICE_TEST_POSTGRES_URL` (`postgresql://user:password@host:port/database`, a superuser) names a server to use
//! instead.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const START_LIMIT: Duration = Duration::from_secs(60);
const USER: &str = "postgres";
/// The password of the servers that are started here; it protects nothing.
const PASSWORD: &str = "sluice";

/// A running server. It stops when the last clone of its `Arc` is dropped.
#[derive(Debug)]
pub struct Server {
    host: String,
    port: u16,
    user: String,
    password: String,
    database: String,
    process: Option<Mutex<Child>>,
    _folder: Option<TempDir>,
}

impl Server {
    /// The server of this test binary: started by the first who asks.
    ///
    /// # Errors
    /// There is no server, and why; with the command that installs it.
    pub fn shared() -> Result<Arc<Self>, String> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Ok(server);
        }
        let server = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&server);
        Ok(server)
    }

    /// Starts a server of its own, to be stopped and started at will.
    ///
    /// # Errors
    /// As [`Self::shared`].
    pub fn start() -> Result<Self, String> {
        Self::start_with(&[])
    }

    /// As [`Self::start`], with settings (`name=value`), logical replication for example.
    ///
    /// # Errors
    /// As [`Self::shared`].
    pub fn start_with(settings: &[&str]) -> Result<Self, String> {
        if let Ok(url) = std::env::var("SLUICE_TEST_POSTGRES_URL") {
            return Self::existing(&url);
        }
        let binaries = binaries()?;
        let folder = tempfile::Builder::new()
            .prefix("sluice-postgres-")
            .tempdir()
            .map_err(|error| format!("no temporary folder: {error}"))?;
        let identity = unprivileged()?;
        let data = folder.path().join("data");
        let password_file = folder.path().join("password");
        let prepare = || -> std::io::Result<()> {
            fs::write(&password_file, PASSWORD)?;
            fs::create_dir(&data)?;
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
            fs::set_permissions(&data, fs::Permissions::from_mode(0o700))?;
            if let Some((user, group)) = identity {
                for path in [folder.path(), &data, &password_file] {
                    chown(path, Some(user), Some(group))?;
                }
            }
            Ok(())
        };
        prepare().map_err(|error| format!("the server's folder cannot be made: {error}"))?;
        let mut initdb = command(&binaries.join("initdb"), identity, folder.path());
        initdb.args(["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--no-sync", "-U", USER]);
        initdb.arg("--pwfile").arg(&password_file).arg("-D").arg(&data);
        let output = initdb.output().map_err(|error| format!("initdb cannot be run: {error}"))?;
        if !output.status.success() {
            return Err(format!("initdb failed: {}", String::from_utf8_lossy(&output.stderr)));
        }
        // Between the look for a free port and the server's bind another may take it: then the next one.
        let mut last = String::new();
        for _ in 0..5 {
            let port = free_port()?;
            match Self::serve(&binaries, identity, folder.path(), &data, port, settings) {
                Ok(process) => {
                    return Ok(Self {
                        host: "127.0.0.1".to_owned(),
                        port,
                        user: USER.to_owned(),
                        password: PASSWORD.to_owned(),
                        database: "postgres".to_owned(),
                        process: Some(Mutex::new(process)),
                        _folder: Some(folder),
                    });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn serve(
        binaries: &Path,
        identity: Option<(u32, u32)>,
        folder: &Path,
        data: &Path,
        port: u16,
        settings: &[&str],
    ) -> Result<Child, String> {
        let log = folder.join("log");
        let file =
            fs::File::create(&log).map_err(|error| format!("the server's log cannot be made: {error}"))?;
        let mut server = command(&binaries.join("postgres"), identity, folder);
        server.arg("-D").arg(data).arg("-p").arg(port.to_string()).arg("-k").arg(folder);
        for setting in
            ["listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "max_connections=50"]
                .iter()
                .chain(settings)
        {
            server.args(["-c", setting]);
        }
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let mut process = server.spawn().map_err(|error| format!("postgres cannot be run: {error}"))?;
        let start = Instant::now();
        loop {
            // It answers before it is ready: the log says when it is.
            let ready = fs::read_to_string(&log).is_ok_and(|log| log.contains("ready to accept connections"));
            if ready && answers(port) {
                return Ok(process);
            }
            let ended = process.try_wait().map_err(|error| format!("postgres is lost: {error}"))?;
            if ended.is_some() || start.elapsed() > START_LIMIT {
                let _ = process.kill(); // it may have ended by itself
                let _ = process.wait();
                return Err(format!(
                    "postgres did not start: {}",
                    fs::read_to_string(&log).unwrap_or_default()
                ));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn existing(url: &str) -> Result<Self, String> {
        let wrong =
            || "SLUICE_TEST_POSTGRES_URL is not postgresql://user:password@host:port/database".to_owned();
        let rest = url
            .strip_prefix("postgresql://")
            .or_else(|| url.strip_prefix("postgres://"))
            .ok_or_else(wrong)?;
        let (who, place) = rest.split_once('@').ok_or_else(wrong)?;
        let (user, password) = who.split_once(':').unwrap_or((who, ""));
        let (address, database) = place.split_once('/').ok_or_else(wrong)?;
        let (host, port) = address.split_once(':').unwrap_or((address, "5432"));
        Ok(Self {
            host: host.to_owned(),
            port: port.parse().map_err(|_| wrong())?,
            user: user.to_owned(),
            password: password.to_owned(),
            database: database.to_owned(),
            process: None,
            _folder: None,
        })
    }

    /// `postgresql://user:password@host:port/database`.
    pub fn url(&self) -> String {
        format!("postgresql://{}:{}@{}:{}/{}", self.user, self.password, self.host, self.port, self.database)
    }

    /// Host name or address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A superuser.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The superuser's password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// A database that is there.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Whether the server was started here, and is nobody else's.
    pub fn is_private(&self) -> bool {
        self.process.is_some()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(process) = &self.process else { return };
        let mut process = process.lock().unwrap_or_else(PoisonError::into_inner);
        // SIGINT is the server's "fast" stop: its children end with it, which a kill would not do.
        let asked = Command::new("kill").arg("-INT").arg(process.id().to_string()).status();
        let start = Instant::now();
        while asked.is_ok() && start.elapsed() < Duration::from_secs(10) {
            if matches!(process.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = process.kill(); // nothing else is left to do
        let _ = process.wait();
    }
}

// The folder of `initdb` and `postgres`: on the path, or Debian's of the newest version, or installed now.
fn binaries() -> Result<PathBuf, String> {
    if let Some(found) = find_binaries() {
        return Ok(found);
    }
    let hint = "PostgreSQL is not installed; type: sudo apt-get install -y postgresql";
    if !is_root() {
        return Err(hint.to_owned());
    }
    let run = |arguments: &[&str]| {
        Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let _ = run(&["update", "-q"]); // an old list may do
    if !run(&["install", "-y", "-q", "--no-install-recommends", "postgresql"]) {
        return Err(format!("{hint} (tried it; it failed)"));
    }
    find_binaries().ok_or_else(|| hint.to_owned())
}

fn find_binaries() -> Option<PathBuf> {
    let whole = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(found) = std::env::split_paths(&path).find(whole) {
        return Some(found);
    }
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    versions.retain(whole);
    versions.sort_by_key(|bin| {
        let version = bin.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        version.and_then(|name| name.parse::<u32>().ok())
    });
    versions.pop()
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

// The server refuses to run as root: user and group of `postgres`, else of `nobody`. `None`: we are not root.
fn unprivileged() -> Result<Option<(u32, u32)>, String> {
    if !is_root() {
        return Ok(None);
    }
    let users =
        fs::read_to_string("/etc/passwd").map_err(|error| format!("/etc/passwd cannot be read: {error}"))?;
    let of = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    match of("postgres").or_else(|| of("nobody")) {
        Some(identity) => Ok(Some(identity)),
        None => Err("the server does not run as root, and there is no user postgres or nobody".to_owned()),
    }
}

fn command(program: &Path, identity: Option<(u32, u32)>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    // The current folder may be closed to the other user.
    command.current_dir(folder).env("LC_ALL", "C").env("TZ", "UTC");
    if let Some((user, group)) = identity {
        command.uid(user).gid(group);
    }
    command
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no free port: {error}"))?;
    listener.local_addr().map(|address| address.port()).map_err(|error| format!("no free port: {error}"))
}

// Asks for TLS, which every server that has come up answers with one byte.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47])?;
        let mut answer = [0];
        stream.read_exact(&mut answer)?;
        Ok(answer[0])
    };
    matches!(ask(), Ok(b'N' | b'S'))
}
