//! Secrets that Terraform would keep.

use crate::terraform::rule::Rule;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "secret-read-into-state",
        code: "SL1351",
        summary: "a data source that reads a secret into the state",
        help: "use the ephemeral resource of the same name, or let the connector's worker read the secret at run time; whatever a data source reads, and config_sensitive too, is in the state in plain text",
        check: |tree, report| {
            for folder in &tree.folders {
                for kind in ["aws_secretsmanager_secret_version", "aws_ssm_parameter", "aws_kms_secrets"] {
                    for item in folder.data(kind) {
                        // What is not decrypted is plain, or stays unreadable.
                        let is_plain =
                            kind == "aws_ssm_parameter" && item.flag("with_decryption") == Some(false);
                        if !is_plain {
                            report.item(item, format!("{} puts the secret into the state", item.address()));
                        }
                    }
                }
            }
        },
    },
    Rule {
        id: "secret-in-local-file",
        code: "SL1352",
        summary: "a file on the machine that applies",
        help: "put out a text with secret references instead; files with credentials stay on the runner and in the state",
        check: |tree, report| {
            for folder in &tree.folders {
                for kind in ["local_file", "local_sensitive_file"] {
                    for item in folder.resources(kind) {
                        report.item(item, format!("{} writes a file where Terraform runs", item.address()));
                    }
                }
            }
        },
    },
    Rule {
        id: "master-password",
        code: "SL1353",
        summary: "a database password that Terraform knows",
        help: "set `manage_master_user_password = true`: RDS makes the password, keeps it in Secrets Manager and rotates it",
        check: |tree, report| {
            for folder in &tree.folders {
                for (kind, key) in [("aws_rds_cluster", "master_password"), ("aws_db_instance", "password")] {
                    for item in folder.resources(kind) {
                        if let Some(password) = item.attribute(key) {
                            report.at(item.file, password, format!("{} has a {key}", item.address()));
                        }
                    }
                }
            }
        },
    },
    Rule {
        id: "secret-value",
        code: "SL1354",
        summary: "a secret's value written through the state",
        help: "use `secret_string_wo` with `secret_string_wo_version`, which Terraform does not keep",
        check: |tree, report| {
            for item in
                tree.folders.iter().flat_map(|folder| folder.resources("aws_secretsmanager_secret_version"))
            {
                if let Some(value) = item.attribute("secret_string") {
                    report.at(item.file, value, format!("{} keeps its value in the state", item.address()));
                }
            }
        },
    },
];
