//! Which resources hold data or an identity, so that deleting them cannot be undone by making them again.

/// What is lost with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holding {
    /// Records, rows, objects, keys, secrets.
    Data,
    /// An id, name or address that others refer to.
    Identity,
}

use Holding::{Data, Identity};

const TYPES: &[(&str, Holding)] = &[
    ("aws_backup_vault", Data),
    ("aws_cloudwatch_log_group", Data),
    ("aws_db_instance", Data),
    ("aws_docdb_cluster", Data),
    ("aws_dynamodb_global_table", Data),
    ("aws_dynamodb_table", Data),
    ("aws_dynamodb_table_replica", Data),
    ("aws_ebs_volume", Data),
    ("aws_ecr_repository", Data),
    ("aws_efs_file_system", Data),
    ("aws_elasticache_replication_group", Data),
    ("aws_iam_openid_connect_provider", Identity),
    ("aws_iam_role", Identity),
    ("aws_iam_user", Identity),
    ("aws_kinesis_stream", Data),
    ("aws_kms_key", Data),
    ("aws_kms_replica_key", Data),
    ("aws_lb", Identity),
    ("aws_msk_cluster", Data),
    ("aws_neptune_cluster", Data),
    ("aws_opensearch_domain", Data),
    ("aws_rds_cluster", Data),
    ("aws_rds_cluster_instance", Data),
    ("aws_rds_global_cluster", Data),
    ("aws_redshift_cluster", Data),
    ("aws_route53_zone", Identity),
    ("aws_s3_bucket", Data),
    ("aws_s3_bucket_versioning", Data),
    ("aws_secretsmanager_secret", Data),
    ("aws_secretsmanager_secret_version", Data),
    ("aws_sqs_queue", Data),
    ("aws_ssm_parameter", Data),
    ("aws_vpc", Identity),
    ("aws_vpc_endpoint", Identity),
    ("aws_vpc_endpoint_service", Identity),
    ("confluent_access_point", Identity),
    ("confluent_api_key", Identity),
    ("confluent_byok_key", Data),
    ("confluent_connector", Data),
    ("confluent_dns_record", Identity),
    ("confluent_environment", Data),
    ("confluent_flink_compute_pool", Identity),
    ("confluent_gateway", Identity),
    ("confluent_identity_pool", Identity),
    ("confluent_identity_provider", Identity),
    ("confluent_kafka_cluster", Data),
    ("confluent_kafka_topic", Data),
    ("confluent_ksql_cluster", Data),
    ("confluent_network", Identity),
    ("confluent_peering", Identity),
    ("confluent_private_link_access", Identity),
    ("confluent_private_link_attachment", Identity),
    ("confluent_private_link_attachment_connection", Identity),
    ("confluent_provider_integration", Identity),
    ("confluent_schema", Data),
    ("confluent_schema_registry_cluster_config", Data),
    ("confluent_schema_registry_kek", Data),
    ("confluent_service_account", Identity),
    ("confluent_subject_config", Data),
    ("confluent_subject_mode", Data),
];

/// What a type of resource holds, when it holds something.
pub(crate) fn of(kind: &str) -> Option<Holding> {
    let found = TYPES.binary_search_by(|(known, _)| (*known).cmp(kind)).ok()?;
    Some(TYPES[found].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(TYPES.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(of("confluent_kafka_topic"), Some(Data));
        assert_eq!(of("aws_lb_listener"), None);
    }
}
