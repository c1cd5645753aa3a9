//! What the worker's config says of HTTP: listeners of /admin, pages from elsewhere, headers.

use crate::client::send;
use crate::worker::TestWorker;

#[test]
fn admin_has_listeners_of_its_own() {
    let worker =
        TestWorker::with(&[("admin.listeners", "http://127.0.0.1:0"), ("access.control.allow.origin", "*")]);
    let admin = worker.admin[0];
    let page = send(admin, "GET", "/admin/loggers/root", &[("Origin", "http://x")], b"");
    assert_eq!(page.header("access-control-allow-origin"), None, "no page may use it");
    assert_eq!(worker.send("GET", "/admin/loggers").status, 404);
    assert_eq!(worker.send("GET", "/connectors").status, 200);
    assert_eq!(send(admin, "GET", "/admin/loggers/root", &[], b"").status, 200);
    assert_eq!(send(admin, "GET", "/connectors", &[], b"").status, 404);
    worker.stop();

    let worker = TestWorker::with(&[("admin.listeners", "")]);
    assert!(worker.admin.is_empty());
    assert_eq!(worker.send("GET", "/admin/loggers").status, 404);
}

#[test]
fn pages_from_elsewhere_need_a_word_in_the_config() {
    let origin = ("Origin", "http://page.example.com");
    let worker = TestWorker::start();
    let answer = send(worker.address, "GET", "/connectors", &[origin], b"");
    assert_eq!(answer.header("access-control-allow-origin"), None);
    worker.stop();

    let worker = TestWorker::with(&[
        ("access.control.allow.origin", "http://page.example.com"),
        ("access.control.allow.methods", "PUT"),
    ]);
    let answer = send(worker.address, "GET", "/connectors", &[origin], b"");
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://page.example.com"));
    let other = send(worker.address, "GET", "/connectors", &[("Origin", "http://evil.org")], b"");
    assert_eq!((other.status, other.header("access-control-allow-origin")), (200, None));
    let asked = [origin, ("Access-Control-Request-Method", "PUT")];
    let preflight = send(worker.address, "OPTIONS", "/connectors", &asked, b"");
    assert_eq!((preflight.status, preflight.header("access-control-allow-methods")), (200, Some("PUT")));
}

#[test]
fn every_answer_has_the_headers_of_the_config() {
    let rules = r#"set X-Frame-Options: DENY, "add Cache-Control: no-cache, no-store""#;
    let worker = TestWorker::with(&[("response.http.headers.config", rules)]);
    for path in ["/", "/connectors", "/connectors/nope", "/nope"] {
        let answer = worker.send("GET", path);
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache, no-store"), "{path}");
    }
}

#[test]
fn a_plugin_is_shown_in_a_version_that_there_is() {
    let worker = TestWorker::start();
    let of = |version: &str| {
        let path = format!("/connector-plugins/FakeSource/config?version={version}");
        worker.send("GET", &path).status
    };
    assert_eq!((of("1.2.3"), of("9.9"), of("latest")), (200, 400, 200));
    let answer = worker.send("GET", "/connector-plugins/FakeSource/config?version=9.9");
    let expected = "Plugin com.example.FakeSourceConnector not found that matches the version range [9.9,9.9], available \
                    versions: [1.2.3]";
    assert_eq!(answer.message(), expected);
    let answer = worker.send("GET", "/connector-plugins/FakeSource/config?version=%5Bx");
    assert_eq!(answer.message(), "Invalid version specification: [x");
}
