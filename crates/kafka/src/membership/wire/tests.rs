//! Bytes as the layout of KIP-415 has them, written out by hand; round trips; and bytes that are nothing.

use proptest::prelude::*;

use super::*;

/// Bytes as one writes them down: numbers in hexadecimal, text in quotation marks.
fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for word in text.split_whitespace() {
        match word.strip_prefix('\'') {
            Some(letters) => out.extend_from_slice(letters.trim_end_matches('\'').as_bytes()),
            None => out.extend(
                (0..word.len()).step_by(2).map(|at| u8::from_str_radix(&word[at..at + 2], 16).unwrap()),
            ),
        }
    }
    out
}

const URL: &str = "0010 'http://w1:8083/x'";

fn assignment() -> Assignment {
    Assignment {
        error: AssignmentError::None,
        leader: "m-1".to_owned(),
        leader_url: "http://w1:8083/x".to_owned(),
        config_offset: 42,
        assigned: Work {
            connectors: vec!["a".into()],
            tasks: vec![Task::new("a", 0), Task::new("b", 2), Task::new("a", 1)],
        },
        revoked: Work { connectors: vec![], tasks: vec![Task::new("c", 7)] },
        delay: Duration::from_millis(300_000),
        ours: false,
        topics: None,
    }
}

/// Connector `a` with its object (-1) and tasks 0 and 1, then `b` with task 2.
const ASSIGNED: &str = "00000002 0001 'a' 00000003 ffffffff 00000000 00000001 0001 'b' 00000001 00000002";
const HEAD: &str = "0000 0003 'm-1' 0010 'http://w1:8083/x' 000000000000002a";

#[test]
fn an_assignment_of_each_version() {
    let later = format!("{HEAD} {ASSIGNED} 00000001 0001 'c' 00000001 00000007 000493e0");
    for (protocol, expected) in [
        (Protocol::Eager, format!("0000 {HEAD} {ASSIGNED}")),
        (Protocol::Compatible, format!("0001 {later}")),
        (Protocol::Sessioned, format!("0002 {later}")),
    ] {
        let encoded = encode_assignment(&assignment(), protocol).unwrap();
        assert_eq!(encoded, bytes(&expected), "{protocol:?}");
        let mut decoded = decode_assignment(&encoded).unwrap();
        // The wire groups tasks by connector.
        assert_eq!(decoded.assigned.tasks, [Task::new("a", 0), Task::new("a", 1), Task::new("b", 2)]);
        decoded.assigned = assignment().assigned;
        let expected = match protocol {
            Protocol::Eager => Assignment { revoked: Work::default(), delay: Duration::ZERO, ..assignment() },
            _ => assignment(),
        };
        assert_eq!(decoded, expected, "{protocol:?}");
    }
}

#[test]
fn a_subscription_of_each_version() {
    let fresh =
        Subscription { url: "http://w1:8083/x".to_owned(), config_offset: -1, ..Subscription::default() };
    let owning = Subscription { allocation: Some(assignment()), ..fresh.clone() };
    let check = |subscription: &Subscription, protocol, expected: &str| {
        assert_eq!(encode_subscription(subscription, protocol).unwrap(), bytes(expected));
    };
    check(&fresh, Protocol::Eager, &format!("0000 {URL} ffffffffffffffff"));
    check(&owning, Protocol::Eager, &format!("0000 {URL} ffffffffffffffff"));
    check(&fresh, Protocol::Compatible, &format!("0001 {URL} ffffffffffffffff ffffffff"));
    check(&fresh, Protocol::Sessioned, &format!("0002 {URL} ffffffffffffffff ffffffff"));
    let marked = Subscription { ours: true, ..fresh.clone() };
    check(&marked, Protocol::Eager, &format!("0000 {URL} ffffffffffffffff 'sluice1'"));
    for protocol in [Protocol::Eager, Protocol::Compatible, Protocol::Sessioned] {
        let read = decode_subscription(&encode_subscription(&marked, protocol).unwrap()).unwrap();
        assert_eq!(read, marked, "{protocol:?}");
    }
    check(&marked, Protocol::Sessioned, &format!("0002 {URL} ffffffffffffffff ffffffff 'sluice1'"));
    let told = Subscription { topics: Some("c, o".to_owned()), ..marked };
    check(&told, Protocol::Eager, &format!("0000 {URL} ffffffffffffffff 'sluice1' 0004 'c,' 20 'o'"));
    check(
        &told,
        Protocol::Sessioned,
        &format!("0002 {URL} ffffffffffffffff ffffffff 'sluice1' 0004 'c,' 20 'o'"),
    );
    // 88 bytes: 2 of the version, 33 of the head, 34 of what is assigned, 15 of what is revoked, 4 of the delay.
    check(
        &owning,
        Protocol::Sessioned,
        &format!(
            "0002 {URL} ffffffffffffffff 00000058 0002 {HEAD} {ASSIGNED} 00000001 0001 'c' 00000001 00000007 000493e0"
        ),
    );
}

#[test]
fn what_java_may_write_is_read() {
    // Null lists, and fields that an older worker leaves out.
    let without_work = decode_assignment(&bytes(&format!("0001 {HEAD} ffffffff ffffffff 00000000"))).unwrap();
    assert!(without_work.assigned.is_empty() && without_work.revoked.is_empty());
    assert_eq!(decode_assignment(&bytes(&format!("0001 {HEAD}"))).unwrap(), without_work);
    let mismatch = decode_assignment(&bytes("0002 0001 0000 0000 0000000000000007 00000000")).unwrap();
    assert_eq!((mismatch.error, mismatch.config_offset), (AssignmentError::ConfigMismatch, 7));
    // A version that is not there yet, with something more at its end.
    let later = decode_subscription(&bytes(&format!("0009 {URL} 0000000000000001 ffffffff 01"))).unwrap();
    assert_eq!((later.config_offset, later.allocation), (1, None));
}

