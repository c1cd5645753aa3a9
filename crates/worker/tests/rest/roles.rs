//! What each role may do, asked over the socket.

use serde_json::json;

use crate::auth::{Users, send_as};

/// The table of the manual, which is made of the worker's own: `request | nobody | viewer | operator | admin`.
fn table() -> Vec<(String, String, usize)> {
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/rest-api.md");
    let text = std::fs::read_to_string(manual).unwrap();
    let lines = text.lines().skip_while(|line| !line.starts_with("| request | nobody"));
    let rows: Vec<_> = lines
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let (method, path) = cells[0].trim_matches('`').split_once(' ').unwrap();
            let first = cells[1..].iter().position(|cell| *cell == "yes").unwrap();
            (method.to_owned(), path.to_owned(), first)
        })
        .collect();
    assert!(rows.len() > 30, "{rows:?}");
    rows
}

#[test]
fn each_role_may_do_what_the_manual_says() {
    let users = Users::new();
    let worker = users.worker(&[]);
    for (method, path, first) in table() {
        let path = path.replace("{name}", "nope").replace("{task}", "0").replace("{plugin}", "FakeSource");
        let path = path.replace("{logger}", "some.logger");
        // A body that is refused once somebody has passed.
        let body = if method == "GET" { "" } else { "[]" };
        let nobody = worker.send_text(&method, &path, body);
        assert_eq!(nobody.status == 401, first > 0, "{method} {path} by nobody: {}", nobody.body);
        for (number, role) in (1..).zip(["viewer", "operator", "admin"]) {
            let answer = send_as(&worker, role, &method, &path, body);
            assert_ne!(answer.status, 401, "{method} {path}");
            assert_eq!(answer.status == 403, number < first, "{method} {path} by {role}: {}", answer.body);
            if answer.status == 403 {
                assert!(answer.message().starts_with(&format!("{role} has the role {role}; this")));
            }
        }
    }
}

#[test]
fn a_connector_is_made_watched_and_handled() {
    let users = Users::new();
    let worker = users.worker(&[]);
    let body = json!({"name": "x", "config": {"connector.class": "FakeSource"}}).to_string();
    let ask = |role: &str, method: &str, path: &str, body: &str| {
        let answer = send_as(&worker, role, method, path, body);
        answer.status
    };
    assert_eq!(ask("operator", "POST", "/connectors", &body), 403);
    assert_eq!(ask("admin", "POST", "/connectors", &body), 201);
    assert_eq!(ask("viewer", "GET", "/connectors/x/status", ""), 200);
    assert_eq!(ask("viewer", "PUT", "/connectors/x/pause", ""), 403);
    assert_eq!(ask("operator", "PUT", "/connectors/x/pause", ""), 202);
    assert_eq!(ask("operator", "PATCH", "/connectors/x/config", "{\"tasks\": \"2\"}"), 403);
    assert_eq!(ask("operator", "DELETE", "/connectors/x", ""), 403);
    assert_eq!(ask("admin", "DELETE", "/connectors/x", ""), 204);
}
