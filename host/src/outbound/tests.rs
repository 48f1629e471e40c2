//! Where the platform itself goes, and where it never does: hostile addresses, names that change, answers without end.

use super::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use yizhan_sandbox::egress::Resolving;

/// Answers each look-up with the next list; the last one stays.
struct Names(Mutex<Vec<Vec<IpAddr>>>, AtomicUsize);

impl Resolve for Names {
    fn resolve(&self, _: &str) -> Resolving {
        self.1.fetch_add(1, Ordering::SeqCst);
        let mut lists = self.0.lock().expect("names");
        let answer = if lists.len() > 1 { lists.remove(0) } else { lists[0].clone() };
        Box::pin(async move { Ok(answer) })
    }
}

fn outbound(allowed: &[&str], names: &[&[&str]]) -> (Outbound, Arc<Names>) {
    let parse = |list: &&[&str]| list.iter().map(|text| text.parse().expect("address")).collect();
    let names = Arc::new(Names(Mutex::new(names.iter().map(parse).collect()), AtomicUsize::new(0)));
    let allowed = allowed.iter().map(|text| text.parse().expect("target")).collect();
    let own = vec!["9.9.9.9".parse().expect("address")];
    let made = Outbound::of((allowed, own), Arc::clone(&names) as _, RootCertStore::empty(), Handle::current());
    (made.expect("connector"), names)
}

fn get(url: &str) -> Request<Full<Bytes>> {
    Request::get(url).body(Full::default()).expect("request")
}

async fn refused(outbound: &Outbound, url: &str) -> String {
    format!("{:#}", outbound.send(get(url), 2_000).await.expect_err(url))
}

/// A server that counts who connects and answers everybody with `answer`.
async fn server(answer: Vec<u8>) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let (port, count) = (listener.local_addr().expect("address").port(), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            seen.fetch_add(1, Ordering::SeqCst);
            let mut head = [0; 2048];
            let _read = stream.read(&mut head).await;
            let _written = stream.write_all(&answer).await;
        }
    });
    (port, count)
}

#[tokio::test]
async fn the_platform_reaches_no_special_address_by_name_or_as_it_is() {
    for address in [
        "0.0.0.1",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "100.100.100.200",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2001:0:1::1",
        "fd00:ec2::254",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "9.9.9.9",
    ] {
        let (outbound, _) = outbound(&[], &[&[address]]);
        let why = refused(&outbound, "https://back-end.example/logout").await;
        assert!(why.contains("may not be reached"), "{address} by name: {why}");
        let literal = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
        let why = refused(&outbound, &format!("http://{literal}/logout")).await;
        assert!(why.contains("may not be reached"), "{address} as it is: {why}");
    }
}

#[tokio::test]
async fn the_addresses_of_this_machine_are_its_own() {
    let outbound = Outbound::new(Handle::current(), Vec::new(), &["9.9.9.9".parse().expect("address")]);
    let outbound = outbound.expect("connector");
    assert!(refused(&outbound, "https://9.9.9.9/").await.contains("the platform's own"), "named by the operator");
    assert!(outbound.own.iter().any(IpAddr::is_loopback) && outbound.own.len() > 1, "read from the kernel");
}

#[tokio::test]
async fn only_the_exact_host_that_the_operator_allows_is_reached() {
    let (port, seen) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok".to_vec()).await;
    let (allowing, _) = outbound(&[&format!("http://back-end.example:{port}")], &[&["127.0.0.1"]]);
    let (status, body) =
        allowing.send(get(&format!("http://back-end.example:{port}/logout?x=1")), 2_000).await.expect("reached");
    assert_eq!((status, body.as_slice()), (StatusCode::OK, b"ok".as_slice()));
    for other in [format!("http://other.example:{port}/"), format!("http://127.0.0.1:{port}/")] {
        assert!(refused(&allowing, &other).await.contains("may not be reached"), "{other}");
    }
    assert_eq!(seen.load(Ordering::SeqCst), 1);
    let more = outbound(&[], &[&["127.0.0.1"]])
        .0
        .reaching(&[target_of(&format!("http://a.example:{port}/x")).expect("target")]);
    more.expect("connector").send(get(&format!("http://a.example:{port}/")), 2_000).await.expect("reached");
}

#[tokio::test]
async fn a_name_that_changes_between_check_and_connection_leads_nowhere() {
    let (port, seen) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    // The first look-up is harmless but nobody listens there, every later one is this machine: a connector that looks a
    // name up again to connect would arrive here.
    let (rebinding, names) = outbound(&[], &[&["192.0.2.1"], &["127.0.0.1"]]);
    refused(&rebinding, &format!("http://a.example:{port}/")).await;
    assert_eq!(names.1.load(Ordering::SeqCst), 1, "looked up once");
    assert!(refused(&rebinding, &format!("http://a.example:{port}/")).await.contains("loopback"));
    assert_eq!(seen.load(Ordering::SeqCst), 0, "and never connected to");
}

#[tokio::test]
async fn an_answer_is_bounded_and_a_redirect_is_not_followed() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", ANSWER_BYTES_MAX + 1);
    let (port, _) = server([head.as_bytes(), &vec![b'a'; ANSWER_BYTES_MAX + 1]].concat()).await;
    let (open, _) = outbound(&[&format!("http://a.example:{port}")], &[&["127.0.0.1"]]);
    refused(&open, &format!("http://a.example:{port}/")).await;
    let elsewhere = b"HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n";
    let (port, seen) = server(elsewhere.to_vec()).await;
    let (open, _) = outbound(&[&format!("http://a.example:{port}")], &[&["127.0.0.1"]]);
    let (status, _) = open.send(get(&format!("http://a.example:{port}/")), 2_000).await.expect("an answer");
    assert_eq!((status, seen.load(Ordering::SeqCst)), (StatusCode::FOUND, 1));
}

#[test]
fn a_destination_is_what_stands_before_the_path() {
    assert_eq!(target_of("https://a.example/x?y").expect("target").to_string(), "https://a.example");
    assert_eq!(target_of("http://a.example:81?y").expect("target").to_string(), "http://a.example:81");
    for wrong in ["a.example", "ftp://a.example/", "https://me@a.example/", "https:///x"] {
        assert!(target_of(wrong).is_err(), "{wrong}");
    }
}