#[test]
fn what_means_nothing_is_named() {
    let check = |text: &str, says: &str| {
        let error = decode_assignment(&bytes(text)).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    };
    check("", "version");
    check("ffff", "version: -1");
    check("0000 0000 0003 'm'", "leader: the bytes end");
    check("0000 0000 ffff", "leader: a text has the length -1");
    check("0000 0000 0001 ff 0000 0000000000000000", "leader: it is not UTF-8");
    check("0000 0000 0000 0000 0000000000000000 7fffffff", "length 2147483647");
    check("0000 0000 0000 0000 0000000000000000 fffffffe", "length -2");
    check("0000 0000 0000 0000 0000000000000000 00000001 0001 'a' 00000001 fffffffe", "-2 is no task");
    check("0001 0000 0000 0000 0000000000000000 00000000 00000000 0001", "delay: the bytes end");
}

#[test]
fn what_has_no_bytes_is_refused_or_left_out() {
    let long = "x".repeat(40_000);
    let subscription = Subscription { url: long.clone(), ..Subscription::default() };
    let error = encode_subscription(&subscription, Protocol::Sessioned).unwrap_err();
    assert!(error.to_string().contains("32,767"), "{error}");
    let mut given = assignment();
    given.assigned.connectors.push(long.as_str().into());
    given.assigned.tasks.push(Task::new(long.as_str(), 0));
    let encoded = encode_assignment(&given, Protocol::Sessioned).unwrap();
    assert_eq!(encoded, encode_assignment(&assignment(), Protocol::Sessioned).unwrap());
}

fn any_work() -> impl Strategy<Value = Work> {
    let names = prop::collection::btree_set("[a-zä]{1,4}", 0..4);
    let tasks = prop::collection::btree_map("[a-zä]{1,4}", prop::collection::btree_set(0..5u32, 1..4), 0..4);
    (names, tasks).prop_map(|(names, tasks)| {
        let mut connectors: Vec<Arc<str>> = names.into_iter().map(Arc::from).collect();
        // The wire keeps the order of first mention: connectors that have an object come first.
        connectors.sort();
        let mut order: Vec<(String, Vec<u32>)> =
            tasks.into_iter().map(|(name, numbers)| (name, numbers.into_iter().collect())).collect();
        order.sort_by_key(|(name, _)| (!connectors.iter().any(|c| **c == **name), name.clone()));
        let tasks = order
            .into_iter()
            .flat_map(|(name, numbers)| numbers.into_iter().map(move |n| Task::new(name.as_str(), n)))
            .collect();
        Work { connectors, tasks }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        assigned in any_work(),
        revoked in any_work(),
        delay_ms in 0..=i32::MAX as u64,
        config_offset: i64,
        code: i16,
        url in ".{0,20}",
        sessioned: bool,
        owns: bool,
        ours: bool,
        topics in proptest::option::of(".{0,20}"),
    ) {
        let assignment = Assignment {
            error: AssignmentError::of(code),
            leader: url.clone(),
            leader_url: url.clone(),
            config_offset,
            assigned,
            revoked,
            delay: Duration::from_millis(delay_ms),
            ours,
            topics: topics.clone().filter(|_| ours),
        };
        let protocol = if sessioned { Protocol::Sessioned } else { Protocol::Compatible };
        let subscription = Subscription { url, config_offset, allocation: owns.then_some(assignment), ours, topics: topics.filter(|_| ours) };
        let bytes = encode_subscription(&subscription, protocol).unwrap();
        prop_assert_eq!(decode_subscription(&bytes).unwrap(), subscription);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode_subscription(&bytes);
        let _ = decode_assignment(&bytes);
    }

    #[test]
    fn no_change_of_one_byte_makes_it_panic(at in 0..200usize, byte: u8) {
        let subscription =
            Subscription { url: "http://a".to_owned(), config_offset: 1, allocation: Some(assignment()), ours: true, topics: Some("c".to_owned()) };
        let mut bytes = encode_subscription(&subscription, Protocol::Sessioned).unwrap().to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = decode_subscription(&bytes);
        let _ = decode_subscription(&bytes[..at]);
    }
}

#[test]
fn assignments_of_our_leaders_are_known_by_their_mark() {
    for protocol in [Protocol::Eager, Protocol::Sessioned] {
        let java = Assignment { config_offset: 1, ..Assignment::default() };
        let ours = Assignment { ours: true, ..java.clone() };
        let fields = encode_assignment(&java, protocol).unwrap();
        let bytes = encode_assignment(&ours, protocol).unwrap();
        assert!(bytes.starts_with(&fields), "Java reads the fields and no further");
        assert_eq!((decode_assignment(&bytes), decode_assignment(&fields)), (Ok(ours.clone()), Ok(java)));
        let told = Assignment { topics: Some("c, o, s".to_owned()), ..ours.clone() };
        let bytes = encode_assignment(&told, protocol).unwrap();
        assert!(bytes.starts_with(&fields));
        let expected = if protocol == Protocol::Eager { ours } else { told };
        assert_eq!(decode_assignment(&bytes), Ok(expected));
    }
}
