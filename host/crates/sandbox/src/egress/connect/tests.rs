//! Which addresses of a destination remain.

use super::*;
use crate::egress::RootCertStore;
use crate::egress::resolve::Resolving;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Fixed(Vec<Vec<IpAddr>>, AtomicUsize);

impl Resolve for Fixed {
    fn resolve(&self, _: &str) -> Resolving {
        let call = self.1.fetch_add(1, Ordering::SeqCst);
        let answer = self.0[call.min(self.0.len() - 1)].clone();
        Box::pin(async move { Ok(answer) })
    }
}

fn connector(operator: &[&str], answers: &[&[&str]]) -> Connector {
    let parse = |list: &&[&str]| list.iter().map(|text| text.parse().expect("address")).collect();
    let roots = tokio_rustls::rustls::ClientConfig::builder_with_provider(Arc::new(
        tokio_rustls::rustls::crypto::ring::default_provider(),
    ));
    let tls = roots.with_safe_default_protocol_versions().expect("versions");
    Connector {
        resolver: Arc::new(Fixed(answers.iter().map(parse).collect(), AtomicUsize::new(0))),
        operator_hosts: operator.iter().map(|text| text.parse().expect("target")).collect(),
        platform_addresses: ["9.9.9.9".parse().expect("address")].into(),
        tls: TlsConnector::from(Arc::new(tls.with_root_certificates(RootCertStore::empty()).with_no_client_auth())),
    }
}

/// Addresses that remain, or why none does.
async fn remaining(connector: &Connector, target: &str) -> Result<Vec<String>, &'static str> {
    match connector.addresses(&target.parse().expect("target")).await {
        Ok(addresses) => Ok(addresses.iter().map(ToString::to_string).collect()),
        Err(EgressError::AddressDenied { range, .. }) => Err(range),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn refused_addresses_are_left_out_and_a_name_with_no_other_is_refused() {
    let mixed = connector(&[], &[&["10.0.0.1", "1.1.1.1", "::1", "2606:4700::1111", "::ffff:8.8.8.8"]]);
    assert_eq!(remaining(&mixed, "https://a.test").await, Ok(vec!["1.1.1.1".into(), "2606:4700::1111".into()]));
    let private = connector(&[], &[&["10.0.0.1", "::1"]]);
    assert_eq!(remaining(&private, "https://a.test").await, Err("private (10/8)"));
}

#[tokio::test]
async fn a_name_that_turns_to_loopback_is_checked_at_its_next_look_up() {
    let rebinding = connector(&[], &[&["1.1.1.1"], &["127.0.0.1"]]);
    assert_eq!(remaining(&rebinding, "http://a.test").await, Ok(vec!["1.1.1.1".into()]));
    assert_eq!(remaining(&rebinding, "http://a.test").await, Err("loopback (127/8)"));
}

#[tokio::test]
async fn literal_addresses_are_checked_like_names() {
    let connector = connector(&[], &[&["1.1.1.1"]]);
    for (target, range) in [
        ("http://127.0.0.1", "loopback (127/8)"),
        ("http://[::1]", "loopback (::1)"),
        ("http://[::ffff:127.0.0.1]", "IPv4-mapped (::ffff:0:0/96)"),
        ("http://169.254.169.254", "a cloud's metadata service"),
        ("http://9.9.9.9", "the platform's own"),
    ] {
        assert_eq!(remaining(&connector, target).await, Err(range), "{target}");
    }
    assert_eq!(remaining(&connector, "http://8.8.8.8").await, Ok(vec!["8.8.8.8".into()]));
}

#[tokio::test]
async fn the_operator_opens_one_destination_exactly() {
    let open = connector(&["http://a.test:8080"], &[&["10.0.0.1", "::ffff:127.0.0.1", "9.9.9.9"]]);
    let all: Vec<String> = ["10.0.0.1", "::ffff:127.0.0.1", "9.9.9.9"].map(Into::into).into();
    assert_eq!(remaining(&open, "http://a.test:8080").await, Ok(all));
    for other in
        ["http://a.test", "http://a.test:8081", "https://a.test:8080", "http://b.test:8080", "http://x.a.test:8080"]
    {
        assert_eq!(remaining(&open, other).await, Err("private (10/8)"), "{other}");
    }
}

#[tokio::test]
async fn the_operators_name_leads_to_no_metadata_service_and_to_no_group_of_hosts() {
    for (address, range) in [
        ("169.254.169.254", "a cloud's metadata service"),
        ("::ffff:169.254.169.254", "a cloud's metadata service"),
        ("fd00:ec2::254", "a cloud's metadata service"),
        ("0.0.0.0", "of this network (0/8)"),
        ("224.0.0.1", "multicast (224/4)"),
        ("255.255.255.255", "broadcast"),
        ("::", "unspecified (::)"),
        ("ff02::1", "multicast (ff00::/8)"),
    ] {
        let open = connector(&["http://a.test"], &[&[address]]);
        assert_eq!(remaining(&open, "http://a.test").await, Err(range), "{address}");
    }
    let literal = connector(&["http://169.254.169.254"], &[&["1.1.1.1"]]);
    assert_eq!(remaining(&literal, "http://169.254.169.254").await, Ok(vec!["169.254.169.254".into()]));
}

#[tokio::test]
async fn only_the_first_addresses_are_tried() {
    let many = connector(&[], &[&["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.5"]]);
    assert_eq!(remaining(&many, "http://a.test").await.map(|list| list.len()), Ok(ADDRESSES_MAX));
}
