//! Failures on purpose.

use serde_json::json;

use crate::fake::{Fake, Home};

/// Trap: one 403 makes a client believe that all is gone.
#[test]
fn one_forbidden_answer_and_no_more() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let path = format!("/org/v2/environments/{environment}");
    fake.fail(json!({"method": "GET", "path_prefix": path, "status": 403, "times": 1}));
    fake.cloud("GET", "/org/v2/environments", None).expect(200);
    let refused = fake.cloud("GET", &path, None).expect(403);
    assert_eq!(refused["errors"][0]["code"], "forbidden_access");
    fake.cloud("GET", &path, None).expect(200);
}

#[test]
fn too_many_requests_say_when_to_come_back() {
    let fake = Fake::start();
    fake.fail(json!({"path_prefix": "/iam/", "status": 429, "times": 1}));
    fake.fail(json!({"path_prefix": "/iam/", "status": 429, "times": 1, "retry_after": 7}));
    let ask = || fake.cloud("GET", "/iam/v2/service-accounts", None);
    let seen: Vec<_> = (0..3).map(|_| ask()).map(|got| (got.status, got.retry_after)).collect();
    assert_eq!(seen, [(429, Some("1".to_owned())), (429, Some("7".to_owned())), (200, None)]);
}

#[test]
fn errors_have_the_form_of_their_api() {
    let home = Home::new(Fake::start());
    for (prefix, status) in [("/kafka/", 500), ("/connect/", 500), ("/subjects", 500), ("/cmk/", 500)] {
        home.fake.fail(json!({"path_prefix": prefix, "status": status}));
    }
    assert_eq!(home.kafka("GET", "/topics", None).expect(500)["error_code"], 500);
    assert_eq!(home.connect("GET", "/connectors", None).expect(500)["error"]["code"], 500);
    assert_eq!(home.registry("GET", "/subjects", None).expect(500)["error_code"], 500);
    let cluster = format!("/cmk/v2/clusters?environment={}", home.environment);
    assert_eq!(home.fake.cloud("GET", &cluster, None).expect(500)["errors"][0]["status"], "500");
    let rules = home.fake.hook("GET", "failures", None).expect(200);
    assert_eq!(rules["failures"].as_array().unwrap().len(), 4);
    home.fake.hook("DELETE", "failures", None).expect(204);
    home.kafka("GET", "/topics", None).expect(200);
}

/// An answer that is lost: the work is done, so a client that retries meets what it made itself.
#[test]
fn a_lost_answer_has_done_its_work() {
    let fake = Fake::start();
    fake.fail(json!({"method": "POST", "path_prefix": "/org/", "status": 503, "times": 1, "after": true}));
    let body = json!({"display_name": "home"});
    // 503 is not described, so this request goes past the contract's check.
    assert_eq!(fake.text("POST", "/org/v2/environments", &body.to_string()).0, 503);
    fake.cloud("POST", "/org/v2/environments", body).refused(409, "home");
}

#[test]
fn a_rule_can_let_some_pass_and_bring_its_own_body() {
    let fake = Fake::start();
    let body = json!({"errors": [{"status": "400", "detail": "quota"}]});
    fake.fail(json!({"path_prefix": "/org/", "status": 400, "skip": 2, "times": 1, "body": body}));
    let seen: Vec<u16> = (0..4).map(|_| fake.cloud("GET", "/org/v2/environments", None).status).collect();
    assert_eq!(seen, [200, 200, 400, 200]);
}

#[test]
fn a_rule_that_cannot_be_is_refused() {
    let fake = Fake::start();
    for (rule, why) in [
        (json!({"path_prefix": "/org/"}), "status"),
        (json!({"path_prefix": "/org/", "status": 200}), "status"),
        (json!({"status": 500}), "path_prefix"),
        (json!({"path_prefix": "/", "status": 500, "tmies": 1}), "tmies"),
        (json!({"path_prefix": "/", "status": 500, "connector": "a"}), "connector"),
    ] {
        fake.hook("POST", "failures", rule).refused(400, why);
    }
}
