//! An app of the high tier with its own back end: the whole way in one process and in two, and a sealed envelope that passes
//! through the sandbox and opens at its recipient alone.

use crate::program;
use crate::serving::{App, Serving};
use crate::visitor::{Choice, Visitor};
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use yizhan_auth::jose::{self, DecryptionKey, JwkSet, SigningKey};
use yizhan_domain::authorization::Suite;

const APP: &str = "cn.gov.test.identity";
const AGREE: Choice<'_> = Choice { persona: "zhang", ticks: &["test/name"], decision: "agree" };

/// Installs the app at the high tier into a data directory.
fn install(folder: &Path, data: &str, tier: &str) {
    let package = App::identity("identity", &["name", "mobile"]).write(folder);
    let package = package.file_name().expect("a name").to_string_lossy().into_owned();
    if !folder.join("unit.pem").exists() {
        program::json(folder, "sign --new-key unit.pem");
    }
    program::json(folder, &format!("sign {package} --key unit.pem"));
    let line = format!("install {package} --data {data} --publisher unit.pub.pem{tier}");
    let installed = program::json(folder, &line);
    assert_eq!(installed["tier"], if tier.is_empty() { "baseline" } else { "high" }, "{installed}");
}

/// The unit's own system, with its keys, and the address that people come back to.
struct BackEnd {
    decryption: DecryptionKey,
    callback: String,
}

/// Registers it while the hub is stopped.
fn register(folder: &Path, data: &str) -> BackEnd {
    let mut rng = StdRng::seed_from_u64(7);
    let signing = SigningKey::generate(Suite::International, &mut rng);
    let decryption = DecryptionKey::generate(Suite::International, &mut rng);
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let callback = format!("http://127.0.0.1:{}/callback", listener.local_addr().expect("an address").port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _read = stream.read(&mut [0; 4096]);
            let _sent = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nback");
        }
    });
    let client = json!({
        "app": APP, "custody": "backend", "tier": "baseline", "suite": "international",
        "auth_method": "private-key-jwt", "redirect_uris": [callback],
        "jwks": { "keys": [signing.public().to_value(), decryption.public().to_value()] },
    });
    std::fs::write(folder.join("client.json"), client.to_string()).expect("writes");
    program::json(folder, &format!("admin register-client client.json --data {data}"));
    BackEnd { decryption, callback }
}

/// The whole way at the high tier.
fn journey(hub: &str, app: &str, back_end: &BackEnd) {
    let mut visitor = Visitor::default();
    let begun = visitor.get(&format!("{app}/.yizhan/login?purpose=test&return=/current"));
    let location = begun.header("location")[0].to_owned();
    assert!(location.starts_with(&format!("{hub}/oauth/authorize?client_id={APP}&request_uri=urn")), "{location}");
    assert!(!location.contains("scope") && !location.contains("challenge"), "only the pushed request goes along");
    let (page, at) = visitor.sign_in(&format!("{app}/.yizhan/login?purpose=test&return=/current"), AGREE);
    assert_eq!((page.status, at), (200, format!("{app}/current")), "{}", page.text());
    assert_eq!(page.json()["authorization"]["capacity"], "CapacityKind::NaturalPerson", "{}", page.text());
    assert_eq!(visitor.get(&format!("{app}/open?purpose=test&claims=name")).json()["name"], "张示例");

    let envelope = format!("{app}/envelope?purpose=test");
    let denied = visitor.get(&envelope).json();
    assert_eq!(denied["error"], "denied:identity for \"test\"", "the person granted the back end nothing yet");
    let query = format!(
        "client_id={APP}:backend&response_type=code&scope=openid+name&redirect_uri={}&state=s\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        back_end.callback
    );
    let (page, _) = visitor.sign_in(&format!("{hub}/oauth/authorize?{query}"), AGREE);
    assert_eq!(page.text(), "back");
    let sealed = visitor.get(&envelope).json();
    let sealed = sealed["jwe"].as_str().unwrap_or_else(|| panic!("no envelope: {sealed}")).to_owned();
    let keys = JwkSet::from_value(&visitor.get(&format!("{hub}/oauth/jwks")).json()).expect("keys");
    let opened = jose::unseal(&jose::Envelope(sealed), &back_end.decryption, &keys).expect("its recipient opens it");
    assert_eq!(opened.claims.text("aud"), Some(format!("{APP}:backend").as_str()));
    assert_eq!(opened.claims.text("name"), Some("张示例"));
    assert!(opened.claims.get("mobile").is_none());
    let log = visitor.get(&format!("{hub}/me/access-log")).text();
    assert!(log.contains("测试 identity") && !log.contains("张示例"), "{log}");
}

#[test]
fn an_app_of_the_high_tier_works_in_one_process() {
    let folder = tempfile::tempdir().expect("a folder");
    install(folder.path(), "hub", " --tier high");
    let back_end = register(folder.path(), "hub");
    let serving = Serving::within(folder.path(), "demo --addr 127.0.0.1:0 --data hub");
    let (hub, app) = (format!("http://localhost:{0}", serving.port()), "http://identity.localhost");
    journey(&hub, &format!("{app}:{}", serving.port()), &back_end);
    assert!(!serving.log().contains("张示例"));
}

#[test]
fn an_app_of_the_high_tier_works_with_hub_and_runtime_apart_and_a_baseline_runtime_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    install(folder.path(), "runtime", " --tier high");
    install(folder.path(), "hub", " --tier high");
    let back_end = register(folder.path(), "hub");
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let hub_at = format!("http://localhost:{}", free.port());
    let line = |addr: &str| format!("demo --role runtime --addr {addr} --data runtime --hub-at {hub_at}");
    let runtime = Serving::within(folder.path(), &line("127.0.0.1:0"));
    let port = runtime.port().to_owned();
    let keys = folder.path().join("runtime/runtime-keys.json");
    let hub = format!(
        "demo --role hub --addr {free} --data hub --apps-at http://localhost:{port} --runtime-keys {}",
        keys.display()
    );
    let hub = Serving::within(folder.path(), &hub);
    let app = format!("http://identity.localhost:{port}");
    journey(&hub_at, &app, &back_end);
    assert!(!runtime.log().contains("张示例") && !hub.log().contains("张示例"));

    assert_eq!(runtime.stop("TERM"), Some(0));
    let package = "install identity.ma --data runtime --tier baseline";
    assert_eq!(program::json(folder.path(), package)["tier"], "baseline");
    let _runtime = Serving::within(folder.path(), &line(&format!("127.0.0.1:{port}")));
    let mut visitor = Visitor::default();
    let begun = visitor.get(&format!("{app}/.yizhan/login?purpose=test&return=/current"));
    let refused = visitor.get(begun.header("location")[0]);
    let back = refused.header("location").first().map(|location| (*location).to_owned()).unwrap_or_default();
    assert!(back.starts_with(&format!("{app}/.yizhan/callback?")) && back.contains("error=invalid_request"), "{back}");
}

#[test]
fn an_update_keeps_the_tier_until_another_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    install(folder.path(), "hub", " --tier high");
    let again = program::json(folder.path(), "install identity.ma --data hub");
    assert_eq!(again["tier"], "high", "{again}");
    let other = program::json(folder.path(), "install identity.ma --data hub --tier baseline");
    assert_eq!(other["tier"], "baseline", "{other}");
}
