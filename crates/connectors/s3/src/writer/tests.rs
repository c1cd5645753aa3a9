use api::SystemClock;
use api::config::{Config, RawConfig};

use super::*;
use crate::S3SinkConfig;

fn writer() -> Writer {
    let raw: RawConfig = [
        ("format.class", crate::config::JSON_FORMAT),
        ("storage.class", crate::config::S3_STORAGE),
        ("flush.size", "3"),
        ("s3.bucket.name", "mine"),
    ]
    .into_iter()
    .collect();
    let settings = Settings::new(&S3SinkConfig::parse(&raw).unwrap()).unwrap();
    Writer::new(TopicPartition::new("t", 0), &settings, api::Clock::now_ms(&*SystemClock::new()))
}

#[test]
fn files_that_could_not_be_closed_hold_the_offset_back() {
    let mut writer = writer();
    writer.durable = Some(10);
    writer.next_offset = 20;
    let closed = writer.note_closed(Some(10), Err(Error::fatal("gzip failed")));
    assert!(closed.is_err());
    assert_eq!(writer.committable(Some(20)), Some(10));
    assert_eq!(writer.committable(Some(30)), None);
}

#[test]
fn files_that_were_closed_and_are_durable_move_the_offset() {
    let mut writer = writer();
    writer.next_offset = 20;
    writer.note_closed(Some(10), Ok(vec![Vec::new()])).unwrap();
    assert_eq!(writer.committable(Some(20)), None, "still on its way");
    writer.advance();
    assert_eq!(writer.committable(Some(20)), Some(20));
}

#[test]
fn only_a_record_that_goes_back_shows_that_a_seek_was_followed() {
    let rewound = Rewound { offset: 10, paused: false, due: Duration::ZERO };
    // 20 is the next offset without a seek.
    for (offset, followed) in [(9, false), (10, true), (12, true), (19, true), (20, false), (25, false)] {
        assert_eq!(rewound.is_followed(offset, 20), followed, "{offset}");
    }
    // Reading goes on ahead: what lies between was written before.
    for (offset, followed) in [(8, false), (9, false), (10, true), (14, true)] {
        assert_eq!(rewound.is_followed(offset, 8), followed, "{offset}");
    }
}
