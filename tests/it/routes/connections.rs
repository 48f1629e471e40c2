//! The limit of connections, with as many of them as it allows.

use crate::serving::{App, Serving};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use yizhan_domain::limits::NodeLimits;

/// Files that this process needs beside the connections.
const OTHER_FILES: u64 = 500;

fn raise_file_limit(wanted: u64) {
    let limit = getrlimit(Resource::Nofile);
    let allowed = limit.maximum.unwrap_or(u64::MAX);
    assert!(allowed >= wanted, "{wanted} open files are needed and {allowed} are allowed: ulimit -Hn {wanted}");
    if limit.current.is_some_and(|current| current < wanted) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum }).expect("more files");
    }
}

/// Whether a new connection gets an answer; if not, it was closed.
fn is_answered(serving: &Serving) -> bool {
    let mut stream = TcpStream::connect(&serving.address).expect("connects");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
    // It may be closed before it asks.
    let _asked = write!(stream, "GET / HTTP/1.1\r\nHost: hello.localhost:{}\r\n\r\n", serving.port());
    match stream.read(&mut [0]) {
        Ok(read) => read == 1,
        Err(error) => {
            assert_ne!(error.kind(), ErrorKind::WouldBlock, "neither answered nor closed");
            false
        }
    }
}

#[test]
fn a_connection_beyond_the_limit_is_closed_at_once_until_another_ends() {
    let connections_max = NodeLimits::default().connections_max;
    raise_file_limit(connections_max + OTHER_FILES);
    let serving = Serving::demo(&[App::open("hello")]);
    let connect = |_| TcpStream::connect(&serving.address).expect("connects");
    let mut open: Vec<TcpStream> = (0..connections_max).map(connect).collect();
    assert!(!is_answered(&serving), "connection {}", connections_max + 1);
    open.truncate(open.len() / 2);
    let begun = Instant::now();
    while !is_answered(&serving) {
        assert!(begun.elapsed().as_secs() < 30, "no place comes free");
    }
    // The server goes first, so that no ports of this side are left to wait.
    drop(serving);
}

#[test]
fn a_connection_that_never_asks_is_closed() {
    let serving = Serving::demo(&[App::open("hello")]);
    let silent = ["", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\n"].map(|begun| {
        let mut stream = TcpStream::connect(&serving.address).expect("connects");
        stream.write_all(begun.as_bytes()).expect("written");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
        (begun, stream)
    });
    for (begun, mut stream) in silent {
        match stream.read_to_end(&mut Vec::new()) {
            Ok(_) => {}
            Err(error) => assert_ne!(error.kind(), ErrorKind::WouldBlock, "still open after {begun:?}"),
        }
    }
}
