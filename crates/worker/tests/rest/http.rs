//! What the worker's config says of HTTP: listeners of /admin, pages from elsewhere, headers.

use crate::auth::{PASSWORD, Users, authorization};
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

// Without it no page could use a worker that asks who it is: a browser asks first, and does not say who asks.
#[test]
fn pages_may_say_who_asks_where_that_is_asked() {
    let users = Users::new();
    let worker = users.worker(&[
        ("access.control.allow.origin", "http://page.example.com"),
        ("access.control.allow.methods", "PUT"),
    ]);
    let (origin, method) = (("Origin", "http://page.example.com"), ("Access-Control-Request-Method", "PUT"));
    let headers = [origin, method, ("Access-Control-Request-Headers", "authorization,content-type")];
    let preflight = send(worker.address, "OPTIONS", "/connectors/x/pause", &headers, b"");
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-headers"), Some("Content-Type,Authorization"));
    assert_eq!(preflight.header("access-control-allow-credentials"), None);
    let evil = [("Origin", "http://evil.org"), method, headers[2]];
    let refused = send(worker.address, "OPTIONS", "/connectors/x/pause", &evil, b"");
    for header in ["access-control-allow-origin", "access-control-allow-headers"] {
        assert_eq!(refused.header(header), None, "{header}");
    }
    // A page can tell that it has to say who asks, and is answered when it does.
    let page = send(worker.address, "PUT", "/connectors/x/pause", &[origin], b"");
    assert_eq!((page.status, page.header("access-control-allow-origin")), (401, Some(origin.1)));
    let named = [origin, ("Authorization", &authorization("operator", PASSWORD))];
    let page = send(worker.address, "PUT", "/connectors/x/pause", &named, b"");
    assert_eq!((page.status, page.header("access-control-allow-origin")), (404, Some(origin.1)));
    // Where nobody is asked, it is as in Kafka Connect.
    let open = TestWorker::with(&[("access.control.allow.origin", "http://page.example.com")]);
    let preflight = send(open.address, "OPTIONS", "/connectors", &headers, b"");
    assert_eq!(preflight.header("access-control-allow-headers"), Some("Content-Type"));
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

// No preflight is asked for these.
#[test]
fn a_page_from_elsewhere_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit").display().to_string();
    let worker = TestWorker::with(&[
        ("access.control.allow.origin", "http://page.example.com"),
        ("sluice.rest.audit.file", &file),
    ]);
    let body = br#"{"name": "x", "config": {"connector.class": "FakeSource"}}"#;
    let create = |headers: &[(&str, &str)]| send(worker.address, "POST", "/connectors", headers, body);
    let evil = ("Origin", "http://evil.org");
    let answer = create(&[evil]);
    assert_eq!(answer.status, 403, "{}", answer.body);
    assert!(
        answer.message().contains("http://evil.org")
            && answer.message().contains("access.control.allow.origin")
    );
    let line = std::fs::read_to_string(&file).unwrap();
    assert!(line.contains("\"denied\"") && line.lines().count() == 1, "{line}");
    assert_eq!(send(worker.address, "POST", "/connectors/x/restart", &[evil], b"").status, 403);
    assert_eq!(worker.send("GET", "/connectors").body, "[]");
    assert_eq!(create(&[("Origin", "http://page.example.com")]).status, 201);
    let own = format!("http://{}", worker.address);
    for headers in [&[("Origin", own.as_str())][..], &[], &[evil, ("Content-Type", "application/json")]] {
        assert_eq!(create(headers).status, 409, "{headers:?}");
    }
}
