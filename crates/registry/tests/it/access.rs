//! Loopback and users.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sluice_registry::log::MemoryLog;
use sluice_registry::{Error, Options, Server, Users};

use crate::server::Registry;

fn users() -> Users {
    Users::parse("# who\n\nalice: secret-1\nbob:with:colon\n").unwrap()
}

#[test]
fn it_is_open_on_loopback_only() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let start = |listen: &str, users| {
        let options = Options { listen: listen.parse().unwrap(), users, ..Options::default() };
        runtime.block_on(Server::start(options, MemoryLog::new()))
    };
    let error = start("0.0.0.0:0", Users::none()).unwrap_err();
    assert!(matches!(error, Error::Open { .. }), "{error}");
    assert!(matches!(start("192.0.2.1:0", Users::none()).unwrap_err(), Error::Open { .. }));
    let server = start("0.0.0.0:0", users()).unwrap();
    runtime.block_on(server.shutdown());
}

#[test]
fn users_are_asked_who_they_are() {
    let registry = Registry::start_with(Options { users: users(), ..Options::default() });
    let with = |value: &str| registry.send("GET", "/subjects", &[("authorization", value)], b"").status;
    let basic = |text: &str| with(&format!("Basic {}", STANDARD.encode(text)));
    registry.get("/subjects").refused(401);
    registry.get("/").refused(401);
    assert_eq!(basic("alice:secret-1"), 200);
    assert_eq!(basic("bob:with:colon"), 200);
    for wrong in ["alice:secret-2", "alice", "alice:", "mallory:secret-1", "", ":secret-1"] {
        assert_eq!(basic(wrong), 401, "{wrong}");
    }
    assert_eq!(with("Basic !!!"), 401);
    assert_eq!(with("Bearer alice:secret-1"), 401);
    assert_eq!(with(&format!("basic {}", STANDARD.encode("alice:secret-1"))), 200);
}

#[test]
fn lines_that_are_no_users() {
    assert_eq!(Users::parse("alice: x\nbob").unwrap_err(), 2);
    assert_eq!(Users::parse(": x").unwrap_err(), 1);
    assert_eq!(Users::parse("alice:").unwrap_err(), 1);
}

#[test]
fn passwords_are_not_printed() {
    let text = format!("{:?}", Options { users: users(), ..Options::default() });
    assert!(!text.contains("secret") && !text.contains("alice"), "{text}");
}
