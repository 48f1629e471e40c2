//! Hub and runtime as two processes, each with its own data: the same journey, and neither holds what is the other's.

use crate::browser::{Browser, PHONE};
use crate::serving::{App, Serving};
use crate::visitor::{Choice, Visitor};
use base64::Engine as _;
use rand::{SeedableRng as _, rngs::StdRng};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::net::TcpListener;
use std::path::Path;
use yizhan_auth::keys::{KeyStore as _, Purpose, RootKey, SoftwareKeyStore};
use yizhan_store::records::{PeopleStore as _, StoreMode};
use yizhan_store::{JournalKey, RecordsSettings, SledRecords};

const AGREE: Choice<'_> = Choice { persona: "zhang", ticks: &["test/name", "test/mobile"], decision: "agree" };

struct Apart {
    folder: tempfile::TempDir,
    hub: Serving,
    runtime: Serving,
}

/// The runtime first: the hub registers the keys that it wrote. The hub's port is chosen before either starts.
fn apart() -> Apart {
    apart_over("http", "")
}

/// As [`apart`], with more words for both, which begin with a space.
fn apart_over(scheme: &str, more: &str) -> Apart {
    let folder = tempfile::tempdir().expect("a folder");
    if scheme == "https" {
        write_certificates(folder.path());
    }
    let package = App::identity("identity", &["name", "mobile"]).write(folder.path());
    let package = package.display();
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let hub_at = format!("{scheme}://localhost:{}", free.port());
    let line =
        format!("demo --role runtime --addr 127.0.0.1:0 --data runtime --hub-at {hub_at} --package {package}{more}");
    let runtime = Serving::within(folder.path(), &line);
    let apps_at = format!("{scheme}://localhost:{}", runtime.port());
    let keys = folder.path().join("runtime/runtime-keys.json");
    let line = format!(
        "demo --role hub --addr {free} --data hub --apps-at {apps_at} --runtime-keys {} --package {package}{more}",
        keys.display()
    );
    let hub = Serving::within(folder.path(), &line);
    Apart { folder, hub, runtime }
}

#[test]
fn the_journey_is_the_same_with_hub_and_runtime_apart() {
    let Apart { folder, hub, runtime } = apart();
    let app = format!("http://identity.localhost:{}", runtime.port());
    let mut visitor = Visitor::default();
    let (page, at) = visitor.sign_in(&format!("{app}/.yizhan/login?purpose=test&return=/current"), AGREE);
    assert_eq!((page.status, at), (200, format!("{app}/current")), "{}\n{}", page.text(), runtime.log());
    assert_eq!(page.json()["signed-in"], true, "{}", page.text());
    let open = format!("{app}/open?purpose=test&claims=name");
    let opened = visitor.get(&open);
    assert_eq!(opened.json()["name"], "张示例", "{}", opened.text());
    let hub_at = format!("http://localhost:{}", hub.port());
    let log = visitor.get(&format!("{hub_at}/me/access-log")).text();
    assert!(log.contains("测试 identity"), "{log}");
    let left = visitor.post(&format!("{app}/.yizhan/logout"), &[]);
    assert_eq!(left.status, 200);
    assert_eq!(visitor.get(&open).json()["error"], "not-found");
    let origin = format!("http://identity.localhost:{}", hub.port());
    assert_eq!(Visitor::default().get(&format!("{origin}/current")).status, 421, "the hub serves no app");
    let (hub_log, runtime_log) = (hub.log(), runtime.log());
    assert!(!hub_log.contains("张示例") && !runtime_log.contains("张示例"));
    assert_eq!((hub.stop("TERM"), runtime.stop("TERM")), (Some(0), Some(0)));
    holds_nothing_of_the_other(folder.path());
}

/// A throw-away authority `ca.pem`, and a certificate of it with its key for both halves.
fn write_certificates(folder: &Path) {
    let pem = |kind: &str, der: &[u8]| {
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
    };
    let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuing = KeyPair::generate().expect("a key");
    let signed = authority.self_signed(&issuing).expect("an authority");
    let issuer = Issuer::new(authority, issuing);
    let key = KeyPair::generate().expect("a key");
    let names = ["localhost", "*.localhost"].map(str::to_owned).to_vec();
    let certificate =
        CertificateParams::new(names).and_then(|names| names.signed_by(&key, &issuer)).expect("a certificate");
    for (name, text) in [
        ("ca.pem", pem("CERTIFICATE", signed.der())),
        ("tls.pem", pem("CERTIFICATE", certificate.der())),
        ("tls.key", pem("PRIVATE KEY", &key.serialize_der())),
    ] {
        std::fs::write(folder.join(name), text).expect("writes");
    }
}

