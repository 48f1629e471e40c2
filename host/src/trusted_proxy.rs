//! Whose word about the client's address counts: proxies that the operator named, and nobody else's.

use http::HeaderMap;
use std::net::IpAddr;
use std::str::FromStr;

/// A range of addresses, as in `10.0.0.0/8` or `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    network: IpAddr,
    bits: u8,
}

/// Said of a text that is no range of addresses.
const WRONG: &str = "an address with the bits of its network is needed, as in 10.0.0.0/8";

impl FromStr for Cidr {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (address, bits) = text.split_once('/').unwrap_or((text, ""));
        let network: IpAddr = address.parse().map_err(|_| WRONG)?;
        let most = if network.is_ipv4() { 32 } else { 128 };
        let bits = if bits.is_empty() { most } else { bits.parse().map_err(|_| WRONG)? };
        if bits > most { Err(WRONG) } else { Ok(Self { network, bits }) }
    }
}

impl Cidr {
    /// Whether an address lies in the range.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let shift = |most: u8| u32::from(most - self.bits);
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                u32::from(network).checked_shr(shift(32)) == u32::from(address).checked_shr(shift(32))
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                u128::from(network).checked_shr(shift(128)) == u128::from(address).checked_shr(shift(128))
            }
            _ => false,
        }
    }
}

/// The client's address: the peer's, or, when the peer is a trusted proxy, the last one in `X-Forwarded-For` that is none.
#[must_use]
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Cidr]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    let mut client = peer;
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let mut told: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    while is_trusted(client) {
        let Some(Ok(before)) = told.pop().map(str::parse) else { break };
        client = before;
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_range_holds_its_own_addresses_alone() {
        let range: Cidr = "10.1.0.0/16".parse().expect("a range");
        assert!(range.contains(address("10.1.255.1")) && range.contains(address("::ffff:10.1.2.3")));
        assert!(!range.contains(address("10.2.0.1")) && !range.contains(address("fd00::1")));
        let all: Cidr = "0.0.0.0/0".parse().expect("a range");
        assert!(all.contains(address("203.0.113.9")));
        for text in ["10.0.0.0/33", "10.0.0/8", "x", "fd00::/129", ""] {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_about_the_client() {
        let trusted = ["10.0.0.0/8".parse().expect("a range")];
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "198.51.100.1, 203.0.113.7, 10.0.0.2".parse().expect("a value"));
        assert_eq!(client_address(address("10.0.0.1"), &headers, &trusted), address("203.0.113.7"));
        assert_eq!(client_address(address("192.0.2.1"), &headers, &trusted), address("192.0.2.1"));
        headers.insert("x-forwarded-for", "nonsense".parse().expect("a value"));
        assert_eq!(client_address(address("10.0.0.1"), &headers, &trusted), address("10.0.0.1"));
    }
}
