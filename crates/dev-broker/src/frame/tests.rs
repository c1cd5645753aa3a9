use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Encodable, StrBytes};
use proptest::prelude::*;

use super::*;
use crate::api::APIS;

fn s(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

fn topic(name: &'static str) -> TopicName {
    TopicName(s(name))
}

/// A request with at least one element in every array of that version.
pub fn filled(key: ApiKey, v: i16) -> RequestKind {
    use RequestKind as R;
    match key {
        ApiKey::Produce => {
            use produce_request::{PartitionProduceData, TopicProduceData};
            let part =
                PartitionProduceData::default().with_index(1).with_records(Some(Bytes::from_static(b"xyz")));
            let data = TopicProduceData::default()
                .with_name(topic("t"))
                .with_partition_data(vec![part.clone(), part]);
            R::Produce(
                ProduceRequest::default()
                    .with_transactional_id(Some(s("id").into()))
                    .with_topic_data(vec![data]),
            )
        }
        ApiKey::Fetch => {
            use fetch_request::{FetchPartition, FetchTopic, ForgottenTopic};
            let data =
                FetchTopic::default().with_topic(topic("t")).with_partitions(vec![FetchPartition::default()]);
            let mut q = FetchRequest::default().with_topics(vec![data]);
            if v >= 7 {
                let gone = ForgottenTopic::default().with_topic(topic("g")).with_partitions(vec![1, 2]);
                q = q.with_forgotten_topics_data(vec![gone]);
            }
            if v >= 11 {
                q = q.with_rack_id(s("rack"));
            }
            if v >= 12 {
                q = q.with_cluster_id(Some(s("cluster")));
            }
            R::Fetch(q)
        }
        ApiKey::ListOffsets => {
            use list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
            let part = ListOffsetsPartition::default();
            let data = ListOffsetsTopic::default().with_name(topic("t")).with_partitions(vec![part]);
            R::ListOffsets(ListOffsetsRequest::default().with_topics(vec![data]))
        }
        ApiKey::Metadata => {
            use metadata_request::MetadataRequestTopic;
            let named = MetadataRequestTopic::default().with_name(Some(topic("t")));
            R::Metadata(MetadataRequest::default().with_topics(Some(vec![named])))
        }
        ApiKey::OffsetCommit => {
            use offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
            let part = OffsetCommitRequestPartition::default().with_committed_metadata(Some(s("m")));
            let data = OffsetCommitRequestTopic::default().with_name(topic("t")).with_partitions(vec![part]);
            R::OffsetCommit(
                OffsetCommitRequest::default().with_group_id(s("g").into()).with_topics(vec![data]),
            )
        }
        ApiKey::OffsetFetch if v < 8 => {
            let data = offset_fetch_request::OffsetFetchRequestTopic::default()
                .with_name(topic("t"))
                .with_partition_indexes(vec![1, 2]);
            R::OffsetFetch(
                OffsetFetchRequest::default().with_group_id(s("g").into()).with_topics(Some(vec![data])),
            )
        }
        ApiKey::OffsetFetch => {
            use offset_fetch_request::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
            let data =
                OffsetFetchRequestTopics::default().with_name(topic("t")).with_partition_indexes(vec![1]);
            let group =
                OffsetFetchRequestGroup::default().with_group_id(s("g").into()).with_topics(Some(vec![data]));
            let all = OffsetFetchRequestGroup::default().with_group_id(s("h").into()).with_topics(None);
            R::OffsetFetch(OffsetFetchRequest::default().with_groups(vec![group, all]))
        }
        ApiKey::FindCoordinator if v < 4 => {
            R::FindCoordinator(FindCoordinatorRequest::default().with_key(s("k")))
        }
        ApiKey::FindCoordinator => {
            R::FindCoordinator(FindCoordinatorRequest::default().with_coordinator_keys(vec![s("k"), s("l")]))
        }
        ApiKey::JoinGroup => {
            use join_group_request::JoinGroupRequestProtocol;
            let range = JoinGroupRequestProtocol::default()
                .with_name(s("range"))
                .with_metadata(Bytes::from_static(b"m"));
            let q = JoinGroupRequest::default().with_group_id(s("g").into()).with_protocols(vec![range]);
            R::JoinGroup(if v >= 5 { q.with_group_instance_id(Some(s("i"))) } else { q })
        }
        ApiKey::Heartbeat => R::Heartbeat(HeartbeatRequest::default().with_member_id(s("m"))),
        ApiKey::LeaveGroup if v < 3 => R::LeaveGroup(LeaveGroupRequest::default().with_member_id(s("m"))),
        ApiKey::LeaveGroup => {
            let member = leave_group_request::MemberIdentity::default().with_member_id(s("m"));
            R::LeaveGroup(LeaveGroupRequest::default().with_members(vec![member]))
        }
        ApiKey::SyncGroup => {
            use sync_group_request::SyncGroupRequestAssignment;
            let given = SyncGroupRequestAssignment::default()
                .with_member_id(s("m"))
                .with_assignment(Bytes::from_static(b"a"));
            R::SyncGroup(SyncGroupRequest::default().with_assignments(vec![given]))
        }
        ApiKey::DescribeGroups => {
            R::DescribeGroups(DescribeGroupsRequest::default().with_groups(vec![s("g").into()]))
        }
        ApiKey::ListGroups => {
            let mut q = ListGroupsRequest::default();
            if v >= 4 {
                q = q.with_states_filter(vec![s("Stable")]);
            }
            R::ListGroups(if v >= 5 { q.with_types_filter(vec![s("classic")]) } else { q })
        }
        ApiKey::ApiVersions => {
            let q = ApiVersionsRequest::default();
            R::ApiVersions(if v >= 3 {
                q.with_client_software_name(s("n")).with_client_software_version(s("1"))
            } else {
                q
            })
        }
        ApiKey::CreateTopics => {
            use create_topics_request::{CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig};
            let config = CreatableTopicConfig::default().with_name(s("k")).with_value(Some(s("v")));
            let place = CreatableReplicaAssignment::default().with_broker_ids(vec![BrokerId(1), BrokerId(2)]);
            let new = CreatableTopic::default()
                .with_name(topic("t"))
                .with_configs(vec![config])
                .with_assignments(vec![place]);
            R::CreateTopics(CreateTopicsRequest::default().with_topics(vec![new]))
        }
        ApiKey::DeleteTopics if v < 6 => {
            R::DeleteTopics(DeleteTopicsRequest::default().with_topic_names(vec![topic("t")]))
        }
        ApiKey::DeleteTopics => {
            let one = delete_topics_request::DeleteTopicState::default().with_name(Some(topic("t")));
            R::DeleteTopics(DeleteTopicsRequest::default().with_topics(vec![one]))
        }
        ApiKey::DeleteRecords => {
            use delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
            let part = DeleteRecordsPartition::default();
            let data = DeleteRecordsTopic::default().with_name(topic("t")).with_partitions(vec![part]);
            R::DeleteRecords(DeleteRecordsRequest::default().with_topics(vec![data]))
        }
        ApiKey::InitProducerId => {
            R::InitProducerId(InitProducerIdRequest::default().with_transactional_id(Some(s("i").into())))
        }
        ApiKey::OffsetForLeaderEpoch => {
            use offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic};
            let part = OffsetForLeaderPartition::default();
            let data = OffsetForLeaderTopic::default().with_topic(topic("t")).with_partitions(vec![part]);
            R::OffsetForLeaderEpoch(OffsetForLeaderEpochRequest::default().with_topics(vec![data]))
        }
        ApiKey::AddPartitionsToTxn => {
            let data = add_partitions_to_txn_request::AddPartitionsToTxnTopic::default()
                .with_name(topic("t"))
                .with_partitions(vec![0, 1]);
            let q = AddPartitionsToTxnRequest::default().with_v3_and_below_transactional_id(s("i").into());
            R::AddPartitionsToTxn(q.with_v3_and_below_topics(vec![data]))
        }
        ApiKey::AddOffsetsToTxn => {
            R::AddOffsetsToTxn(AddOffsetsToTxnRequest::default().with_group_id(s("g").into()))
        }
        ApiKey::EndTxn => R::EndTxn(EndTxnRequest::default().with_transactional_id(s("i").into())),
        ApiKey::TxnOffsetCommit => {
            use txn_offset_commit_request::{TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic};
            let part = TxnOffsetCommitRequestPartition::default().with_committed_metadata(Some(s("m")));
            let data =
                TxnOffsetCommitRequestTopic::default().with_name(topic("t")).with_partitions(vec![part]);
            R::TxnOffsetCommit(TxnOffsetCommitRequest::default().with_topics(vec![data]))
        }
        ApiKey::DescribeConfigs => {
            let one = describe_configs_request::DescribeConfigsResource::default()
                .with_resource_name(s("t"))
                .with_configuration_keys(Some(vec![s("k")]));
            R::DescribeConfigs(
                DescribeConfigsRequest::default()
                    .with_resources(vec![one.clone(), one.with_configuration_keys(None)]),
            )
        }
        ApiKey::AlterConfigs => {
            use alter_configs_request::{AlterConfigsResource, AlterableConfig};
            let config = AlterableConfig::default().with_name(s("k")).with_value(Some(s("v")));
            let one = AlterConfigsResource::default().with_resource_name(s("t")).with_configs(vec![config]);
            R::AlterConfigs(AlterConfigsRequest::default().with_resources(vec![one]))
        }
        ApiKey::IncrementalAlterConfigs => {
            use incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
            let config = AlterableConfig::default().with_name(s("k")).with_value(None);
            let one = AlterConfigsResource::default().with_resource_name(s("t")).with_configs(vec![config]);
            R::IncrementalAlterConfigs(IncrementalAlterConfigsRequest::default().with_resources(vec![one]))
        }
        ApiKey::CreatePartitions => {
            use create_partitions_request::{CreatePartitionsAssignment, CreatePartitionsTopic};
            let place = CreatePartitionsAssignment::default().with_broker_ids(vec![BrokerId(1)]);
            let one =
                CreatePartitionsTopic::default().with_name(topic("t")).with_assignments(Some(vec![place]));
            R::CreatePartitions(CreatePartitionsRequest::default().with_topics(vec![one]))
        }
        ApiKey::DeleteGroups => {
            R::DeleteGroups(DeleteGroupsRequest::default().with_groups_names(vec![s("g").into()]))
        }
        ApiKey::OffsetDelete => {
            use offset_delete_request::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
            let part = OffsetDeleteRequestPartition::default();
            let data = OffsetDeleteRequestTopic::default().with_name(topic("t")).with_partitions(vec![part]);
            R::OffsetDelete(OffsetDeleteRequest::default().with_topics(vec![data]))
        }
        ApiKey::DescribeCluster => R::DescribeCluster(DescribeClusterRequest::default()),
        ApiKey::DescribeProducers => {
            let data = describe_producers_request::TopicRequest::default()
                .with_name(topic("t"))
                .with_partition_indexes(vec![1]);
            R::DescribeProducers(DescribeProducersRequest::default().with_topics(vec![data]))
        }
        ApiKey::DescribeTransactions => R::DescribeTransactions(
            DescribeTransactionsRequest::default().with_transactional_ids(vec![s("i").into()]),
        ),
        ApiKey::ListTransactions => R::ListTransactions(
            ListTransactionsRequest::default()
                .with_state_filters(vec![s("Ongoing")])
                .with_producer_id_filters(vec![ProducerId(7)]),
        ),
        other => panic!("no example of {other:?}"),
    }
}

