//! Pages and filters of lists.

use std::collections::BTreeSet;

use crate::fake::{Fake, id};

#[test]
fn following_next_shows_everything_once() {
    let fake = Fake::start();
    let made: BTreeSet<String> =
        (0..25).map(|number| fake.service_account(&format!("account {number}"))).collect();
    let mut path = "/iam/v2/service-accounts?page_size=10".to_owned();
    let (mut seen, mut sizes) = (BTreeSet::new(), Vec::new());
    loop {
        let page = fake.cloud("GET", &path, None).expect(200);
        let data = page["data"].as_array().unwrap();
        sizes.push(data.len());
        seen.extend(data.iter().map(id));
        assert_eq!(page["metadata"]["total_size"], 25);
        match page["metadata"]["next"].as_str() {
            Some(next) => path = next.strip_prefix(fake.url()).unwrap().to_owned(),
            None => break,
        }
    }
    assert_eq!((sizes, seen), (vec![10, 10, 5], made));
}

#[test]
fn a_page_keeps_its_filter() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    for _ in 0..3 {
        fake.cluster(&environment, serde_json::json!({"kind": "Basic"}));
    }
    let page = fake
        .cloud("GET", &format!("/cmk/v2/clusters?environment={environment}&page_size=2"), None)
        .expect(200);
    let next = page["metadata"]["next"].as_str().unwrap();
    let rest = fake.cloud("GET", next.strip_prefix(fake.url()).unwrap(), None).expect(200);
    assert_eq!(rest["data"].as_array().unwrap().len(), 1);
}

#[test]
fn sizes_and_tokens_are_checked() {
    let fake = Fake::start();
    for size in ["0", "101", "ten"] {
        fake.cloud("GET", &format!("/org/v2/environments?page_size={size}"), None).refused(400, "page_size");
    }
    fake.cloud("GET", "/org/v2/environments?page_token=abc", None).refused(400, "page_token");
}

#[test]
fn a_filter_by_name_finds_one() {
    let fake = Fake::start();
    fake.service_account("one");
    let two = fake.service_account("two words");
    let list = fake.cloud("GET", "/iam/v2/service-accounts?display_name=two%20words", None).expect(200);
    assert_eq!(list["data"].as_array().unwrap().iter().map(id).collect::<Vec<_>>(), [two]);
}
