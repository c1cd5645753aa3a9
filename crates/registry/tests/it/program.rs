//! The program.

use std::net::TcpListener;
use std::process::{Command, Stdio};

#[test]
fn a_signal_ends_it_while_no_broker_answers() {
    // It takes connections, but says nothing.
    let broker = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_schema-registry"))
        .args(["--listen", "127.0.0.1:0", "--bootstrap", &broker.local_addr().unwrap().to_string()])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // From here on it has its signal handlers.
    let _connection = broker.accept().unwrap();
    let killed = Command::new("kill").args(["-TERM", &program.id().to_string()]).status().unwrap();
    assert!(killed.success());
    // Without an ear for the signal, it would end with the error that no broker answers.
    assert_eq!(program.wait().unwrap().code(), Some(0));
}
