//! Where credentials come from, and how errors name it. No secret is ever part of a text here (invariant 5).

use std::collections::HashMap;
use std::path::PathBuf;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};

use crate::config::{DEFAULT_CREDENTIALS, S3Config};

/// One of the places that the default chain looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `aws.access.key.id` and `aws.secret.access.key`.
    Config,
    /// Requests are not signed.
    Anonymous,
    /// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.
    Environment,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN` (IRSA).
    WebIdentity,
    /// The credentials file.
    Profile,
    /// The container's role (ECS, EKS Pod Identity).
    Container,
    /// The instance's role.
    Instance,
}

impl Source {
    /// For error texts.
    pub fn describe(self) -> &'static str {
        match self {
            Source::Config => "aws.access.key.id in the config",
            Source::Anonymous => "none, requests are not signed",
            Source::Environment => "AWS_ACCESS_KEY_ID in the worker's environment",
            Source::WebIdentity => "the web identity token of the worker (AWS_WEB_IDENTITY_TOKEN_FILE)",
            Source::Profile => "the worker's AWS credentials file",
            Source::Container => "the role of the worker's container",
            Source::Instance => "the role of the worker's instance",
        }
    }
}

// Simple class names, of the SDK's two versions, and the sources they look at, in the SDK's order.
const PROVIDERS: &[(&str, &[Source])] = &[
    ("DefaultCredentialsProvider", CHAIN),
    ("DefaultAWSCredentialsProviderChain", CHAIN),
    ("EnvironmentVariableCredentialsProvider", &[Source::Environment]),
    ("WebIdentityTokenFileCredentialsProvider", &[Source::WebIdentity]),
    ("WebIdentityTokenCredentialsProvider", &[Source::WebIdentity]),
    ("ProfileCredentialsProvider", &[Source::Profile]),
    ("ContainerCredentialsProvider", &[Source::Container]),
    ("InstanceProfileCredentialsProvider", &[Source::Instance]),
    ("AnonymousCredentialsProvider", &[Source::Anonymous]),
];
const CHAIN: &[Source] =
    &[Source::Environment, Source::WebIdentity, Source::Profile, Source::Container, Source::Instance];
const PACKAGES: &[&str] = &["software.amazon.awssdk.auth.credentials.", "com.amazonaws.auth."];

/// The sources of a provider class.
///
/// # Errors
/// The class is not one of the SDK's that are known here.
pub fn sources(class: &str) -> Result<&'static [Source], String> {
    let simple = PACKAGES.iter().find_map(|package| class.strip_prefix(package));
    let known = simple.and_then(|simple| PROVIDERS.iter().find(|(name, _)| *name == simple));
    known.map(|(_, sources)| *sources).ok_or_else(|| {
        format!(
            "{class} cannot be loaded; leave the key out for {DEFAULT_CREDENTIALS} (environment, web identity, profile \
             file, container, instance), give the worker's role the rights, or set aws.access.key.id and \
             aws.secret.access.key"
        )
    })
}

/// What is looked at besides the config; tests have their own.
pub struct Surroundings {
    /// An environment variable.
    pub variable: fn(&str) -> Option<String>,
    /// A file's text.
    pub file: fn(&std::path::Path) -> Option<String>,
}

impl Surroundings {
    /// The process's own.
    pub const PROCESS: Self = Self {
        variable: |name| std::env::var(name).ok().filter(|value| !value.is_empty()),
        file: |path| std::fs::read_to_string(path).ok(),
    };
}

/// Sets the credentials on a builder: of the config, else of the first source that has some.
pub fn set(config: &S3Config, around: &Surroundings, builder: AmazonS3Builder) -> (AmazonS3Builder, Source) {
    if !config.access_key.is_empty() && !config.secret_key.is_empty() {
        let builder =
            builder.with_access_key_id(&config.access_key).with_secret_access_key(config.secret_key.expose());
        return (builder, Source::Config);
    }
    let candidates = sources(&config.credentials_provider.0).unwrap_or(CHAIN); // validation refused what is unknown
    for source in candidates {
        if let Some(builder) = try_source(*source, around, builder.clone()) {
            return (builder, *source);
        }
    }
    let last = candidates.last().copied().unwrap_or(Source::Instance);
    (builder, last)
}

fn try_source(source: Source, around: &Surroundings, builder: AmazonS3Builder) -> Option<AmazonS3Builder> {
    let variable = around.variable;
    let set = |builder: AmazonS3Builder, key: AmazonS3ConfigKey, name: &str| match variable(name) {
        Some(value) => builder.with_config(key, value),
        None => builder,
    };
    match source {
        Source::Config => None,
        Source::Anonymous => Some(builder.with_skip_signature(true)),
        Source::Environment => {
            let builder = builder
                .with_access_key_id(variable("AWS_ACCESS_KEY_ID")?)
                .with_secret_access_key(variable("AWS_SECRET_ACCESS_KEY")?);
            Some(set(builder, AmazonS3ConfigKey::Token, "AWS_SESSION_TOKEN"))
        }
        Source::WebIdentity => {
            variable("AWS_WEB_IDENTITY_TOKEN_FILE")?;
            variable("AWS_ROLE_ARN")?;
            let builder =
                set(builder, AmazonS3ConfigKey::WebIdentityTokenFile, "AWS_WEB_IDENTITY_TOKEN_FILE");
            let builder = set(builder, AmazonS3ConfigKey::RoleArn, "AWS_ROLE_ARN");
            let builder = set(builder, AmazonS3ConfigKey::RoleSessionName, "AWS_ROLE_SESSION_NAME");
            Some(set(builder, AmazonS3ConfigKey::StsEndpoint, "AWS_ENDPOINT_URL_STS"))
        }
        Source::Profile => {
            let profile = profile(around)?;
            let builder = builder
                .with_access_key_id(profile.get("aws_access_key_id")?)
                .with_secret_access_key(profile.get("aws_secret_access_key")?);
            Some(match profile.get("aws_session_token") {
                Some(token) => builder.with_token(token),
                None => builder,
            })
        }
        Source::Container => {
            let relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
            let full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
            let token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
            match (relative, full, token) {
                (Some(uri), _, _) => {
                    Some(builder.with_config(AmazonS3ConfigKey::ContainerCredentialsRelativeUri, uri))
                }
                (None, Some(uri), Some(token)) => Some(
                    builder
                        .with_config(AmazonS3ConfigKey::ContainerCredentialsFullUri, uri)
                        .with_config(AmazonS3ConfigKey::ContainerAuthorizationTokenFile, token),
                ),
                _ => None,
            }
        }
        Source::Instance => {
            Some(set(builder, AmazonS3ConfigKey::MetadataEndpoint, "AWS_EC2_METADATA_SERVICE_ENDPOINT"))
        }
    }
}

// The keys of the chosen profile in the credentials file. Profiles that assume roles are not followed.
fn profile(around: &Surroundings) -> Option<HashMap<String, String>> {
    let variable = around.variable;
    let path = match variable("AWS_SHARED_CREDENTIALS_FILE") {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(variable("HOME")?).join(".aws").join("credentials"),
    };
    let wanted = variable("AWS_PROFILE").unwrap_or_else(|| "default".to_owned());
    let text = (around.file)(&path)?;
    let mut keys = HashMap::new();
    let mut inside = false;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            inside = name.trim() == wanted;
        } else if let Some((key, value)) = line.split_once('=').filter(|_| inside) {
            keys.insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    (!keys.is_empty()).then_some(keys)
}

#[cfg(test)]
mod tests {
    use api::config::{Config, RawConfig};

    use super::*;

    fn chosen(pairs: &[(&str, &str)], around: &Surroundings) -> (Source, Option<String>) {
        let raw: RawConfig = pairs.iter().copied().chain([("s3.bucket.name", "b")]).collect();
        let config = S3Config::parse(&raw).unwrap();
        let (builder, source) = set(&config, around, AmazonS3Builder::new());
        (source, builder.get_config_value(&AmazonS3ConfigKey::AccessKeyId))
    }

    const NOTHING: Surroundings = Surroundings { variable: |_| None, file: |_| None };

    #[test]
    fn the_config_comes_first_and_the_instance_last() {
        let keys = [("aws.access.key.id", "A"), ("aws.secret.access.key", "S")];
        let around = Surroundings { variable: |name| Some(format!("env-{name}")), file: |_| None };
        assert_eq!(chosen(&keys, &around), (Source::Config, Some("A".to_owned())));
        assert_eq!(chosen(&keys[..1], &NOTHING), (Source::Instance, None));
        assert_eq!(chosen(&[], &around), (Source::Environment, Some("env-AWS_ACCESS_KEY_ID".to_owned())));
    }

    #[test]
    fn the_chain_goes_on_where_there_is_nothing() {
        let web = Surroundings {
            variable: |name| {
                matches!(name, "AWS_WEB_IDENTITY_TOKEN_FILE" | "AWS_ROLE_ARN").then(|| "x".to_owned())
            },
            file: |_| None,
        };
        assert_eq!(chosen(&[], &web).0, Source::WebIdentity);
        let container = Surroundings {
            variable: |name| (name == "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").then(|| "/x".to_owned()),
            file: |_| None,
        };
        assert_eq!(chosen(&[], &container).0, Source::Container);
    }

    #[test]
    fn a_profile_is_read() {
        let around = Surroundings {
            variable: |name| match name {
                "HOME" => Some("/home/x".to_owned()),
                "AWS_PROFILE" => Some("team".to_owned()),
                _ => None,
            },
            file: |path| {
                assert_eq!(path.to_str(), Some("/home/x/.aws/credentials"));
                Some("[default]\naws_access_key_id = D\n# no\n[team]\naws_access_key_id=T\naws_secret_access_key = s\n".to_owned())
            },
        };
        assert_eq!(chosen(&[], &around), (Source::Profile, Some("T".to_owned())));
    }

    #[test]
    fn unknown_classes_are_refused() {
        assert!(sources(DEFAULT_CREDENTIALS).is_ok());
        assert!(sources("com.amazonaws.auth.DefaultAWSCredentialsProviderChain").is_ok());
        assert!(sources("io.confluent.connect.s3.auth.AwsAssumeRoleCredentialsProvider").is_err());
    }
}
