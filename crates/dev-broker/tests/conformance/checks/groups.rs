//! Groups.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_delete_request::{
    OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    DescribeGroupsRequest, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
    ListGroupsRequest, OffsetCommitRequest, OffsetDeleteRequest, SyncGroupRequest, SyncGroupResponse,
};

use super::codes::*;
use crate::clients::raw::{Raw, s, topic};
use crate::clients::{Client, Krafka, Member};
use crate::stage::{Stage, eventually};

const SESSION: Duration = Duration::from_secs(10);

async fn shares<C: Client>(stage: &mut Stage, assignor: &str) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("shared", 6, &[]).await.unwrap();
    let one = client.join("team", "shared", assignor, SESSION).await;
    eventually("the only member has everything", async || (one.assignment().await.len() == 6).then_some(()))
        .await;
    let two = client.join("team", "shared", assignor, SESSION).await;
    eventually("both have a half", async || {
        let mut all = one.assignment().await;
        let half = all.len() == 3;
        all.extend(two.assignment().await);
        all.sort_unstable();
        (half && all == [0, 1, 2, 3, 4, 5]).then_some(())
    })
    .await;
    assert!(client.groups().await.contains(&"team".to_owned()));
    assert_eq!(client.delete_group("team").await, Err(NON_EMPTY_GROUP));
    two.leave().await;
    eventually("who stays has everything", async || (one.assignment().await.len() == 6).then_some(())).await;
    one.leave().await;
    eventually("the empty group can be deleted", async || {
        client.delete_group("team").await.err().is_none_or(|e| e == GROUP_ID_NOT_FOUND).then_some(())
    })
    .await;
}

pub async fn two_members_share_by_range<C: Client>(stage: &mut Stage) {
    shares::<C>(stage, "range").await;
}

pub async fn two_members_share_cooperatively<C: Client>(stage: &mut Stage) {
    shares::<C>(stage, "cooperative-sticky").await;
}

/// A consumer's metadata for a topic, as its protocol has it: version 0, topics, no user data.
fn subscription(name: &str) -> Bytes {
    let mut out = BytesMut::new();
    out.put_i16(0);
    out.put_i32(1);
    out.put_i16(name.len() as i16);
    out.put_slice(name.as_bytes());
    out.put_i32(-1);
    out.freeze()
}

/// A member that does only what it is told to.
struct Puppet {
    raw: Raw,
    group: String,
    kind: &'static str,
    protocol: &'static str,
    metadata: Bytes,
    session_ms: i32,
    rebalance_ms: i32,
    id: String,
    instance: Option<String>,
    generation: i32,
}

impl Puppet {
    async fn new(
        stage: &Stage,
        group: &str,
        kind: &'static str,
        protocol: &'static str,
        metadata: &[u8],
    ) -> Self {
        Self {
            raw: Raw::connect(&stage.bootstrap()).await,
            group: group.to_owned(),
            kind,
            protocol,
            metadata: Bytes::copy_from_slice(metadata),
            session_ms: 10_000,
            rebalance_ms: 60_000,
            id: String::new(),
            instance: None,
            generation: -1,
        }
    }

    fn join_request(&self) -> JoinGroupRequest {
        let offered = JoinGroupRequestProtocol::default()
            .with_name(s(self.protocol))
            .with_metadata(self.metadata.clone());
        JoinGroupRequest::default()
            .with_group_id(s(&self.group).into())
            .with_session_timeout_ms(self.session_ms)
            .with_rebalance_timeout_ms(self.rebalance_ms)
            .with_member_id(s(&self.id))
            .with_group_instance_id(self.instance.as_deref().map(s))
            .with_protocol_type(s(self.kind))
            .with_protocols(vec![offered])
    }

    async fn start_join(&mut self) {
        let request = self.join_request();
        self.raw.send(&request, 9).await;
    }

    async fn joined(&mut self) -> JoinGroupResponse {
        let response = self.raw.receive::<JoinGroupRequest>(9).await;
        if response.error_code == 0 || response.error_code == MEMBER_ID_REQUIRED {
            self.id = response.member_id.to_string();
            self.generation = response.generation_id;
        }
        response
    }

