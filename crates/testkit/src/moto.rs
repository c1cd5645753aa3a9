//! AWS on loopback: moto, from its Python package.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

const PACKAGE: &str = "moto[server]==5.2.5";
const FOLDER: &str = "moto";

// Says where it listens, then makes a secret for each line of JSON: region, name, value. It ends when its input does.
const PROGRAM: &str = "
import json, logging, sys
import boto3
from moto.server import ThreadedMotoServer
logging.getLogger('werkzeug').setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f'http://{host}:{port}'
print(url, flush=True)
for line in sys.stdin:
    region, name, value = json.loads(line)
    client = boto3.client('secretsmanager', region_name=region, endpoint_url=url,
                          aws_access_key_id='test', aws_secret_access_key='test')
    client.create_secret(Name=name, SecretString=value)
    print('made', flush=True)
";

/// A server that ends when this is dropped.
#[derive(Debug)]
pub struct Moto {
    /// Its address, for every service.
    pub url: String,
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

/// Starts moto, kept in `target`, for a test of this name. `None` when the test does not run: it fetches another program,
/// so that it runs with `SLUICE_INTEROP=1` only. A test that is not run is listed.
///
/// # Panics
/// It cannot be installed or started.
pub fn start(target: &Path, test: &str) -> Option<Moto> {
    if !crate::interop(test) {
        return None;
    }
    let python = crate::python::with_package(target, FOLDER, PACKAGE)
        .unwrap_or_else(|why| panic!("{PACKAGE} cannot be installed: {why}"));
    let mut child = Command::new(python)
        .args(["-c", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("moto starts");
    let input = child.stdin.take().expect("it has an input");
    let mut output = BufReader::new(child.stdout.take().expect("it has an output"));
    let url = line(&mut output);
    Some(Moto { url, child, pipes: Mutex::new((input, output)) })
}

impl Moto {
    /// Makes a secret, with AWS's own client.
    ///
    /// # Panics
    /// It cannot be made.
    pub fn create_secret(&self, region: &str, name: &str, value: &str) {
        let (input, output) = &mut *self.pipes.lock().expect("no test panicked in here");
        let order = serde_json::json!([region, name, value]);
        writeln!(input, "{order}").and_then(|()| input.flush()).expect("moto takes orders");
        assert_eq!(line(output), "made");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line(output: &mut impl BufRead) -> String {
    let mut text = String::new();
    output.read_line(&mut text).expect("moto says something");
    assert!(!text.is_empty(), "moto has ended");
    text.trim().to_owned()
}
