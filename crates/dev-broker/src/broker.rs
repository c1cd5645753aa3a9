//! What every request can see, and the broker's start and end.

use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::clock::Clock;
use crate::error::Error;
use crate::group::Groups;
use crate::journal::{Journal, Memory};
use crate::options::{Fsync, Options};
use crate::topics::Topics;
use crate::txn::Transactions;
use crate::{maintenance, server, txn};

/// The only node's id.
pub const NODE_ID: i32 = 1;

/// What all connections share.
pub struct Shared {
    /// As started.
    pub options: Options,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where clients connect.
    pub address: SocketAddr,
    /// Kept with the data.
    pub cluster_id: String,
    /// Topics and their data.
    pub topics: Topics,
    /// Groups and their offsets.
    pub groups: Groups,
    /// Transactional ids.
    pub txns: Transactions,
    /// Durable memory of groups and transactions.
    pub journal: Journal,
    /// Told when there is an earlier deadline than before.
    pub timer: Notify,
    /// Open connections.
    pub connections: AtomicUsize,
    /// Becomes true when the broker stops.
    pub stopping: watch::Receiver<bool>,
    /// Keeps other brokers out of the data folder until the last task that may write is gone.
    _lock: Option<File>,
}

/// A running broker. Dropping it stops it; [`shutdown`](Broker::shutdown) also flushes.
///
/// It runs on threads of its own, so a caller that blocks its runtime does not block the broker.
pub struct Broker {
    pub(crate) shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    runtime: Mutex<Option<Runtime>>,
}

impl Options {
    /// Starts a broker; it accepts connections when this returns.
    pub async fn start(self) -> Result<Broker, Error> {
        self.check()?;
        // Reading the data folder may take long: not on the caller's thread.
        let (reply, started) = tokio::sync::oneshot::channel();
        std::thread::Builder::new()
            .name("dev-broker-start".to_owned())
            .spawn(move || {
                let _ = reply.send(start(self));
            })
            .map_err(Error::Threads)?;
        started.await.map_err(|_| Error::Threads(io::Error::other("the starting thread ended early")))?
    }
}

fn start(options: Options) -> Result<Broker, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("dev-broker")
        .enable_all()
        .build()
        .map_err(Error::Threads)?;
    let listen = |source| Error::Listen { address: options.listen, source };
    let listener = runtime.block_on(TcpListener::bind(options.listen)).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let (stop, stopping) = watch::channel(false);
    let shared = match options.data_dir.clone() {
        Some(path) => {
            let data = |source| Error::Data { path: path.clone(), source };
            fs::create_dir_all(&path).map_err(data)?;
            let lock = lock(&path)?;
            open(options, address, stopping, &path, lock).map_err(data)?
        }
        None => {
            let topics = Topics::open(None, options.clock.now_ms())
                .map_err(|source| Error::Data { path: PathBuf::new(), source })?;
            let kept = Kept {
                topics,
                journal: Journal::in_memory(),
                memory: Memory::default(),
                cluster_id: Uuid::new_v4().simple().to_string(),
                lock: None,
            };
            share(options, address, stopping, kept)
        }
    };
    let shared = Arc::new(shared);
    txn::end_forgotten(&shared);
    tracing::info!(
        %address,
        data = shared.options.data_dir.as_ref().map_or("memory".to_owned(), |p| p.display().to_string()),
        "dev broker started; it is for laptops and tests, never for production"
    );
    runtime.spawn(server::accept(shared.clone(), listener));
    runtime.spawn(maintenance::run(shared.clone()));
    Ok(Broker { shared, stop, runtime: Mutex::new(Some(runtime)) })
}

/// How long a broker that is going down may still hold its folder.
const GOING_DOWN: Duration = Duration::from_secs(2);

fn lock(folder: &Path) -> Result<File, Error> {
    let data = |source| Error::Data { path: folder.to_owned(), source };
    let file = File::create(folder.join("lock")).map_err(data)?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) if started.elapsed() < GOING_DOWN => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(fs::TryLockError::WouldBlock) => return Err(Error::InUse(folder.to_owned())),
            Err(fs::TryLockError::Error(source)) => return Err(data(source)),
        }
    }
}

fn open(
    options: Options,
    address: SocketAddr,
    stopping: watch::Receiver<bool>,
    folder: &Path,
    lock: File,
) -> io::Result<Shared> {
    let id_file = folder.join("cluster-id");
    let cluster_id = match fs::read_to_string(&id_file) {
        Ok(id) if !id.trim().is_empty() => id.trim().to_owned(),
        _ => {
            let id = Uuid::new_v4().simple().to_string();
            fs::write(&id_file, &id)?;
            id
        }
    };
    let topics = Topics::open(Some(folder.join("topics")), options.clock.now_ms())?;
    let (journal, memory) = Journal::open(folder, options.fsync == Fsync::Always)?;
    Ok(share(options, address, stopping, Kept { topics, journal, memory, cluster_id, lock: Some(lock) }))
}

/// What was in the data folder.
struct Kept {
    topics: Topics,
    journal: Journal,
    memory: Memory,
    cluster_id: String,
    lock: Option<File>,
}

fn share(options: Options, address: SocketAddr, stopping: watch::Receiver<bool>, kept: Kept) -> Shared {
    let Kept { topics, journal, memory, cluster_id, lock } = kept;
    let groups = Groups::default();
    for (id, offsets) in memory.offsets {
        groups.get_or_create(&id).lock().offsets.committed = offsets;
    }
    for ((id, producer_id), offsets) in memory.pending {
        groups.get_or_create(&id).lock().offsets.pending.insert(producer_id, offsets);
    }
    let txns = Transactions::new(memory.txns.into_values(), memory.next_producer_id);
    Shared {
        clock: options.clock.clone(),
        options,
        address,
        cluster_id,
        topics,
        groups,
        txns,
        journal,
        timer: Notify::new(),
        connections: AtomicUsize::new(0),
        stopping,
        _lock: lock,
    }
}

impl Broker {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// The value for `bootstrap.servers`.
    pub fn bootstrap(&self) -> String {
        self.shared.address.to_string()
    }

    /// The cluster's id, which stays with the data folder.
    pub fn cluster_id(&self) -> &str {
        &self.shared.cluster_id
    }

    /// Stops, and flushes everything to the disk.
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        let runtime = self.runtime.lock().take();
        let shared = self.shared.clone();
        // Joining threads and flushing block: not on the caller's thread.
        let (done, ended) = tokio::sync::oneshot::channel::<()>();
        let flusher = std::thread::Builder::new().name("dev-broker-stop".to_owned()).spawn(move || {
            if let Some(runtime) = runtime {
                runtime.shutdown_timeout(Duration::from_secs(5));
            }
            maintenance::flush_all(&shared);
            drop(done);
        });
        if let Err(error) = flusher {
            tracing::error!(%error, "cannot start a thread to flush the data");
            return;
        }
        let _ = ended.await;
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        if let Some(runtime) = self.runtime.lock().take() {
            // Waiting for threads is not allowed inside a runtime, and there is nothing to wait for.
            runtime.shutdown_background();
        }
    }
}
