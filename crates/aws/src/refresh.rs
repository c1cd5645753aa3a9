//! Keeps a target group at the addresses that a name has now.

use std::collections::BTreeSet;
use std::future::Future;
use std::net::IpAddr;

use crate::{Error, Target, TargetGroup};

/// What a refresh changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// New addresses, registered first.
    pub register: Vec<Target>,
    /// Addresses that the name no longer has, deregistered last.
    pub deregister: Vec<Target>,
    /// Addresses that stay.
    pub unchanged: Vec<Target>,
}

impl Plan {
    /// What makes `current` into `wanted`.
    pub fn between(current: &[Target], wanted: &[Target]) -> Self {
        let (current, wanted): (BTreeSet<_>, BTreeSet<_>) =
            (current.iter().copied().collect(), wanted.iter().copied().collect());
        Self {
            register: wanted.difference(&current).copied().collect(),
            deregister: current.difference(&wanted).copied().collect(),
            unchanged: current.intersection(&wanted).copied().collect(),
        }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.register.is_empty() && self.deregister.is_empty()
    }
}

/// The addresses of a name. Only those of version 4: an `ip` target group holds one version, and that of a database's
/// load balancer is 4.
///
/// # Errors
/// The name has no such address. Then nothing may be changed: a resolver that fails must not empty the group.
pub async fn resolve(host: &str) -> Result<Vec<IpAddr>, Error> {
    let found = tokio::net::lookup_host((host, 0)).await;
    let found = found.map_err(|error| Error::Unreachable(format!("{host} has no address: {error}")))?;
    let addresses: BTreeSet<IpAddr> = found.map(|address| address.ip()).filter(IpAddr::is_ipv4).collect();
    if addresses.is_empty() {
        return Err(Error::Unreachable(format!("{host} has no IPv4 address")));
    }
    Ok(addresses.into_iter().collect())
}

/// Looks what a refresh would change. `port` is the group's own without one.
///
/// # Errors
/// A call or the resolution fails.
pub async fn plan<R>(group: &TargetGroup, addresses: R, port: Option<u16>) -> Result<Plan, Error>
where
    R: Future<Output = Result<Vec<IpAddr>, Error>>,
{
    // The name first: without its addresses there is nothing to ask AWS for.
    let addresses = addresses.await?;
    let port = match port {
        Some(port) => port,
        None => group.port().await?,
    };
    let wanted: Vec<Target> = addresses.into_iter().map(|address| Target { address, port }).collect();
    Ok(Plan::between(&group.targets().await?, &wanted))
}

/// Carries a plan out: the new address takes connections before the old one stops to.
///
/// # Errors
/// A call fails; when registering fails, nothing is deregistered.
pub async fn apply(group: &TargetGroup, plan: &Plan) -> Result<(), Error> {
    group.register(&plan.register).await?;
    group.deregister(&plan.deregister).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(last: u8) -> Target {
        Target { address: IpAddr::from([10, 0, 0, last]), port: 5432 }
    }

    #[test]
    fn a_failover_swaps_the_address() {
        let plan = Plan::between(&[target(1), target(2)], &[target(2), target(3), target(3)]);
        let expected =
            Plan { register: vec![target(3)], deregister: vec![target(1)], unchanged: vec![target(2)] };
        assert_eq!(plan, expected);
        assert!(!plan.is_empty());
    }

    #[test]
    fn the_second_time_nothing_changes() {
        assert!(Plan::between(&[target(1)], &[target(1)]).is_empty());
    }

    #[test]
    fn another_port_is_another_target() {
        let other = Target { port: 5433, ..target(1) };
        let plan = Plan::between(&[other], &[target(1)]);
        assert_eq!((plan.register, plan.deregister), (vec![target(1)], vec![other]));
    }
}