fn framed(key: ApiKey, version: i16) -> Bytes {
    let header_version = key.request_header_version(version);
    let header = RequestHeader::default()
        .with_request_api_key(key as i16)
        .with_request_api_version(version)
        .with_client_id(Some(s("client")));
    let mut out = BytesMut::new();
    header.encode(&mut out, header_version).unwrap();
    filled(key, version).encode(&mut out, version).unwrap_or_else(|e| panic!("{key:?} {version}: {e}"));
    out.freeze()
}

fn each(mut act: impl FnMut(ApiKey, i16, bool, Bytes)) {
    for api in APIS {
        for version in api.min..=api.max {
            let flexible = api.key.request_header_version(version) >= 2;
            act(api.key, version, flexible, framed(api.key, version));
        }
    }
}

#[test]
fn every_offered_request_fits_exactly() {
    each(|key, version, flexible, frame| {
        let mut rest = &frame[..];
        walk(key, version, flexible, &mut rest).unwrap_or_else(|e| panic!("{key:?} {version}: {e}"));
        assert!(rest.is_empty(), "{key:?} {version}: {} bytes were not accounted for", rest.len());
    });
}

#[test]
fn every_cut_request_is_refused() {
    each(|key, version, flexible, frame| {
        for cut in 0..frame.len() {
            assert!(check(key, version, flexible, &frame[..cut]).is_err(), "{key:?} {version} cut at {cut}");
        }
    });
}

proptest! {
    /// What passes the check is decoded, or refused, without a panic and without asking for memory
    /// out of all proportion (which would end this process).
    #[test]
    fn damaged_requests_never_panic(which in 0..APIS.len(), at in 0usize..200, with: [u8; 4]) {
        let api = APIS[which];
        for version in api.min..=api.max {
            let mut frame = framed(api.key, version).to_vec();
            let at = 8 + at % (frame.len() - 8);
            for (byte, new) in frame[at..].iter_mut().zip(with) {
                *byte = new;
            }
            let flexible = api.key.request_header_version(version) >= 2;
            if check(api.key, version, flexible, &frame).is_ok() {
                let mut bytes = Bytes::from(frame);
                let header = api.key.request_header_version(version);
                if kafka_protocol::protocol::Decodable::decode(&mut bytes, header).map(|_: RequestHeader| ()).is_ok() {
                    let _ = RequestKind::decode(api.key, &mut bytes, version);
                }
            }
        }
    }
}
