//! Real serving processes for tests: `yizhan run` of one thing, or a `yizhan demo` with test guests as signed packages.

use crate::program;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use yizhan_package::Package;

/// Folder of the built test guests and examples.
pub(crate) fn guests() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = std::env::var_os("YIZHAN_GUESTS").map_or_else(|| root.join("target/guests"), PathBuf::from);
    folder.join("wasm32-wasip2/release")
}

/// The component of a test guest; a missing one says how to make it.
pub(crate) fn component(guest: &str) -> PathBuf {
    let path = guests().join(format!("{}.wasm", guest.replace('-', "_")));
    assert!(path.is_file(), "{} is missing: cargo xtask guests", path.display());
    path
}

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the body came to the end that its framing promised: the length stated, or the last chunk.
    pub(crate) is_whole: bool,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Values of a header, in order.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// A serving process; ended when dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: String,
    log: Arc<Log>,
    /// Up to where [`Serving::wait_for`] has read.
    read: usize,
    _folder: Option<tempfile::TempDir>,
}

/// What a process writes to standard error, while it does.
#[derive(Default)]
struct Log {
    written: Mutex<Written>,
    news: Condvar,
}

#[derive(Default)]
struct Written {
    text: String,
    ended: bool,
}

impl Log {
    fn push(&self, line: &str) {
        self.written.lock().expect("log").text.push_str(line);
        self.news.notify_all();
    }

    fn end(&self) {
        self.written.lock().expect("log").ended = true;
        self.news.notify_all();
    }
}

impl Serving {
    /// `yizhan run` with these words.
    pub(crate) fn run(words: &[&str]) -> Self {
        let mut all = vec!["run"];
        all.extend(words);
        Self::start(tempfile::tempdir().expect("a folder"), &all)
    }

    /// A command line whose words hold no spaces, in a folder of the test's.
    pub(crate) fn within(folder: &Path, line: &str) -> Self {
        Self::spawn(folder, &line.split(' ').collect::<Vec<_>>(), None)
    }

    /// `yizhan demo` with a package for each guest; the slug is the guest's name.
    pub(crate) fn demo(guests: &[App]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut words = vec!["demo".to_owned(), "--addr".into(), "127.0.0.1:0".into(), "--data".into(), "hub".into()];
        for app in guests {
            let path = folder.path().join(format!("{}.ma", app.slug));
            std::fs::write(&path, app.package()).expect("writes");
            words.extend(["--package".to_owned(), path.display().to_string()]);
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Self::start(folder, &words)
    }

    /// `yizhan demo` with the examples, as `cargo xtask demo` serves them.
    pub(crate) fn examples() -> Self {
        let packages = guests().join("../../packages");
        let mut words: Vec<String> = ["demo", "--addr", "127.0.0.1:0", "--data", "hub"].map(str::to_owned).into();
        for example in ["service-guide", "social-security", "leaflet", "hall-finder"] {
            let path = packages.join(format!("{example}.ma"));
            assert!(path.is_file(), "{} is missing: cargo xtask guests", path.display());
            words.extend(["--package".to_owned(), path.display().to_string()]);
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Self::start(tempfile::tempdir().expect("a folder"), &words)
    }

    fn start(folder: tempfile::TempDir, words: &[&str]) -> Self {
        let path = folder.path().to_owned();
        Self::spawn(&path, words, Some(folder))
    }

    /// As [`Serving::within`], with everything logged that any part has to say; standard output goes to a file.
    pub(crate) fn watched(folder: &Path, line: &str, stdout: &Path) -> Self {
        let mut command = program::yizhan(folder);
        command.env("YIZHAN_LOG", "trace").stdout(std::fs::File::create(stdout).expect("a file"));
        Self::launch(command, &line.split(' ').collect::<Vec<_>>(), None)
    }

    fn spawn(path: &Path, words: &[&str], folder: Option<tempfile::TempDir>) -> Self {
        let mut command = program::yizhan(path);
        command.stdout(Stdio::null());
        Self::launch(command, words, folder)
    }

    fn launch(mut command: Command, words: &[&str], folder: Option<tempfile::TempDir>) -> Self {
        // Compiled guests are shared by all tests; the key beside them is made by the first.
        let cache = guests().join("../../../test-cache");
        command.env("XDG_CACHE_HOME", cache).args(words).stderr(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped"));
        let mut first = String::new();
        lines.read_line(&mut first).expect("a first line");
        let log = Arc::new(Log::default());
        log.push(&first);
        let gathered = Arc::clone(&log);
        std::thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
                gathered.push(&line);
                line.clear();
            }
            gathered.end();
        });
        let Some(address) = first.trim_end().split_once("://").map(|(_, address)| address) else {
            let _ended = child.wait();
            panic!("the first line is {first:?}, then {}", log.written.lock().expect("log").text);
        };
        Self { address: address.to_owned(), child, log, read: 0, _folder: folder }
    }

    pub(crate) fn port(&self) -> &str {
        self.address.rsplit(':').next().expect("a port")
    }

    /// What it has written to standard error so far.
    pub(crate) fn log(&self) -> String {
        self.log.written.lock().expect("log").text.clone()
    }

    /// Reads the log up to a line with these words, each line once.
    pub(crate) fn wait_for(&mut self, words: &str) {
        let mut written = self.log.written.lock().expect("log");
        loop {
            if let Some(at) = written.text[self.read..].find(words) {
                let rest = &written.text[self.read + at..];
                self.read += at + rest.find('\n').map_or(rest.len(), |end| end + 1);
                return;
            }
            assert!(!written.ended, "it ended before it said {words:?}: {}", written.text);
            let (still, waited) = self.log.news.wait_timeout(written, ANSWER_WITHIN).expect("log");
            assert!(!waited.timed_out(), "it does not say {words:?}: {}", still.text);
            written = still;
        }
    }

