//! The conformance suite: the numbered checks of `CONFORMANCE.md`, run on both kinds of storage and,
//! where a client can do it, through two independent clients.

// A check that cannot go on has failed; the lint knows only functions marked as tests.
#![allow(clippy::unwrap_used)]

mod checks;
mod clients;
mod document;
mod stage;

/// Declares checks: for each a test per storage and client, and a line in [`CHECKS`] that is held
/// against `CONFORMANCE.md`.
///
/// `clients` checks are generic over the client; `raw` ones speak the protocol themselves;
/// `once` ones choose their storage (or need none) and run once.
macro_rules! checks {
    ($($number:literal $kind:ident $module:ident :: $name:ident;)*) => {
        /// Number and test of every check.
        pub const CHECKS: &[(u32, &str)] = &[$(($number, stringify!($name))),*];
        $(checks!(@ $kind $module $name);)*
    };
    (@ clients $module:ident $name:ident) => {
        mod $name {
            use crate::{checks, clients::{Krafka, Librdkafka}, stage::{Stage, Storage}};
            #[test]
            fn memory_librdkafka() { Stage::run(Storage::Memory, checks::$module::$name::<Librdkafka>); }
            #[test]
            fn memory_krafka() { Stage::run(Storage::Memory, checks::$module::$name::<Krafka>); }
            #[test]
            fn directory_librdkafka() { Stage::run(Storage::Directory, checks::$module::$name::<Librdkafka>); }
            #[test]
            fn directory_krafka() { Stage::run(Storage::Directory, checks::$module::$name::<Krafka>); }
        }
    };
    (@ raw $module:ident $name:ident) => {
        mod $name {
            use crate::{checks, stage::{Stage, Storage}};
            #[test]
            fn memory() { Stage::run(Storage::Memory, checks::$module::$name); }
            #[test]
            fn directory() { Stage::run(Storage::Directory, checks::$module::$name); }
        }
    };
    (@ once $module:ident $name:ident) => {
        mod $name {
            use crate::{checks, stage::{Stage, Storage}};
            #[test]
            fn directory() { Stage::run(Storage::Directory, checks::$module::$name); }
        }
    };
}

checks! {
    1 clients topics::create_and_describe_topics;
    2 clients topics::refuse_invalid_topics;
    3 clients topics::add_partitions;
    4 clients records::produce_uncompressed;
    5 clients records::produce_gzip;
    6 clients records::produce_snappy;
    7 clients records::produce_lz4;
    8 clients records::produce_zstd;
    9 clients records::null_keys_tombstones_and_headers;
    10 clients records::list_offsets;
    11 clients records::a_waiting_fetch_wakes;
    12 clients groups::two_members_share_by_range;
    13 clients groups::two_members_share_cooperatively;
    14 clients groups::a_silent_member_is_evicted;
    15 clients transactions::commit_abort_and_read_committed;
    16 clients transactions::offsets_in_a_transaction;
    17 clients transactions::the_older_producer_is_fenced;
    18 clients transactions::a_transaction_times_out;
    19 clients topics::delete_topics;
    20 clients topics::alter_configs;
    21 clients topics::delete_records;
    22 clients groups::commit_standalone_and_delete_group;
    23 clients records::four_megabytes;
    24 clients records::too_large_is_refused;
    25 raw groups::a_group_of_type_connect;
    26 clients cleaning::compaction_keeps_the_last_value;
    27 clients cleaning::retention_by_time;
    28 clients durability::restart_keeps_everything;
    29 clients durability::kill_keeps_everything;
    30 once durability::a_torn_tail_is_cut;
    31 clients cleaning::compaction_keeps_transactions_whole;
    32 clients cleaning::tombstones_go_after_their_time;
    33 clients cleaning::retention_by_size;
    34 raw protocol::malformed_frames_close_the_connection;
    35 raw protocol::unknown_versions;
    36 raw records::repeated_and_misplaced_batches;
    37 raw records::fetch_limits;
    38 raw records::largest_timestamp;
    39 raw groups::static_members;
    40 raw groups::rebalance_timeout;
    41 raw groups::delete_offsets;
    42 raw durability::an_open_transaction_survives;
    43 raw protocol::refuse_other_machines;
    44 clients topics::automatic_topics;
    45 raw topics::change_configs_incrementally;
    46 raw records::broker_time_and_acks;
    47 raw cleaning::compaction_of_every_codec;
    48 raw groups::describe_and_list;
    49 raw durability::a_second_broker_is_refused;
    50 raw transactions::look_at_transactions;
    51 once cleaning::an_interrupted_compaction_is_completed;
    52 raw cleaning::the_end_can_be_reached;
    53 once durability::every_flush_policy;
    54 once durability::a_lost_marker_is_replaced;
}

#[test]
fn the_document_lists_every_check() {
    document::compare(CHECKS);
}
