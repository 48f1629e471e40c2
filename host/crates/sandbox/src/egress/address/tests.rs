//! The table, row by row: first and last address of each range, their neighbours, and IPv4 ranges behind IPv6 notations.

use super::*;

/// First and last refused address, and the neighbours outside that are allowed (where there are any).
const ROWS: &[(&str, &str, &[&str])] = &[
    ("0.0.0.0", "0.255.255.255", &["1.0.0.0"]),
    ("10.0.0.0", "10.255.255.255", &["9.255.255.255", "11.0.0.0"]),
    ("100.64.0.0", "100.127.255.255", &["100.63.255.255", "100.128.0.0"]),
    ("127.0.0.0", "127.255.255.255", &["126.255.255.255", "128.0.0.0"]),
    ("168.63.129.16", "168.63.129.16", &["168.63.129.15", "168.63.129.17"]),
    ("169.254.0.0", "169.254.255.255", &["169.253.255.255", "169.255.0.0"]),
    ("172.16.0.0", "172.31.255.255", &["172.15.255.255", "172.32.0.0"]),
    ("192.0.0.0", "192.0.0.255", &["191.255.255.255", "192.0.1.0"]),
    ("192.0.2.0", "192.0.2.255", &["192.0.1.255", "192.0.3.0"]),
    ("192.88.99.0", "192.88.99.255", &["192.88.98.255", "192.88.100.0"]),
    ("192.168.0.0", "192.168.255.255", &["192.167.255.255", "192.169.0.0"]),
    ("198.18.0.0", "198.19.255.255", &["198.17.255.255", "198.20.0.0"]),
    ("198.51.100.0", "198.51.100.255", &["198.51.99.255", "198.51.101.0"]),
    ("203.0.113.0", "203.0.113.255", &["203.0.112.255", "203.0.114.0"]),
    ("224.0.0.0", "239.255.255.255", &["223.255.255.255"]),
    ("240.0.0.0", "255.255.255.255", &[]),
    ("::", "::ffff:ffff", &[]),
    ("::1", "::1", &[]),
    ("::ffff:0:0", "::ffff:ffff:ffff", &[]),
    ("::ffff:0:0:0", "::ffff:0:ffff:ffff", &[]),
    ("64:ff9b::", "64:ff9b::ffff:ffff", &[]),
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", &[]),
    ("100::", "100::ffff:ffff:ffff:ffff", &[]),
    ("1fff::", "1fff:ffff::", &["2000::"]),
    ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", &["2000:ffff::", "2001:200::"]),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", &["2001:db7:ffff::", "2001:db9::"]),
    ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &["2001:ffff::", "2003::"]),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", &["3ffe::", "3fff:1000::"]),
    ("4000::", "fbff::", &[]),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &[]),
    ("fd00:ec2::254", "fd00:ec2::254", &[]),
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &[]),
    ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &[]),
    ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &[]),
];

fn address(text: &str) -> IpAddr {
    text.parse().expect("address")
}

#[test]
fn every_special_range_is_refused_from_its_first_to_its_last_address() {
    for (first, last, _) in ROWS {
        assert!(special_range(address(first)).is_some(), "{first}");
        assert!(special_range(address(last)).is_some(), "{last}");
    }
}

#[test]
fn neighbours_of_special_ranges_are_allowed() {
    for neighbour in ROWS.iter().flat_map(|(_, _, outside)| outside.iter()) {
        assert_eq!(special_range(address(neighbour)), None, "{neighbour}");
    }
    for public in ["1.1.1.1", "8.8.8.8", "114.114.114.114", "2400:3200::1", "2606:4700::1111"] {
        assert_eq!(special_range(address(public)), None, "{public}");
    }
}

#[test]
fn ipv4_inside_ipv6_is_refused_whatever_it_holds() {
    for inner in ["1.1.1.1", "127.0.0.1", "169.254.169.254", "10.0.0.1"] {
        let IpAddr::V4(inner) = address(inner) else { panic!("IPv4") };
        let [a, b] = [(inner.to_bits() >> 16) as u16, inner.to_bits() as u16];
        for outer in [
            inner.to_ipv6_mapped(),
            Ipv6Addr::new(0, 0, 0, 0, 0, 0, a, b),
            Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, a, b),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b),
            Ipv6Addr::new(0x2002, a, b, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, !a, !b),
        ] {
            assert!(special_range(IpAddr::V6(outer)).is_some(), "{outer}");
        }
    }
}

#[test]
fn metadata_services_are_not_opened_by_a_name() {
    for metadata in
        ["169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"]
    {
        assert_eq!(special_range(address(metadata)).map(|range| range.openness), Some(Openness::Literal), "{metadata}");
    }
}

#[test]
fn what_is_no_host_is_open_to_nobody() {
    for nobody in ["0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1"] {
        assert_eq!(special_range(address(nobody)).map(|range| range.openness), Some(Openness::Nobody), "{nobody}");
    }
}
