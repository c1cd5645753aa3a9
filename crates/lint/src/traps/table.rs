//! The traps themselves.

use super::Guard::{Behaviour, Gate, Manual, Script};
use super::{Guard, Trap};

const fn trap(number: u8, statement: &'static str, guard: Guard) -> Trap {
    Trap { number, statement, guard }
}

/// All of them, in the order of their numbers.
pub const TRAPS: &[Trap] = &[
    // Identity
    trap(
        1,
        "The id of Confluent's organization is taken for an AWS account in a trust policy; it is a UUID.",
        Gate(&["confluent-account-principal"]),
    ),
    trap(
        2,
        "The environment's id serves as external id, which whoever knows it can use.",
        Gate(&["guessable-external-id"]),
    ),
    trap(
        3,
        "The provider integration waits for the role, and the role for the integration.",
        Gate(&["integration-cycle"]),
    ),
    trap(
        4,
        "The trust policy lacks sts:TagSession, so that Confluent is refused.",
        Gate(&["trust-without-tag-session"]),
    ),
    trap(
        5,
        "The S3 sink's policy lacks what uploads in parts need, and may delete instead.",
        Gate(&["s3-sink-actions"]),
    ),
    trap(
        6,
        "Managed connectors get an API key they do not need, one more secret in the state.",
        Gate(&["connector-key-auth"]),
    ),
    trap(
        7,
        "Connectors own topics by the prefix connect-, which are not theirs, and could pass the rights on.",
        Gate(&["connect-topic-grant"]),
    ),
    trap(
        8,
        "Connectors are granted topics and neither their group nor their subjects nor the cluster.",
        Gate(&["incomplete-connector-grants"]),
    ),
    trap(
        9,
        "Roles are bound for topics or connectors of a Basic cluster, which has none.",
        Gate(&["rbac-on-basic"]),
    ),
    trap(
        10,
        "An API key without a resource is one for the organization, which no Kafka client can use.",
        Gate(&["organization-key"]),
    ),
    trap(
        11,
        "An output prints a secret, or a local file keeps it.",
        Gate(&["nonsensitive-output", "secret-in-local-file"]),
    ),
    trap(
        12,
        "Topics are made before the private name that leads to the cluster resolves.",
        Gate(&["commented-depends-on", "topic-before-dns"]),
    ),
    // Network
    trap(
        13,
        "The access point leads to the management API of RDS and not to the database.",
        Gate(&["rds-management-endpoint"]),
    ),
    trap(
        14,
        "The endpoint service allows no principal, so that Confluent can never attach.",
        Gate(&["endpoint-service-principals"]),
    ),
    trap(
        15,
        "The load balancer has no listener, or a target group that takes no addresses.",
        Gate(&["load-balancer-wiring"]),
    ),
    trap(
        16,
        "The targets are addresses of a database whose address changes at the first failover.",
        Gate(&["stale-targets"]),
    ),
    trap(
        17,
        "Change capture goes through RDS Proxy, which rejects replication.",
        Gate(&["rds-proxy-for-cdc"]),
    ),
    trap(
        18,
        "Without a DNS record connectors resolve the database's own name and never enter the endpoint.",
        Gate(&["egress-without-dns"]),
    ),
    trap(
        19,
        "The load balancer's security group drops what comes by Private Link.",
        Gate(&["load-balancer-enforcement"]),
    ),
    trap(
        20,
        "The egress path stands in zones that the endpoint does not have, or waits for an acceptance that never comes.",
        Gate(&["egress-availability"]),
    ),
    trap(
        21,
        "A gateway endpoint of the VPC is made for connectors that run elsewhere.",
        Gate(&["gateway-endpoint-scope"]),
    ),
    trap(
        22,
        "An index into a block that the provider fills in fails when the block is empty.",
        Gate(&["computed-block-index"]),
    ),
    trap(
        23,
        "Topics and schemas stand in the stack that makes the private network, and are applied from outside of it.",
        Gate(&["data-plane-in-foundation"]),
    ),
    trap(
        24,
        "A null_resource validates once, when it is made, on whichever machine applies.",
        Gate(&["one-time-probe"]),
    ),
    trap(
        25,
        "A Private Link attachment is built anew although gateways have replaced it.",
        Gate(&["private-link-attachment"]),
    ),
    // Connectors
    trap(26, "A connector that is called CDC polls and sees no deletes.", Gate(&["cdc-by-polling"])),
    trap(
        27,
        "Managed connectors are written with Java classes and with keys that they do not have.",
        Gate(&["java-class-on-managed"]),
    ),
    trap(28, "confluent_connector stands without config_nonsensitive.", Gate(&["connector-without-config"])),
    trap(29, "confluent_connector stands without its cluster or its name.", Gate(&["connector-incomplete"])),
    trap(30, "The secret's whole JSON document becomes the password.", Gate(&["whole-secret-as-password"])),
    trap(
        31,
        "A variable in a JSON file stays as it is written, because nothing replaces it.",
        Gate(&["unexpanded-variable"]),
    ),
    trap(
        32,
        "A secret that a data source reads for config_sensitive lies in the state in plain text.",
        Gate(&["secret-read-into-state"]),
    ),
    trap(
        33,
        "All connectors share one dead letter topic, which belongs to nobody.",
        Gate(&["dead-letter-topic"]),
    ),
    trap(
        34,
        "Internal topics of managed connectors are looked for in your cluster, where they are not.",
        Manual { page: "blueprint/terraform/modules/kafka-connect-cluster/managed/README.md" },
    ),
    trap(
        35,
        "Keys of the first CDC connector are given to the second, or a CRN names a variable as text and grants nothing.",
        Gate(&["cdc-first-version", "crn-pattern"]),
    ),
    // Operations
    trap(
        36,
        "Commands of the Confluent CLI are written with verbs that it does not have, and with names for ids.",
        Script(&["confluent-cli-verb"]),
    ),
    trap(
        37,
        "The CLI is to log in with an API key, which it does not read.",
        Script(&["confluent-cli-login"]),
    ),
    trap(
        38,
        "A pipeline creates connectors in a loop: it fails on the second push and never deletes.",
        Script(&["connector-create-loop"]),
    ),
    trap(
        39,
        "Loops miss folders, checks accept anything, jobs apply without a reviewed plan, actions float.",
        Script(&["globstar", "unpinned-action", "validate-with-backend", "apply-without-gate"]),
    ),
    trap(
        40,
        "REST is called with key and secret as a bearer token, on the cluster's endpoint.",
        Script(&["bearer-api-key"]),
    ),
    trap(
        41,
        "A failed connector is paused and resumed, which does not restart it.",
        Script(&["restart-by-pause"]),
    ),
    trap(
        42,
        "An alarm names a metric of another service, and waits for data for ever.",
        Gate(&["unknown-metric"]),
    ),
    trap(
        43,
        "Logs of managed connectors are looked for in CloudWatch, where nobody writes them.",
        Gate(&["log-group-for-managed", "logs-of-managed"]),
    ),
    trap(
        44,
        "Alarms go to a topic that nobody hears, or that CloudWatch may not publish to.",
        Gate(&["unheard-topic"]),
    ),
    trap(
        45,
        "The master password comes from a data source and lies in the state twice.",
        Gate(&["master-password"]),
    ),
    trap(
        46,
        "The database is to pause when idle, and the CDC connector keeps it awake.",
        Gate(&["aurora-pause-with-cdc"]),
    ),
    trap(
        47,
        "Environments are Terraform workspaces: one backend, one account, and a wrong selection is production.",
        Gate(&["workspace", "workspace-command"]),
    ),
    trap(
        48,
        "A connector is copied from environment to environment, and the copies drift apart.",
        Gate(&["copied-connector"]),
    ),
    trap(49, "Numbers of alarms are written as texts.", Gate(&["alarm-number"])),
    trap(
        50,
        "Half an hour to the first connector is promised, and a Dedicated cluster alone takes most of it.",
        Manual { page: "blueprint/terraform/README.md" },
    ),
    trap(51, "Nothing is protected against deletion.", Gate(&["deletion-protection", "prevent-destroy-off"])),
    trap(
        52,
        "A service account's name passes 64 characters, and the apply fails half-way.",
        Gate(&["service-account-name"]),
    ),
    trap(
        53,
        "Replication of buckets is taken for a backup of topics, or misses versions and encrypted objects.",
        Gate(&["replication-without-versioning"]),
    ),
    // Seen in runs
    trap(
        54,
        "A resize of the cluster puts off the lookup of the Schema Registry, and its key, schemas and subject configs are replaced.",
        Gate(&["data-depends-on", "deferred-lookup"]),
    ),
    trap(
        55,
        "A wait for a new API key fails and prints the key's secret; the next apply makes another key.",
        Gate(&["api-key-wait"]),
    ),
    trap(
        56,
        "A 403 reads as gone: the plan makes everything anew and destroys the rest.",
        Gate(&["vanished", "destroys-data"]),
    ),
    trap(57, "Removing a connector's offsets block resets the connector.", Gate(&["offsets-removed"])),
    trap(
        58,
        "A connector that failed is tainted: the next apply makes another, with another replication slot.",
        Gate(&["destroys-data"]),
    ),
    trap(
        59,
        "A connector that somebody paused by hand is no drift, as long as its status is not set.",
        Behaviour {
            file: "crates/terraform-stand-in/tests/it/connectors.rs",
            test: "a_connector_is_paused_and_resumed_by_its_status_only_when_it_is_set",
        },
    ),
    trap(
        60,
        "After an import the plan shows a change of secrets, once.",
        Behaviour {
            file: "crates/terraform-stand-in/tests/it/imports.rs",
            test: "an_imported_connector_plans_its_secrets_once",
        },
    ),
    trap(
        61,
        "Another zone or DNS mode replaces the network and all below it; another name replaces the provider integration.",
        Gate(&["destroys-data"]),
    ),
    trap(62, "Fewer partitions replace the topic, and its records are gone.", Gate(&["destroys-data"])),
    trap(63, "Credentials of topics, ACLs and schemas lie in the state.", Gate(&["credentials-in-state"])),
    trap(
        64,
        "The AWS emulator shows a change of a few types on every plan, which is none.",
        Behaviour { file: "xtask/src/terraform/changes.rs", test: "only_what_changes_is_a_change" },
    ),
    trap(
        65,
        "Numbers in a connector's config become texts, and are no change.",
        Behaviour {
            file: "crates/terraform-stand-in/tests/it/connectors.rs",
            test: "numbers_are_text_and_what_the_service_adds_is_no_drift_and_secrets_stay",
        },
    ),
];