    async fn join(&mut self) -> JoinGroupResponse {
        self.start_join().await;
        self.joined().await
    }

    /// Gets a member id without waiting for a rebalance.
    async fn get_id(&mut self) {
        assert_eq!(self.join().await.error_code, MEMBER_ID_REQUIRED);
    }

    async fn start_sync(&mut self, assignments: &[(&str, &[u8])]) {
        let given = assignments.iter().map(|(id, bytes)| {
            SyncGroupRequestAssignment::default()
                .with_member_id(s(id))
                .with_assignment(Bytes::copy_from_slice(bytes))
        });
        let request = SyncGroupRequest::default()
            .with_group_id(s(&self.group).into())
            .with_generation_id(self.generation)
            .with_member_id(s(&self.id))
            .with_group_instance_id(self.instance.as_deref().map(s))
            .with_protocol_type(Some(s(self.kind)))
            .with_protocol_name(Some(s(self.protocol)))
            .with_assignments(given.collect());
        self.raw.send(&request, 5).await;
    }

    async fn synced(&mut self) -> SyncGroupResponse {
        self.raw.receive::<SyncGroupRequest>(5).await
    }

    async fn heartbeat(&mut self) -> i16 {
        let request = HeartbeatRequest::default()
            .with_group_id(s(&self.group).into())
            .with_generation_id(self.generation)
            .with_member_id(s(&self.id))
            .with_group_instance_id(self.instance.as_deref().map(s));
        self.raw.call(request, 4).await.error_code
    }

    async fn leave(&mut self) -> i16 {
        let member = MemberIdentity::default().with_member_id(s(&self.id));
        let request =
            LeaveGroupRequest::default().with_group_id(s(&self.group).into()).with_members(vec![member]);
        let response = self.raw.call(request, 5).await;
        response.error_code.max(response.members[0].error_code)
    }
}

pub async fn a_silent_member_is_evicted<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("shared", 6, &[]).await.unwrap();
    let alive = client.join("team", "shared", "range", SESSION).await;
    eventually("the only member has everything", async || {
        (alive.assignment().await.len() == 6).then_some(())
    })
    .await;
    let mut silent = Puppet::new(stage, "team", "consumer", "range", &subscription("shared")).await;
    silent.session_ms = 1000;
    silent.get_id().await;
    assert_eq!(silent.join().await.error_code, 0);
    silent.start_sync(&[]).await;
    assert_eq!(silent.synced().await.error_code, 0);
    eventually("it got a share", async || (alive.assignment().await.len() == 3).then_some(())).await;
    // From here on it says nothing, with its connection open.
    eventually("its share is taken over", async || (alive.assignment().await.len() == 6).then_some(())).await;
    assert_eq!(silent.heartbeat().await, UNKNOWN_MEMBER_ID);
    alive.leave().await;
}

pub async fn commit_standalone_and_delete_group<C: Client>(stage: &mut Stage) {
    let client = C::connect(&stage.bootstrap()).await;
    client.create_topic("read", 2, &[]).await.unwrap();
    assert_eq!(client.delete_group("alone").await, Err(GROUP_ID_NOT_FOUND));
    client.commit("alone", "read", 1, 42).await.unwrap();
    assert_eq!(client.committed("alone", "read", 1).await, Some(42));
    assert_eq!(client.committed("alone", "read", 0).await, None);
    assert!(client.groups().await.contains(&"alone".to_owned()));
    client.delete_group("alone").await.unwrap();
    assert_eq!(client.committed("alone", "read", 1).await, None);
    assert!(!client.groups().await.contains(&"alone".to_owned()));
}

