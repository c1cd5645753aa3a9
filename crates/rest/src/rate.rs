//! How many requests each client may send.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use std::time::Duration;

use parking_lot::Mutex;

/// How many clients are remembered one by one. Beyond it, new ones share one allowance, until others have been quiet.
const CLIENTS_MAX: usize = 10_000;

/// How many requests each client may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// Requests a second, on average; at least 1. So many may come at once.
    pub per_second: u32,
    /// Who may send any number, such as a proxy that all clients come through.
    pub exempt: Vec<Network>,
}

impl Default for Rate {
    fn default() -> Self {
        let exempt = ["127.0.0.0/8", "::1"].into_iter().filter_map(|text| text.parse().ok()).collect();
        Self { per_second: 1000, exempt }
    }
}

/// Addresses that begin alike: `10.0.0.0/8`, `2001:db8::/32`, or a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        let shared = |a: u128, b: u128, width: u32| {
            let shift = width - u32::from(self.bits);
            a.checked_shr(shift).unwrap_or(0) == b.checked_shr(shift).unwrap_or(0)
        };
        match (self.address, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => shared(u32::from(a).into(), u32::from(b).into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => shared(a.into(), b.into(), 128),
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is neither an IP address nor a network such as 10.0.0.0/8");
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(width), |bits| bits.trim().parse()).map_err(|_| wrong())?;
        if bits > width { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

/// What each client has left.
pub(crate) struct Rates {
    rate: Option<Rate>,
    left: Mutex<HashMap<IpAddr, Left>>,
}

#[derive(Clone, Copy)]
struct Left {
    requests: f64,
    at: Duration,
}

impl Rates {
    pub(crate) fn new(rate: Option<Rate>) -> Self {
        Self { rate, left: Mutex::default() }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// It is one too many; after this long the next one is not.
    pub(crate) fn take(&self, client: IpAddr, now: Duration) -> Result<(), Duration> {
        let client = client.to_canonical();
        let Some(rate) = &self.rate else { return Ok(()) };
        if rate.exempt.iter().any(|network| network.contains(client)) {
            return Ok(());
        }
        let per_second = f64::from(rate.per_second.max(1));
        let refilled = |left: Left| {
            let since = now.saturating_sub(left.at).as_secs_f64();
            Left { requests: (left.requests + since * per_second).min(per_second), at: now }
        };
        let mut client = one_client(client);
        let mut all = self.left.lock();
        if all.len() >= CLIENTS_MAX && !all.contains_key(&client) {
            all.retain(|_, left| refilled(*left).requests < per_second);
            if all.len() >= CLIENTS_MAX {
                client = Ipv6Addr::UNSPECIFIED.into();
            }
        }
        let left = all.entry(client).or_insert(Left { requests: per_second, at: now });
        *left = refilled(*left);
        if left.requests < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - left.requests) / per_second));
        }
        left.requests -= 1.0;
        Ok(())
    }
}

// Whoever has one address of IPv6 has its whole /64.
fn one_client(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn networks_are_read_and_matched() {
        let within = |network: &str, address: &str| network.parse::<Network>().unwrap().contains(ip(address));
        assert!(within("10.0.0.0/8", "10.255.0.1") && !within("10.0.0.0/8", "11.0.0.1"));
        assert!(within("10.1.2.3", "10.1.2.3") && !within("10.1.2.3", "10.1.2.4"));
        assert!(within("0.0.0.0/0", "1.2.3.4") && !within("0.0.0.0/0", "::1"));
        assert!(within("2001:db8::/32", "2001:db8:1::1") && !within("2001:db8::/32", "2001:db9::1"));
        assert!(within("::/0", "::1") && within("::1", "::1"));
        for text in ["", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::1/129", "10.0.0/8"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }

    #[test]
    fn each_client_has_so_many_a_second() {
        let rates = Rates::new(Some(Rate { per_second: 2, ..Rate::default() }));
        let (now, a, b) = (Duration::from_secs(5), ip("10.0.0.1"), ip("10.0.0.2"));
        assert!(rates.take(a, now).is_ok() && rates.take(a, now).is_ok());
        assert_eq!(rates.take(a, now), Err(Duration::from_millis(500)));
        assert!(rates.take(b, now).is_ok(), "another client");
        assert!(rates.take(ip("::ffff:10.0.0.1"), now).is_err(), "the same client");
        let later = now + Duration::from_millis(500);
        assert!(rates.take(a, later).is_ok());
        assert!(rates.take(a, later).is_err());
        let much_later = now + Duration::from_secs(3600);
        let taken = (0..9).filter(|_| rates.take(a, much_later).is_ok()).count();
        assert_eq!(taken, 2, "nothing is saved up");
        for _ in 0..100 {
            assert!(rates.take(ip("127.0.0.9"), now).is_ok() && rates.take(ip("::1"), now).is_ok());
        }
        let shared = Rates::new(Some(Rate { per_second: 1, exempt: Vec::new() }));
        assert!(shared.take(ip("2001:db8::1"), now).is_ok());
        assert!(shared.take(ip("2001:db8::2"), now).is_err(), "of the same /64");
        assert!(shared.take(ip("2001:db8:0:1::1"), now).is_ok());
        assert!(Rates::new(None).take(a, now).is_ok());
    }

    #[test]
    fn many_clients_take_no_more_memory_than_is_theirs() {
        let rates = Rates::new(Some(Rate { per_second: 1, exempt: Vec::new() }));
        let now = Duration::from_secs(1);
        let client = |number: u32| IpAddr::V4((0x0a00_0000 + number).into());
        let taken = (0..20_000).filter(|number| rates.take(client(*number), now).is_ok()).count();
        assert_eq!(taken, CLIENTS_MAX + 1, "those beyond share one allowance");
        assert!(rates.left.lock().len() <= CLIENTS_MAX + 1);
        let later = now + Duration::from_secs(10);
        assert!((30_000..30_010).all(|number| rates.take(client(number), later).is_ok()));
        assert!(rates.left.lock().len() <= 11, "who was quiet is forgotten");
    }
}
