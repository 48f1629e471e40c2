//! Which addresses may be reached: globally routable unicast only (IANA special-purpose registries, RFC 6890), as one table.
//! The connector asks it for every address that a name resolves to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who may still allow an address of a special range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Openness {
    /// The operator, by allowing the destination.
    Operator,
    /// The operator, by writing the address itself; a name that leads here is refused.
    Literal,
    /// Nobody: not the address of one host.
    Nobody,
}

/// A range of addresses that are not globally routable unicast, or that answer for a cloud's own machinery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    network: IpAddr,
    bits: u32,
    /// What the range is, to follow "its address is".
    pub(crate) name: &'static str,
    /// Who may allow it.
    pub(crate) openness: Openness,
}

const fn v4(network: [u8; 4], bits: u32, name: &'static str, openness: Openness) -> Range {
    let [a, b, c, d] = network;
    Range { network: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), bits, name, openness }
}

const fn v6(head: [u16; 4], tail: [u16; 4], bits: u32, name: &'static str) -> Range {
    let ([a, b, c, d], [e, f, g, h]) = (head, tail);
    Range { network: IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, g, h)), bits, name, openness: Openness::Operator }
}

const fn only(range: Range, openness: Openness) -> Range {
    Range { openness, ..range }
}

use Openness::{Literal, Nobody, Operator};

/// First match wins, so that narrow ranges stand before wide ones.
const RANGES: &[Range] = &[
    v4([0, 0, 0, 0], 8, "of this network (0/8)", Nobody),
    v4([10, 0, 0, 0], 8, "private (10/8)", Operator),
    v4([100, 100, 100, 200], 32, "a cloud's metadata service", Literal),
    v4([100, 64, 0, 0], 10, "shared with a carrier (100.64/10)", Operator),
    v4([127, 0, 0, 0], 8, "loopback (127/8)", Operator),
    v4([168, 63, 129, 16], 32, "a cloud's metadata service", Literal),
    v4([169, 254, 0, 23], 32, "a cloud's metadata service", Literal),
    v4([169, 254, 169, 254], 32, "a cloud's metadata service", Literal),
    v4([169, 254, 0, 0], 16, "link-local (169.254/16)", Operator),
    v4([172, 16, 0, 0], 12, "private (172.16/12)", Operator),
    v4([192, 0, 0, 192], 32, "a cloud's metadata service", Literal),
    v4([192, 0, 0, 0], 24, "for protocols (192.0.0/24)", Operator),
    v4([192, 0, 2, 0], 24, "for documentation (192.0.2/24)", Operator),
    v4([192, 88, 99, 0], 24, "a 6to4 relay (192.88.99/24)", Operator),
    v4([192, 168, 0, 0], 16, "private (192.168/16)", Operator),
    v4([198, 18, 0, 0], 15, "for benchmarks (198.18/15)", Operator),
    v4([198, 51, 100, 0], 24, "for documentation (198.51.100/24)", Operator),
    v4([203, 0, 113, 0], 24, "for documentation (203.0.113/24)", Operator),
    v4([224, 0, 0, 0], 4, "multicast (224/4)", Nobody),
    v4([255, 255, 255, 255], 32, "broadcast", Nobody),
    v4([240, 0, 0, 0], 4, "reserved (240/4)", Operator),
    only(v6([0; 4], [0; 4], 128, "unspecified (::)"), Nobody),
    v6([0; 4], [0, 0, 0, 1], 128, "loopback (::1)"),
    v6([0; 4], [0, 0xffff, 0, 0], 96, "IPv4-mapped (::ffff:0:0/96)"),
    v6([0; 4], [0; 4], 96, "IPv4-compatible (::/96)"),
    v6([0; 4], [0xffff, 0, 0, 0], 96, "IPv4-translated (::ffff:0:0:0/96)"),
    v6([0x64, 0xff9b, 0, 0], [0; 4], 96, "NAT64 (64:ff9b::/96)"),
    v6([0x64, 0xff9b, 1, 0], [0; 4], 48, "NAT64 (64:ff9b:1::/48)"),
    v6([0x100, 0, 0, 0], [0; 4], 64, "discarded (100::/64)"),
    v6([0x2001, 0, 0, 0], [0; 4], 32, "Teredo (2001::/32)"),
    v6([0x2001, 0xdb8, 0, 0], [0; 4], 32, "for documentation (2001:db8::/32)"),
    v6([0x2001, 0, 0, 0], [0; 4], 23, "for protocols (2001::/23)"),
    v6([0x2002, 0, 0, 0], [0; 4], 16, "6to4 (2002::/16)"),
    v6([0x3fff, 0, 0, 0], [0; 4], 20, "for documentation (3fff::/20)"),
    only(v6([0xfd00, 0xec2, 0, 0], [0, 0, 0, 0x254], 128, "a cloud's metadata service"), Literal),
    only(v6([0xfd20, 0xce, 0, 0], [0, 0, 0, 0x254], 128, "a cloud's metadata service"), Literal),
    v6([0xfc00, 0, 0, 0], [0; 4], 7, "unique local (fc00::/7)"),
    v6([0xfe80, 0, 0, 0], [0; 4], 10, "link-local (fe80::/10)"),
    v6([0xfec0, 0, 0, 0], [0; 4], 10, "site-local (fec0::/10)"),
    only(v6([0xff00, 0, 0, 0], [0; 4], 8, "multicast (ff00::/8)"), Nobody),
];

/// IPv6 outside 2000::/3, the only block of global unicast, and in none of the rows.
const UNALLOCATED: Range = v6([0; 4], [0; 4], 0, "not global unicast");

impl Range {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros() >= self.bits
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

/// The special range of an address; `None` when it is globally routable unicast.
pub(crate) fn special_range(address: IpAddr) -> Option<&'static Range> {
    let found = RANGES.iter().find(|range| range.contains(address));
    let global = match address {
        IpAddr::V4(_) => true,
        IpAddr::V6(address) => address.segments()[0] & 0xe000 == 0x2000,
    };
    if found.is_none() && !global { Some(&UNALLOCATED) } else { found }
}

#[cfg(test)]
mod tests;