pub async fn a_group_of_type_connect(stage: &mut Stage) {
    let mut one = Puppet::new(stage, "workers", "connect", "sessioned", b"url=1").await;
    let mut two = Puppet::new(stage, "workers", "connect", "sessioned", b"url=2").await;
    one.get_id().await;
    let first = one.join().await;
    assert_eq!((first.error_code, first.generation_id), (0, 1));
    assert_eq!(first.protocol_type.as_deref(), Some("connect"));
    assert_eq!(first.leader, first.member_id);
    assert_eq!(first.members[0].metadata, &b"url=1"[..]);
    let id = one.id.clone();
    one.start_sync(&[(&id, b"all of it")]).await;
    assert_eq!(one.synced().await.assignment, &b"all of it"[..]);
    assert_eq!(one.heartbeat().await, 0);

    // Another kind of group may not use the id.
    let mut stranger = Puppet::new(stage, "workers", "consumer", "range", b"").await;
    assert_eq!(stranger.join().await.error_code, INCONSISTENT_GROUP_PROTOCOL);
    let mut hasty = Puppet::new(stage, "workers", "connect", "sessioned", b"").await;
    hasty.session_ms = 1;
    assert_eq!(hasty.join().await.error_code, INVALID_SESSION_TIMEOUT);

    two.get_id().await;
    two.start_join().await;
    eventually("the first member is told to join again", async || {
        (one.heartbeat().await == REBALANCE_IN_PROGRESS).then_some(())
    })
    .await;
    let again = one.join().await;
    let second = two.joined().await;
    assert_eq!((again.generation_id, second.generation_id), (2, 2));
    assert_eq!(again.leader, again.member_id, "the leader stays");
    assert_eq!(second.leader, again.member_id);
    assert!(second.members.is_empty(), "only the leader sees the members");
    let metadata: Vec<&[u8]> = again.members.iter().map(|m| &m.metadata[..]).collect();
    assert_eq!(metadata, [&b"url=1"[..], b"url=2"]);

    two.start_sync(&[]).await;
    let (id1, id2) = (one.id.clone(), two.id.clone());
    one.start_sync(&[(&id1, b"first half"), (&id2, b"second half")]).await;
    assert_eq!(one.synced().await.assignment, &b"first half"[..]);
    assert_eq!(two.synced().await.assignment, &b"second half"[..]);
    let old = two.generation;
    two.generation = 1;
    assert_eq!(two.heartbeat().await, ILLEGAL_GENERATION);
    two.generation = old;
    assert_eq!(two.heartbeat().await, 0);

    assert_eq!(two.leave().await, 0);
    assert_eq!(two.heartbeat().await, UNKNOWN_MEMBER_ID);
    assert_eq!(one.heartbeat().await, REBALANCE_IN_PROGRESS);
    assert_eq!(one.join().await.generation_id, 3);
    let listed = one.raw.call(ListGroupsRequest::default(), 5).await;
    let group = listed.groups.iter().find(|g| g.group_id.as_str() == "workers").unwrap();
    assert_eq!(group.protocol_type.as_str(), "connect");
}

pub async fn static_members(stage: &mut Stage) {
    let mut lead = Puppet::new(stage, "fixed", "consumer", "range", b"same").await;
    lead.instance = Some("a".to_owned());
    assert_eq!(lead.join().await.error_code, 0, "a static member needs no id first");
    let id = lead.id.clone();
    lead.start_sync(&[(&id, b"mine")]).await;
    assert_eq!(lead.synced().await.error_code, 0);

    // It comes back without its member id: same generation, same assignment, no rebalance.
    let mut back = Puppet::new(stage, "fixed", "consumer", "range", b"same").await;
    back.instance = Some("a".to_owned());
    let rejoined = back.join().await;
    assert_eq!((rejoined.error_code, rejoined.generation_id), (0, lead.generation));
    assert!(rejoined.skip_assignment, "the leader need not assign again");
    back.start_sync(&[]).await;
    assert_eq!(back.synced().await.assignment, &b"mine"[..]);
    assert_eq!(back.heartbeat().await, 0);
    assert_eq!(lead.heartbeat().await, FENCED_INSTANCE_ID, "its predecessor is fenced");
    assert_eq!(lead.join().await.error_code, FENCED_INSTANCE_ID);

    // With other metadata there is a rebalance.
    let mut changed = Puppet::new(stage, "fixed", "consumer", "range", b"other").await;
    changed.instance = Some("a".to_owned());
    assert_eq!(changed.join().await.generation_id, back.generation + 1);

    // Removed by its instance id alone, as an operator does it.
    let member = MemberIdentity::default().with_group_instance_id(Some(s("a")));
    let request = LeaveGroupRequest::default().with_group_id(s("fixed").into()).with_members(vec![member]);
    assert_eq!(changed.raw.call(request, 5).await.members[0].error_code, 0);
    assert_eq!(changed.heartbeat().await, UNKNOWN_MEMBER_ID);
}

