//! A target group: who is in it, who comes, who goes.

use std::net::IpAddr;

use serde::Deserialize;

use crate::endpoint::{Credentials, Endpoint, surroundings};
use crate::{Error, TargetGroupArn};

const VERSION: &str = "2015-12-01";

/// An address in a target group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Where the database is.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
}

/// A target group of type `ip`.
pub struct TargetGroup {
    endpoint: Endpoint,
    arn: TargetGroupArn,
}

impl TargetGroup {
    /// The group of this name, with the credentials that the surroundings give; `url` replaces the address of the
    /// service.
    ///
    /// # Errors
    /// The address is none, or credentials are given in a form that cannot be used.
    pub fn new(arn: TargetGroupArn, url: Option<&str>) -> Result<Self, Error> {
        let credentials = surroundings(arn.region())?;
        Self::with_credentials(arn, url, credentials)
    }

    /// The group of this name, with these credentials.
    ///
    /// # Errors
    /// The address is none.
    pub fn with_credentials(
        arn: TargetGroupArn,
        url: Option<&str>,
        credentials: Credentials,
    ) -> Result<Self, Error> {
        let endpoint =
            Endpoint::new("elasticloadbalancing", arn.partition(), arn.region(), url, credentials)?;
        Ok(Self { endpoint, arn })
    }

    /// The group's own port, which a target has that names none.
    ///
    /// # Errors
    /// The call fails, or the group is not of type `ip`.
    pub async fn port(&self) -> Result<u16, Error> {
        let fields = self.fields("DescribeTargetGroups", "TargetGroupArns.member.1");
        let document = self.endpoint.call(&fields).await?;
        let answer: DescribeTargetGroupsResponse = read(&document)?;
        let group = answer.result.groups.member.into_iter().next();
        let group = group.ok_or_else(|| Error::Refused(format!("there is no target group {}", self.arn)))?;
        match (group.target_type.as_str(), group.port) {
            ("ip", Some(port)) => Ok(port),
            (kind, _) => Err(Error::Usage(format!(
                "the targets of {} are of type {kind:?}: addresses can be registered in groups of type \"ip\" only",
                self.arn
            ))),
        }
    }

    /// Who is in the group. Targets that are on their way out are not.
    ///
    /// # Errors
    /// The call fails.
    pub async fn targets(&self) -> Result<Vec<Target>, Error> {
        let document = self.endpoint.call(&self.fields("DescribeTargetHealth", "TargetGroupArn")).await?;
        let answer: DescribeTargetHealthResponse = read(&document)?;
        let staying =
            answer.result.descriptions.member.into_iter().filter(|one| one.health.state != "draining");
        staying
            .map(|one| {
                let wrong = |_| Error::Refused(format!("{:?} in {} is no address", one.target.id, self.arn));
                Ok(Target { address: one.target.id.parse().map_err(wrong)?, port: one.target.port })
            })
            .collect()
    }

    /// Lets targets in. Who is in already stays.
    ///
    /// # Errors
    /// The call fails.
    pub async fn register(&self, targets: &[Target]) -> Result<(), Error> {
        self.change("RegisterTargets", targets).await
    }

    /// Lets targets out. Who is not in is no error.
    ///
    /// # Errors
    /// The call fails.
    pub async fn deregister(&self, targets: &[Target]) -> Result<(), Error> {
        self.change("DeregisterTargets", targets).await
    }

    async fn change(&self, action: &str, targets: &[Target]) -> Result<(), Error> {
        if targets.is_empty() {
            return Ok(());
        }
        let mut fields = self.fields(action, "TargetGroupArn");
        for (index, target) in (1..).zip(targets) {
            fields.push((format!("Targets.member.{index}.Id"), target.address.to_string()));
            fields.push((format!("Targets.member.{index}.Port"), target.port.to_string()));
        }
        self.endpoint.call(&fields).await.map(drop)
    }

    fn fields(&self, action: &str, group: &str) -> Vec<(String, String)> {
        [("Action", action), ("Version", VERSION), (group, self.arn.as_str())]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec()
    }
}

fn read<T: serde::de::DeserializeOwned>(document: &str) -> Result<T, Error> {
    quick_xml::de::from_str(document)
        .map_err(|error| Error::Refused(format!("the answer of AWS is not understood: {error}")))
}

#[derive(Deserialize)]
struct Members<T> {
    #[serde(default = "Vec::new")]
    member: Vec<T>,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self { member: Vec::new() }
    }
}

#[derive(Deserialize)]
struct DescribeTargetGroupsResponse {
    #[serde(rename = "DescribeTargetGroupsResult")]
    result: Groups,
}

#[derive(Deserialize)]
struct Groups {
    #[serde(rename = "TargetGroups", default)]
    groups: Members<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Group {
    #[serde(default)]
    target_type: String,
    port: Option<u16>,
}

#[derive(Deserialize)]
struct DescribeTargetHealthResponse {
    #[serde(rename = "DescribeTargetHealthResult")]
    result: Descriptions,
}

#[derive(Deserialize)]
struct Descriptions {
    #[serde(rename = "TargetHealthDescriptions", default)]
    descriptions: Members<Description>,
}

#[derive(Deserialize)]
struct Description {
    #[serde(rename = "Target")]
    target: Described,
    #[serde(rename = "TargetHealth")]
    health: Health,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    id: String,
    port: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Health {
    state: String,
}
