//! The versions of Kafka Connect's protocol, and which of them a worker offers.

/// A version of Kafka Connect's group protocol. The coordinator chooses the first that all members offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Version 0: everything is given back before each rebalance.
    Eager,
    /// Version 1: work goes on through a rebalance, but for what is revoked.
    Compatible,
    /// Version 2: as `Compatible`, and requests between workers are signed.
    Sessioned,
}

impl Protocol {
    /// Its name in the group protocol.
    pub fn name(self) -> &'static str {
        match self {
            Self::Eager => "default",
            Self::Compatible => "compatible",
            Self::Sessioned => "sessioned",
        }
    }

    /// The one of this name in the group protocol.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Eager, Self::Compatible, Self::Sessioned].into_iter().find(|protocol| protocol.name() == name)
    }

    /// Its version in the bytes.
    pub fn version(self) -> i16 {
        match self {
            Self::Eager => 0,
            Self::Compatible => 1,
            Self::Sessioned => 2,
        }
    }
}

/// The worker's key `connect.protocol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConnectProtocol {
    /// `eager`.
    Eager,
    /// `compatible`.
    Compatible,
    /// `sessioned`, the default.
    #[default]
    Sessioned,
}

impl ConnectProtocol {
    /// What a member offers, best first. A group with one worker that offers less comes down to it.
    pub fn offers(self) -> &'static [Protocol] {
        match self {
            Self::Eager => &[Protocol::Eager],
            Self::Compatible => &[Protocol::Compatible, Protocol::Eager],
            Self::Sessioned => &[Protocol::Sessioned, Protocol::Compatible, Protocol::Eager],
        }
    }

    /// The value as Kafka Connect reads it, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "eager" => Some(Self::Eager),
            "compatible" => Some(Self::Compatible),
            "sessioned" => Some(Self::Sessioned),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_in_connects_order() {
        let names = |protocol: &str| -> Vec<&str> {
            ConnectProtocol::parse(protocol).unwrap().offers().iter().map(|offer| offer.name()).collect()
        };
        assert_eq!(names("eager"), ["default"]);
        assert_eq!(names("Compatible"), ["compatible", "default"]);
        assert_eq!(names("sessioned"), ["sessioned", "compatible", "default"]);
        assert_eq!(ConnectProtocol::parse("sessionless"), None);
        for protocol in ConnectProtocol::default().offers() {
            assert_eq!(Protocol::named(protocol.name()), Some(*protocol));
        }
    }
}