pub async fn rebalance_timeout(stage: &mut Stage) {
    let mut prompt = Puppet::new(stage, "slow", "connect", "p", b"").await;
    let mut late = Puppet::new(stage, "slow", "connect", "p", b"").await;
    for member in [&mut prompt, &mut late] {
        member.session_ms = 1_000_000;
        member.rebalance_ms = 2_000;
    }
    prompt.get_id().await;
    assert_eq!(prompt.join().await.error_code, 0);
    late.get_id().await;
    late.start_join().await;
    eventually("a rebalance", async || (prompt.heartbeat().await == REBALANCE_IN_PROGRESS).then_some(()))
        .await;
    prompt.join().await;
    assert_eq!(late.joined().await.error_code, 0);
    let (id1, id2) = (prompt.id.clone(), late.id.clone());
    prompt.start_sync(&[(&id1, b""), (&id2, b"")]).await;
    late.start_sync(&[]).await;
    assert_eq!((prompt.synced().await.error_code, late.synced().await.error_code), (0, 0));

    // A third one joins; one of the two does not follow, but goes on with its heartbeats.
    let mut third = Puppet::new(stage, "slow", "connect", "p", b"").await;
    third.session_ms = 1_000_000;
    third.rebalance_ms = 2_000;
    third.get_id().await;
    third.start_join().await;
    eventually("a rebalance", async || (prompt.heartbeat().await == REBALANCE_IN_PROGRESS).then_some(()))
        .await;
    prompt.start_join().await;
    assert_eq!(late.heartbeat().await, REBALANCE_IN_PROGRESS);
    assert_eq!((prompt.joined().await.error_code, third.joined().await.error_code), (0, 0));
    assert_eq!(late.heartbeat().await, UNKNOWN_MEMBER_ID, "the rebalance went on without it");

    // Who joins but never syncs is removed too.
    let (id1, id3) = (prompt.id.clone(), third.id.clone());
    third.start_sync(&[]).await;
    assert_eq!(third.synced().await.error_code, REBALANCE_IN_PROGRESS);
    assert_eq!(prompt.heartbeat().await, UNKNOWN_MEMBER_ID);
    assert_ne!(id1, id3);
    assert_eq!(third.join().await.leader.as_str(), id3);
    third.start_sync(&[]).await;
    assert_eq!(third.synced().await.error_code, 0);

    // A promised id that is never used does not hold the group up.
    let mut never = Puppet::new(stage, "slow", "connect", "p", b"").await;
    never.session_ms = 5_000;
    never.get_id().await;
    third.start_join().await;
    stage.clock.advance(Duration::from_secs(6));
    assert_eq!(third.joined().await.error_code, 0);
    // Nobody advances the sessions that far by accident: they are of the clock too.
    stage.clock.advance(Duration::from_secs(1001));
    eventually("the last member's session is over", async || {
        (third.heartbeat().await == UNKNOWN_MEMBER_ID).then_some(())
    })
    .await;
}

