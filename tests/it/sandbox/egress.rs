//! The way out: only what the app declares, never to this machine or its network unless its person says so.

use crate::serving::{App, Serving};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpListener;

/// A server on loopback that answers every request with `inside`; its address.
fn inside() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let address = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _asked = stream.read(&mut [0; 4096]);
            let _answered =
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\ninside");
        }
    });
    address
}

fn declared(targets: &[&str]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = App::open("egress").with("gov_egress", json!(targets)).write(folder.path());
    (folder, path)
}

#[test]
fn nothing_is_reached_that_the_manifest_does_not_name() {
    let (_folder, path) = declared(&["https://api.example.gov.cn"]);
    let serving = Serving::run(&[path.to_str().expect("a path")]);
    let url = format!("http://{}/", inside());
    for url in [
        url.as_str(),
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[::1]:80/",
        "https://other.example/",
    ] {
        let answer = serving.get("egress", &format!("/?url={url}"));
        assert_eq!(answer.status, 502, "{url}: {}", answer.text());
        assert!(answer.text().contains("Denied") || answer.text().contains("denied"), "{url}: {}", answer.text());
    }
}

#[test]
fn a_manifest_cannot_even_name_this_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = folder.path().join("app");
    std::fs::create_dir_all(app.join("public")).expect("makes");
    let manifest = App::open("egress").with("gov_egress", json!(["http://localhost", "http://10.0.0.1"])).manifest();
    std::fs::write(app.join("manifest.json"), manifest).expect("writes");
    let output = crate::program::run(folder.path(), "doctor app --json");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!((output.status.code(), text.matches("manifest.egress-local").count()), (Some(1), 2), "{text}");
}

#[test]
fn the_person_at_this_machine_may_allow_one_exact_host() {
    let address = inside();
    let (_folder, path) = declared(&["https://api.example.gov.cn"]);
    let allowed = format!("http://{address}");
    let serving = Serving::run(&["--egress", &allowed, path.to_str().expect("a path")]);
    let answer = serving.get("egress", &format!("/?url={allowed}/"));
    assert_eq!(answer.status, 200, "{}\n{}", answer.text(), serving.log());
    assert!(answer.text().contains("inside"), "{}", answer.text());
    let other = serving.get("egress", "/?url=http://127.0.0.1:1/");
    assert_eq!(other.status, 502, "another port is another target");
    let bypass = serving.get("egress", &format!("/?url={allowed}/&raw-path=http://169.254.169.254/"));
    assert_eq!(bypass.status, 502, "an absolute path is not another target: {}", bypass.text());
}

#[test]
fn a_guest_sends_no_more_requests_than_allowed_in_all_and_at_once() {
    let address = inside();
    let (_folder, path) = declared(&["https://api.example.gov.cn"]);
    let allowed = format!("http://{address}");
    let serving = Serving::run(&["--egress", &allowed, path.to_str().expect("a path")]);
    for (query, status) in [("times=8", 200), ("times=9", 502), ("at-once=4", 200), ("at-once=5", 502)] {
        let answer = serving.get("egress", &format!("/?url={allowed}/&{query}"));
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
        assert!(status == 200 || answer.text().contains("ConnectionLimitReached"), "{query}: {}", answer.text());
    }
}