#[test]
fn the_journey_is_the_same_over_tls_with_an_authority_of_ones_own() {
    let tls = " --tls-cert tls.pem --tls-key tls.key";
    let Apart { folder: _folder, hub, runtime } = apart_over("https", &format!("{tls} --ca ca.pem"));
    let browser = Browser::open_with_any_certificate(PHONE);
    let app = format!("https://identity.localhost:{}", runtime.port());
    browser.go(&format!("{app}/.yizhan/login?purpose=test&return=/current"));
    browser.wait_for("return document.querySelector('button[name=persona]') !== null");
    assert_eq!(browser.script("return location.origin"), format!("https://localhost:{}", hub.port()));
    browser.click("button[name=persona][value=zhang]");
    browser.wait_for("return document.querySelector('form.consent') !== null");
    browser.click("input[name=grant][value=\"test/name\"]");
    browser.click("button[name=decision][value=agree]");
    browser.wait_for("return location.pathname === '/current' && document.readyState === 'complete'");
    assert!(browser.text().contains("\"signed-in\":true"), "{}\n{}", browser.text(), runtime.log());
    browser.go(&format!("{app}/open?purpose=test&claims=name"));
    assert!(browser.text().contains("张示例"), "{}\n{}", browser.text(), runtime.log());
}

#[test]
fn a_runtime_that_does_not_know_the_authority_of_its_hub_trusts_nobody_else() {
    let tls = " --tls-cert tls.pem --tls-key tls.key";
    let Apart { folder: _folder, hub: _hub, runtime } = apart_over("https", tls);
    let browser = Browser::open_with_any_certificate(PHONE);
    let app = format!("https://identity.localhost:{}", runtime.port());
    browser.go(&format!("{app}/.yizhan/login?purpose=test&return=/current"));
    browser.click("button[name=persona][value=zhang]");
    browser.wait_for("return document.querySelector('form.consent') !== null");
    browser.click("button[name=decision][value=agree]");
    browser.wait_for("return location.hostname === 'identity.localhost' && document.readyState === 'complete'");
    browser.go(&format!("{app}/current"));
    assert!(browser.text().contains("\"signed-in\":false"), "no code is exchanged: {}", browser.text());
}

#[test]
fn a_runtime_whose_hub_is_gone_refuses_identity_and_goes_on() {
    let Apart { folder: _folder, hub, runtime } = apart();
    let app = format!("http://identity.localhost:{}", runtime.port());
    let mut visitor = Visitor::default();
    visitor.sign_in(&format!("{app}/.yizhan/login?purpose=test&return=/current"), AGREE);
    drop(hub);
    let open = format!("{app}/open?purpose=test&claims=name");
    // The answer of a moment ago may still count for the first of these, but no envelope comes.
    assert_eq!(visitor.get(&open).json()["error"], "unavailable");
    assert_eq!(visitor.get(&format!("{app}/icon.svg")).status, 200);
}

fn holds_nothing_of_the_other(folder: &Path) {
    let root = |half: &str| RootKey::open_file(&folder.join(half).join("keys/root.key")).expect("a root key");
    let keys = |half: &str, file: &str| {
        let path = folder.join(half).join("keys").join(file);
        let store = SoftwareKeyStore::open(&path, &root(half), Box::new(StdRng::seed_from_u64(1))).expect("keys");
        store.list().expect("a list").len()
    };
    assert_eq!(keys("hub", "apps.keys"), 0, "no private key of an app is at the hub");
    assert_eq!(keys("runtime", "hub.keys"), 0, "no key of the hub is at the runtime");
    assert_eq!(keys("runtime", "apps.keys"), 2, "one to sign, one to open envelopes");
    let settings = |half: &str| {
        RecordsSettings::new(StoreMode::Development, JournalKey::new(*root(half).derive(Purpose::Journal)))
    };
    let people = |half: &str| {
        let store = SledRecords::open(&folder.join(half).join("records"), &settings(half)).expect("records");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(store.list_people(None, 10)).expect("people").entries.len()
    };
    assert_eq!(people("runtime"), 0, "no record of the directory is at the runtime");
    assert!(people("hub") >= 8);
}
