//! The metrics of AWS that an alarm or a dashboard of ours may name, from the CloudWatch pages of each service.

/// Metrics of one namespace, and the dimensions they can have.
pub(crate) struct Namespace {
    pub(crate) name: &'static str,
    pub(crate) metrics: &'static [&'static str],
    pub(crate) dimensions: &'static [&'static str],
}

/// What is here is what we use or might; add to it with the service's page at hand.
pub(crate) const NAMESPACES: &[Namespace] = &[
    Namespace {
        name: "AWS/NetworkELB",
        metrics: &[
            "ActiveFlowCount",
            "ConsumedLCUs",
            "HealthyHostCount",
            "NewFlowCount",
            "PortAllocationErrorCount",
            "ProcessedBytes",
            "TCP_Client_Reset_Count",
            "TCP_ELB_Reset_Count",
            "TCP_Target_Reset_Count",
            "UnHealthyHostCount",
        ],
        dimensions: &["AvailabilityZone", "LoadBalancer", "TargetGroup"],
    },
    Namespace {
        name: "AWS/PrivateLinkEndpoints",
        metrics: &[
            "ActiveConnections",
            "BytesProcessed",
            "NewConnections",
            "PacketsDropped",
            "RstPacketsReceived",
        ],
        dimensions: &["Endpoint Type", "Service Name", "Subnet Id", "VPC Endpoint Id", "VPC Id"],
    },
    Namespace {
        name: "AWS/PrivateLinkServices",
        metrics: &[
            "ActiveConnections",
            "BytesProcessed",
            "EndpointsCount",
            "NewConnections",
            "RstPacketsSent",
        ],
        dimensions: &["Az", "Load Balancer Arn", "Service Id", "VPC Endpoint Id"],
    },
    Namespace {
        name: "AWS/RDS",
        metrics: &[
            "ACUUtilization",
            "AuroraReplicaLag",
            "CPUUtilization",
            "CommitLatency",
            "DatabaseConnections",
            "Deadlocks",
            "FreeLocalStorage",
            "FreeableMemory",
            "MaximumUsedTransactionIDs",
            "OldestReplicationSlotLag",
            "ReplicationSlotDiskUsage",
            "ServerlessDatabaseCapacity",
            "TransactionLogsDiskUsage",
            "VolumeBytesUsed",
        ],
        dimensions: &["DBClusterIdentifier", "DBInstanceIdentifier", "DatabaseClass", "EngineName", "Role"],
    },
    Namespace {
        name: "AWS/ECS",
        metrics: &["CPUReservation", "CPUUtilization", "MemoryReservation", "MemoryUtilization"],
        dimensions: &["ClusterName", "ServiceName"],
    },
    Namespace {
        name: "ECS/ContainerInsights",
        metrics: &[
            "CpuReserved",
            "CpuUtilized",
            "DeploymentCount",
            "DesiredTaskCount",
            "EphemeralStorageUtilized",
            "MemoryReserved",
            "MemoryUtilized",
            "NetworkRxBytes",
            "NetworkTxBytes",
            "PendingTaskCount",
            "RestartCount",
            "RunningTaskCount",
            "TaskSetCount",
        ],
        dimensions: &["ClusterName", "ServiceName", "TaskDefinitionFamily", "TaskId"],
    },
    Namespace {
        name: "AWS/DynamoDB",
        metrics: &[
            "ConditionalCheckFailedRequests",
            "ConsumedReadCapacityUnits",
            "ConsumedWriteCapacityUnits",
            "ReadThrottleEvents",
            "ReplicationLatency",
            "SuccessfulRequestLatency",
            "SystemErrors",
            "ThrottledRequests",
            "UserErrors",
            "WriteThrottleEvents",
        ],
        dimensions: &["GlobalSecondaryIndexName", "Operation", "ReceivingRegion", "TableName"],
    },
    Namespace {
        name: "AWS/S3",
        metrics: &[
            "4xxErrors",
            "5xxErrors",
            "AllRequests",
            "BucketSizeBytes",
            "BytesPendingReplication",
            "NumberOfObjects",
            "OperationsFailedReplication",
            "OperationsPendingReplication",
            "PutRequests",
            "ReplicationLatency",
        ],
        dimensions: &["BucketName", "DestinationBucket", "FilterId", "RuleId", "SourceBucket", "StorageType"],
    },
    Namespace {
        name: "AWS/Events",
        metrics: &["FailedInvocations", "Invocations", "MatchedEvents", "ThrottledRules", "TriggeredRules"],
        dimensions: &["EventBusName", "RuleName"],
    },
    Namespace {
        name: "AWS/Scheduler",
        metrics: &[
            "InvocationAttemptCount",
            "InvocationDroppedCount",
            "InvocationThrottleCount",
            "TargetErrorCount",
            "TargetErrorThrottledCount",
        ],
        dimensions: &["ScheduleGroup"],
    },
    Namespace {
        name: "AWS/Lambda",
        metrics: &["ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles"],
        dimensions: &["FunctionName", "Resource"],
    },
    Namespace {
        name: "AWS/SNS",
        metrics: &[
            "NumberOfMessagesPublished",
            "NumberOfNotificationsDelivered",
            "NumberOfNotificationsFailed",
        ],
        dimensions: &["Application", "Platform", "TopicName"],
    },
    Namespace {
        name: "AWS/Logs",
        metrics: &["DeliveryErrors", "ForwardedLogEvents", "IncomingBytes", "IncomingLogEvents"],
        dimensions: &["LogGroupName"],
    },
    Namespace {
        name: "AWS/Backup",
        metrics: &[
            "NumberOfBackupJobsAborted",
            "NumberOfBackupJobsCompleted",
            "NumberOfBackupJobsCreated",
            "NumberOfBackupJobsExpired",
            "NumberOfBackupJobsFailed",
            "NumberOfCopyJobsFailed",
            "NumberOfRestoreJobsFailed",
        ],
        dimensions: &["BackupVaultName", "ResourceType"],
    },
    Namespace { name: "AWS/ECR", metrics: &["RepositoryPullCount"], dimensions: &["RepositoryName"] },
];

/// The namespace of this name.
pub(crate) fn find(name: &str) -> Option<&'static Namespace> {
    NAMESPACES.iter().find(|namespace| namespace.name == name)
}
