//! The name of a target group.

use std::fmt;
use std::str::FromStr;

/// `arn:PARTITION:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroupArn {
    text: String,
    partition: String,
    region: String,
}

impl TargetGroupArn {
    /// The region that the group is in.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The part of AWS: `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for TargetGroupArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for TargetGroupArn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            format!(
                "{text:?} is no ARN of a target group; it looks like \
                 arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/NAME/0123456789abcdef"
            )
        };
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, "elasticloadbalancing", region, account, resource] = parts[..] else {
            return Err(wrong());
        };
        // These parts become part of a host name and of a signature.
        let plain =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let group = resource.strip_prefix("targetgroup/").and_then(|rest| rest.split_once('/'));
        let is_group = group.is_some_and(|(name, id)| plain(name) && plain(id));
        if !(plain(partition) && partition.starts_with("aws") && plain(region) && plain(account) && is_group)
        {
            return Err(wrong());
        }
        Ok(Self { text: text.to_owned(), partition: partition.to_owned(), region: region.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_its_region() {
        let arn: TargetGroupArn =
            "arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012:targetgroup/db/0f".parse().unwrap();
        assert_eq!((arn.partition(), arn.region()), ("aws-cn", "cn-north-1"));
    }

    #[test]
    fn what_is_no_target_group_is_refused() {
        for text in [
            "",
            "db",
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/db/0f",
            "arn:aws:elasticloadbalancing::123456789012:targetgroup/db/0f",
            "arn:aws:elasticloadbalancing:evil.example/:123456789012:targetgroup/db/0f",
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/db",
        ] {
            assert!(text.parse::<TargetGroupArn>().is_err(), "{text}");
        }
    }
}