    /// Sends a signal and answers the exit code.
    pub(crate) fn stop(mut self, signal: &str) -> Option<i32> {
        let pid = self.child.id().to_string();
        Command::new("kill").args([&format!("-{signal}"), &pid]).status().expect("kill: apt install procps");
        self.child.wait().expect("ends").code()
    }

    /// Ends it as an operator would; answers all that it wrote to standard error.
    pub(crate) fn finish(self) -> String {
        let log = Arc::clone(&self.log);
        assert_eq!(self.stop("TERM"), Some(0));
        let mut written = log.written.lock().expect("log");
        while !written.ended {
            written = log.news.wait_timeout(written, ANSWER_WITHIN).expect("log").0;
        }
        written.text.clone()
    }

    /// GET as a browser opens a page, whatever the host.
    pub(crate) fn page(&self, host: &str, path: &str) -> Answer {
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n"), b"")
    }

    /// GET of a path on an app's origin.
    pub(crate) fn get(&self, slug: &str, path: &str) -> Answer {
        self.send(slug, &format!("GET {path} HTTP/1.1\r\n"), b"")
    }

    /// A request on an app's origin: the request line and more header lines, each ended by CRLF; then a body.
    pub(crate) fn send(&self, slug: &str, head: &str, body: &[u8]) -> Answer {
        self.raw(&format!("{head}Host: {slug}.localhost:{}\r\n", self.port()), body)
    }

    /// A request with whatever head is given; the connection is closed after it.
    pub(crate) fn raw(&self, head: &str, body: &[u8]) -> Answer {
        exchange(&self.address, head, body)
    }
}

/// How long a test waits for the next piece of an answer.
const ANSWER_WITHIN: std::time::Duration = std::time::Duration::from_secs(60);

/// One request on a connection of its own.
pub(crate) fn exchange(address: &str, head: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("connects");
    stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).expect("asks");
    // A refused body may not be read to its end.
    let _sent = stream.write_all(body);
    stream.set_read_timeout(Some(ANSWER_WITHIN)).expect("a time limit");
    let mut bytes = Vec::new();
    let mut piece = [0; 64 << 10];
    while !is_whole(&bytes) {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("no answer in time to {head}"),
            Err(_) => break,
        }
    }
    parse(&bytes)
}

/// Whether a body of stated length has arrived: not every server closes a connection when it is asked to.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head.split("\r\n").find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    length.is_some_and(|length| bytes.len() >= end + 4 + length)
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| {
        panic!("no answer: {:?}", String::from_utf8_lossy(bytes));
    });
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let rest = &bytes[end + 4..];
    let (body, is_whole) = if chunked { dechunk(rest) } else { (rest.to_vec(), is_whole(bytes)) };
    Answer { status: status.expect("a status"), headers, body, is_whole }
}

/// The bytes of a chunked body, as far as it came, and whether its last chunk came.
fn dechunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(&String::from_utf8_lossy(&rest[..end]), 16).expect("the size of a chunk");
        let data = &rest[end + 2..];
        if size == 0 {
            return (body, true);
        }
        body.extend_from_slice(&data[..size.min(data.len())]);
        rest = &data[(size + 2).min(data.len())..];
    }
    (body, false)
}

/// A test guest as an app.
pub(crate) struct App {
    slug: String,
    component: Vec<u8>,
    manifest: Value,
}

impl App {
    /// An open app around a guest.
    pub(crate) fn open(guest: &str) -> Self {
        let manifest = json!({
            "app_id": format!("cn.gov.test.{guest}"), "name": format!("测试 {guest}"), "version": {"name": "1.0.0", "code": 1},
            "description": "测试应用", "lang": "zh-CN", "icons": [{"src": "public/icon.svg", "sizes": "any"}],
            "gov_access": "open", "gov_owner": {"unit": "示例单位", "uscc": "91350100M000100Y43"},
            "gov_component": {"path": "component.wasm", "world": "open-app"},
        });
        let component = std::fs::read(component(guest)).expect("the component");
        Self { slug: guest.to_owned(), component, manifest }
    }

    /// An identity-required app that declares claims for the purpose `test`.
    pub(crate) fn identity(guest: &str, claims: &[&str]) -> Self {
        let permissions = claims.iter().map(|claim| json!({"name": format!("identity:{claim}"), "reason": "测试"}));
        let uses = claims
            .iter()
            .map(|claim| json!({"claim": claim, "purpose": "test", "optional": true, "retention_days": 0}));
        Self::open(guest)
            .with("gov_access", json!("identity-required"))
            .with("gov_component", json!({"path": "component.wasm", "world": "identity-app"}))
            .with("req_permissions", permissions.collect())
            .with("gov_data_use", uses.collect())
    }

    /// Replaces a member of the manifest.
    pub(crate) fn with(mut self, member: &str, value: Value) -> Self {
        self.manifest[member] = value;
        self
    }

    /// Its manifest as text.
    pub(crate) fn manifest(&self) -> String {
        self.manifest.to_string()
    }

    fn package(&self) -> Vec<u8> {
        let icon = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8H0z"/></svg>"#;
        let files = BTreeMap::from([
            ("manifest.json".to_owned(), Bytes::from(self.manifest.to_string())),
            ("component.wasm".to_owned(), Bytes::from(self.component.clone())),
            ("public/icon.svg".to_owned(), Bytes::from(icon)),
        ]);
        Package::from_files(files).and_then(|package| package.write()).expect("a package")
    }

    /// Writes it as a file for `yizhan run`.
    pub(crate) fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join(format!("{}.ma", self.slug));
        std::fs::write(&path, self.package()).expect("writes");
        path
    }
}
