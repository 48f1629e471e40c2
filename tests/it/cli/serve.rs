//! The serving commands: the first line, a clean stop, and apps that change while the hub runs.

use super::sign::leaflet;
use crate::program;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

/// A serving process; killed when the test ends early.
struct Serving {
    child: Child,
    address: String,
    log: BufReader<std::process::ChildStderr>,
}

impl Serving {
    fn start(folder: &Path, line: &str) -> Self {
        let mut command = program::yizhan(folder);
        command.args(line.split(' ')).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        let mut log = BufReader::new(child.stderr.take().expect("piped"));
        let mut first = String::new();
        log.read_line(&mut first).expect("a first line");
        let address = first.trim_end().strip_prefix("http://").unwrap_or_else(|| {
            panic!("the first line is {first:?}");
        });
        Self { address: address.to_owned(), child, log }
    }

    fn port(&self) -> &str {
        self.address.rsplit(':').next().expect("a port")
    }

    /// Asks for `/` of a host, and answers status and body.
    fn get(&self, host: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        write!(stream, "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").expect("asks");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("answers");
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        (status, answer)
    }

    /// Reads the log up to a line with these words.
    fn wait_for(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert_ne!(self.log.read_line(&mut line).expect("reads"), 0, "it ended before it said {words:?}");
        }
    }

    /// Sends a signal and answers the exit code.
    fn stop(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        Command::new("kill").args([&format!("-{signal}"), &pid]).status().expect("kill: apt install procps");
        self.child.wait().expect("ends").code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended already where the test stopped it.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn run_prints_its_address_first_serves_at_the_root_and_stops_cleanly() {
    for signal in ["INT", "TERM"] {
        let dir = tempfile::tempdir().expect("a folder");
        leaflet(dir.path());
        let mut serving = Serving::start(dir.path(), "run leaflet.ma");
        let (status, body) = serving.get(&serving.address);
        assert!(status == 200 && body.contains("leaflet"), "{body}");
        assert_eq!(serving.get(&format!("leaflet.localhost:{}", serving.port())).0, 200);
        serving.wait_for("unsigned: local trust only");
        assert_eq!(serving.stop(signal), Some(0));
    }
}

#[test]
fn an_address_in_use_ends_with_3() {
    let dir = tempfile::tempdir().expect("a folder");
    leaflet(dir.path());
    let serving = Serving::start(dir.path(), "run leaflet.ma");
    let json = program::refused(dir.path(), &format!("run leaflet --addr {}", serving.address), 3);
    assert!(json["where"].as_str().is_some_and(|place| place.contains(serving.port())), "{json}");
}

#[test]
fn the_next_request_uses_what_install_and_remove_changed() {
    let dir = tempfile::tempdir().expect("a folder");
    leaflet(dir.path());
    let serving = Serving::start(dir.path(), "demo --addr 127.0.0.1:0 --data hub --package leaflet.ma");
    let host = format!("leaflet.localhost:{}", serving.port());
    assert_eq!(serving.get(&host).0, 200);
    let page = dir.path().join("leaflet/public/index.html");
    let text = fs::read_to_string(&page).expect("reads").replace("</body>", "<p>第二版</p></body>");
    fs::write(&page, text).expect("writes");
    program::json(dir.path(), "pack leaflet --key hub/development-publisher.pem -o two.ma");
    let json = program::json(dir.path(), "install two.ma --data hub");
    assert_eq!(json["hub"], "the running hub has taken it over");
    let (_, body) = serving.get(&host);
    assert!(body.contains("第二版"), "{body}");
    program::json(dir.path(), "remove leaflet --data hub");
    assert_eq!(serving.get(&host).0, 421, "an origin that nobody has");
    let json = program::refused(dir.path(), "demo --addr 127.0.0.1:0 --data hub", 3);
    assert!(json["why"].as_str().is_some_and(|why| why.contains("already served")), "{json}");
    assert_eq!(serving.stop("TERM"), Some(0));
}

#[test]
fn dev_serves_a_change_and_keeps_the_old_version_through_an_error() {
    let dir = tempfile::tempdir().expect("a folder");
    leaflet(dir.path());
    let mut serving = Serving::start(dir.path(), "dev leaflet");
    let page = dir.path().join("leaflet/public/index.html");
    let text = fs::read_to_string(&page).expect("reads");
    let manifest = dir.path().join("leaflet/manifest.json");
    let right = fs::read_to_string(&manifest).expect("reads");
    fs::write(&manifest, "{").expect("writes");
    serving.wait_for("the version before keeps serving");
    assert_eq!(serving.get(&serving.address).0, 200);
    fs::write(&manifest, right).expect("writes");
    serving.wait_for("rebuilt");
    fs::write(&page, text.replace("</body>", "<p>改过了</p></body>")).expect("writes");
    // A save may be seen as two changes; the log ends the loop if the page never arrives.
    while !serving.get(&serving.address).1.contains("改过了") {
        serving.wait_for("rebuilt");
    }
    assert_eq!(serving.stop("INT"), Some(0));
}