pub async fn delete_offsets(stage: &mut Stage) {
    let client = Krafka::connect(&stage.bootstrap()).await;
    client.create_topic("kept", 1, &[]).await.unwrap();
    client.create_topic("dropped", 1, &[]).await.unwrap();
    for name in ["kept", "dropped"] {
        client.commit("mixed", name, 0, 7).await.unwrap();
    }
    let mut member = Puppet::new(stage, "mixed", "consumer", "range", &subscription("kept")).await;
    member.get_id().await;
    assert_eq!(member.join().await.error_code, 0);
    let id = member.id.clone();
    member.start_sync(&[(&id, b"")]).await;
    assert_eq!(member.synced().await.error_code, 0);
    let mut delete = async |group: &str, name: &str| {
        let part = OffsetDeleteRequestPartition::default().with_partition_index(0);
        let asked = OffsetDeleteRequestTopic::default().with_name(topic(name)).with_partitions(vec![part]);
        let request = OffsetDeleteRequest::default().with_group_id(s(group).into()).with_topics(vec![asked]);
        let response = member.raw.call(request, 0).await;
        response.topics.first().map_or(response.error_code, |t| t.partitions[0].error_code)
    };
    assert_eq!(delete("nobody", "kept").await, GROUP_ID_NOT_FOUND);
    assert_eq!(delete("mixed", "kept").await, GROUP_SUBSCRIBED_TO_TOPIC);
    assert_eq!(delete("mixed", "dropped").await, 0);
    assert_eq!(client.committed("mixed", "kept", 0).await, Some(7));
    assert_eq!(client.committed("mixed", "dropped", 0).await, None);

    // Commits are checked against the membership.
    let mut commit = async |generation: i32, member_id: &str| {
        let part = OffsetCommitRequestPartition::default().with_committed_offset(9);
        let asked = OffsetCommitRequestTopic::default().with_name(topic("kept")).with_partitions(vec![part]);
        let request = OffsetCommitRequest::default()
            .with_group_id(s("mixed").into())
            .with_generation_id_or_member_epoch(generation)
            .with_member_id(s(member_id))
            .with_topics(vec![asked]);
        member.raw.call(request, 8).await.topics[0].partitions[0].error_code
    };
    assert_eq!(commit(-1, "").await, UNKNOWN_MEMBER_ID, "the group has members");
    assert_eq!(commit(99, &id).await, ILLEGAL_GENERATION);
    assert_eq!(commit(1, "someone").await, UNKNOWN_MEMBER_ID);
    assert_eq!(commit(1, &id).await, 0);
}

pub async fn describe_and_list(stage: &mut Stage) {
    let mut member = Puppet::new(stage, "seen", "connect", "p", b"meta").await;
    let describe = |name: &str| DescribeGroupsRequest::default().with_groups(vec![s(name).into()]);
    let unknown = member.raw.call(describe("nobody"), 5).await.groups.remove(0);
    assert_eq!((unknown.error_code, unknown.group_state.as_str()), (0, "Dead"));
    member.get_id().await;
    member.join().await;
    let joining = member.raw.call(describe("seen"), 5).await.groups.remove(0);
    assert_eq!(joining.group_state.as_str(), "CompletingRebalance");
    let id = member.id.clone();
    member.start_sync(&[(&id, b"work")]).await;
    member.synced().await;
    for version in 0..=5 {
        let group = member.raw.call(describe("seen"), version).await.groups.remove(0);
        assert_eq!((group.group_state.as_str(), group.protocol_type.as_str()), ("Stable", "connect"));
        assert_eq!(group.protocol_data.as_str(), "p");
        let described = &group.members[0];
        assert_eq!((described.member_id.as_str(), described.client_id.as_str()), (id.as_str(), "raw"));
        assert_eq!(described.client_host.as_str(), "/127.0.0.1");
        assert_eq!(
            (&described.member_metadata[..], &described.member_assignment[..]),
            (&b"meta"[..], &b"work"[..])
        );
    }
    let mut list = async |states: &[&str]| {
        let request = ListGroupsRequest::default().with_states_filter(states.iter().map(|t| s(t)).collect());
        member.raw.call(request, 4).await.groups.len()
    };
    assert_eq!(list(&["Stable"]).await, 1);
    assert_eq!(list(&["Empty", "Dead"]).await, 0);
    assert_eq!(list(&[]).await, 1);
}
