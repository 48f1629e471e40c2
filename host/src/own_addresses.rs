//! The addresses of this machine: what leaves the process must not come back to it. Read once, when the server starts.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses of the network interfaces, as the kernel lists them. None where it does not: then only the special ranges and
/// what the operator names are refused.
pub(crate) fn list() -> Vec<IpAddr> {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let (routes, interfaces) = (read("/proc/net/fib_trie"), read("/proc/net/if_inet6"));
    v4_of(&routes).map(IpAddr::V4).chain(v6_of(&interfaces).map(IpAddr::V6)).collect()
}

/// An address stands on the line before `/32 host LOCAL`.
fn v4_of(routes: &str) -> impl Iterator<Item = Ipv4Addr> {
    let local = |pair: (&str, &str)| {
        let address = pair.0.trim().strip_prefix("|-- ")?;
        (pair.1.trim() == "/32 host LOCAL").then(|| address.parse().ok())?
    };
    routes.lines().zip(routes.lines().skip(1)).filter_map(local)
}

/// 32 hexadecimal digits begin each line.
fn v6_of(interfaces: &str) -> impl Iterator<Item = Ipv6Addr> {
    let address = |line: &str| u128::from_str_radix(line.get(..32)?, 16).ok().map(Ipv6Addr::from_bits);
    interfaces.lines().filter_map(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_lists_are_read() {
        let routes = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 203.0.113.0\n        /24 link UNICAST\nLocal:\n     \
                      |-- 203.0.113.7\n        /32 host LOCAL\n     |-- 203.0.113.255\n        /32 link BROADCAST\n";
        assert_eq!(v4_of(routes).collect::<Vec<_>>(), [Ipv4Addr::new(203, 0, 113, 7)]);
        let interfaces = "20010db8000000000000000000000001 02 40 00 80     eth0\nnonsense\n";
        assert_eq!(v6_of(interfaces).collect::<Vec<_>>(), ["2001:db8::1".parse::<Ipv6Addr>().expect("address")]);
        assert!(list().iter().any(IpAddr::is_loopback), "this machine has an address of its own");
    }
}
