//! Certificates of the test, in forms that the kit does not make.

use std::path::Path;
use std::process::Command;

use p12_keystore::{Certificate, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
pub use testkit::certificates::{Authority, Pair};

/// A key store of this password, in PKCS#12.
pub fn pkcs12(pair: &Pair, password: &str) -> Vec<u8> {
    let certificate = Certificate::from_der(&pair.der()).unwrap();
    let key = PrivateKey::from_der(pair.key_der().secret_der()).unwrap();
    let chain = PrivateKeyChain::new("1", key, [certificate]);
    let mut store = KeyStore::new();
    store.add_entry("client", KeyStoreEntry::PrivateKeyChain(chain));
    store.writer(password).write().unwrap()
}

/// Java's own tool, with these arguments.
pub fn keytool(folder: &Path, arguments: &str) {
    let mut command = Command::new("keytool");
    let output =
        command.current_dir(folder).args(arguments.split_whitespace()).arg("-noprompt").output().unwrap();
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stdout));
}
