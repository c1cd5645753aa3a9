//! Networks in CIDR notation, and whether some of them together are the internet.

use std::net::{Ipv4Addr, Ipv6Addr};

/// First and last address, as numbers.
type Range = (u128, u128);

/// Global unicast addresses, `2000::/3`: what the internet of IPv6 uses.
const INTERNET_V6: Range = (0x2000 << 112, (0x4000 << 112) - 1);
const INTERNET_V4: Range = (0, u32::MAX as u128);

/// Whether the networks among these texts cover half of the internet or more. The whole of it can be written as
/// `0.0.0.0/0`, as two halves or as many parts, each in a rule of its own; nobody's own networks are half of it.
pub(crate) fn is_internet<'a>(texts: impl IntoIterator<Item = &'a str>) -> bool {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for text in texts {
        if let Some(range) = range::<Ipv4Addr>(text, 32, |address| u128::from(u32::from(address))) {
            v4.push(range);
        } else if let Some(range) = range::<Ipv6Addr>(text, 128, u128::from) {
            v6.push(range);
        }
    }
    covers_half(v4, INTERNET_V4) || covers_half(v6, INTERNET_V6)
}

fn range<A: std::str::FromStr>(text: &str, bits: u32, number: fn(A) -> u128) -> Option<Range> {
    let (address, length) = text.trim().split_once('/')?;
    let first = number(address.parse().ok()?);
    let length: u32 = length.parse().ok().filter(|length| *length <= bits)?;
    // The addresses of a network differ in the bits after its prefix; all 128 of them fill the number.
    let rest = 1u128.checked_shl(bits - length).map_or(u128::MAX, |size| size - 1);
    Some((first & !rest, first | rest))
}

fn covers_half(mut ranges: Vec<Range>, whole: Range) -> bool {
    ranges.sort_unstable();
    let (mut covered, mut next) = (0u128, whole.0);
    for (first, last) in ranges {
        let (first, last) = (first.max(next), last.min(whole.1));
        if first <= last {
            covered += last - first + 1;
            next = last + 1;
        }
    }
    covered > (whole.1 - whole.0) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_internet_is_the_internet() {
        let yes: [&[&str]; 8] = [
            &["0.0.0.0/0"],
            &["::/0"],
            &["10.0.0.0/8", "1.2.3.4/0"],
            &["0.0.0.0/1", "128.0.0.0/1"],
            &["128.0.0.0/1"],
            &["0.0.0.0/2", "128.0.0.0/3", "160.0.0.0/3"],
            &["2000::/3"],
            &["2000::/4", "3000::/4"],
        ];
        for networks in yes {
            assert!(is_internet(networks.iter().copied()), "{networks:?}");
        }
        let no: [&[&str]; 7] = [
            &[],
            &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
            &["0.0.0.0/2", "0.0.0.0/2", "0.0.0.0/3"],
            &["0.0.0.0/33", "0.0.0.0/-1", "0.0.0/0", "/0", "0.0.0.0", "x"],
            &["fc00::/7"],
            &["2001:db8::/32"],
            &["0.0.0.0/32", "::/128"],
        ];
        for networks in no {
            assert!(!is_internet(networks.iter().copied()), "{networks:?}");
        }
    }
}
