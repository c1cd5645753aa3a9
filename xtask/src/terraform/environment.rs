//! The environment in which Terraform runs: nothing of the caller's cloud, nothing looked up outside.

use std::path::Path;
use std::process::Command;

/// Variables that name a cloud, an account or a secret begin so.
const CLOUDS: [&str; 7] = ["AWS_", "TF_", "CONFLUENT_", "KAFKA_", "SCHEMA_REGISTRY_", "CATALOG_", "IMPORT_"];

/// Takes the caller's clouds away and sets what every run has.
pub fn prepare(command: &mut Command, config: &Path) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(names_a_cloud) {
            command.env_remove(name);
        }
    }
    command
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_IN_AUTOMATION", "1")
        // The Confluent provider waits for seconds instead of minutes then; nothing else minds it.
        .env("TF_ACC", "1")
        .env("TF_CLI_CONFIG_FILE", config)
        // Profiles and endpoints of the caller's files must not be read either.
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "loopback")
        .env("AWS_SECRET_ACCESS_KEY", "loopback");
}

fn names_a_cloud(name: &str) -> bool {
    CLOUDS.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_clouds_are_known_by_their_prefix() {
        for name in
            ["AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "TF_VAR_confluent_endpoint", "CONFLUENT_CLOUD_API_KEY"]
        {
            assert!(names_a_cloud(name), "{name}");
        }
        for name in ["PATH", "HOME", "SLUICE_TF_PLUGIN_DIR"] {
            assert!(!names_a_cloud(name), "{name}");
        }
    }
}
