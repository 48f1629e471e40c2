//! `yizhan admin`: clients are registered as their file says, and the set-up link is printed once.

use crate::{
    program,
    serving::{App, Serving},
};
use serde_json::{Value, json};
use std::{fs, path::Path};

const APP: &str = "cn.gov.example.identity";

/// A data directory `hub` with an identity app.
pub(super) fn hub(folder: &Path) {
    let app = App::identity("identity", &["name"]).with("app_id", json!(APP));
    let package = app.write(folder);
    let package = package.file_name().expect("a name").to_string_lossy().into_owned();
    program::json(folder, "sign --new-key unit.pem");
    program::json(folder, &format!("sign {package} --key unit.pem"));
    program::json(folder, &format!("install {package} --data hub --publisher unit.pub.pem --slug identity"));
}

/// The registration of a back end; the point is the one of RFC 7517, appendix A.1.
fn backend() -> Value {
    json!({
        "app": APP, "custody": "backend", "tier": "baseline", "suite": "international", "auth_method": "private-key-jwt",
        "jwks": { "keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "one",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        }] },
        "redirect_uris": ["https://backend.example.gov.cn/callback"],
    })
}

/// Puts a client into `client.json`.
fn write(folder: &Path, client: &Value) {
    fs::write(folder.join("client.json"), client.to_string()).expect("writes");
}

pub(super) fn register_backend(folder: &Path) {
    write(folder, &backend());
    let json = program::json(folder, "admin register-client client.json --data hub");
    assert_eq!(json["client_id"], format!("{APP}:backend"), "{json}");
}

#[test]
fn a_registered_client_is_listed_until_it_is_removed() {
    let dir = tempfile::tempdir().expect("a folder");
    hub(dir.path());
    register_backend(dir.path());
    let json = program::json(dir.path(), "admin list-clients --data hub");
    let client = &json["clients"][0];
    assert_eq!(client["redirect_uris"], json!(["https://backend.example.gov.cn/callback"]), "{json}");
    assert_eq!((client["keys"][0]["kid"].as_str(), client["custody"].as_str()), (Some("one"), Some("backend")));
    program::json(dir.path(), &format!("admin remove-client {APP}:backend --data hub"));
    let json = program::json(dir.path(), "admin list-clients --data hub");
    assert_eq!(json["clients"], json!([]));
    program::refused(dir.path(), &format!("admin remove-client {APP}:backend --data hub"), 1);
    let audit = program::json(dir.path(), "audit list --data hub --limit 2");
    let actions: Vec<_> =
        audit["records"].as_array().expect("records").iter().map(|record| &record["action"]).collect();
    assert_eq!(actions, ["client.removed", "client.registered"]);
}

#[test]
fn a_wrong_file_is_refused_with_what_and_where() {
    let dir = tempfile::tempdir().expect("a folder");
    hub(dir.path());
    let secret = json!({ "client-secret-basic": "a-secret-of-128-random-bits" });
    let key = backend()["jwks"]["keys"][0].clone();
    let mut private = key.clone();
    private["d"] = json!("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE");
    let wrong: [(&str, Value, i32, &str); 8] = [
        ("custody", json!("runtime"), 2, "runtime"),
        ("tier", json!("low"), 2, "low"),
        ("redirect_uri", json!("https://a.example/"), 2, "redirect_uri"),
        ("redirect_uris", json!(["http://backend.example.gov.cn/callback"]), 1, "addresses"),
        ("jwks", json!({ "keys": [private] }), 1, "jwks"),
        ("auth_method", secret, 1, "auth_method"),
        ("client_id", json!("cn.gov.example.other:backend"), 1, "client_id"),
        ("app", json!("cn.gov.example.missing"), 1, "not installed"),
    ];
    for (member, value, exit, word) in wrong {
        let mut client = backend();
        client[member] = value;
        write(dir.path(), &client);
        let json = program::refused(dir.path(), "admin register-client client.json --data hub", exit);
        assert_eq!(json["where"], "client.json", "{member}: {json}");
        assert!(json["why"].as_str().is_some_and(|why| why.contains(word)), "{member}: {json}");
    }
    program::refused(dir.path(), "admin register-client none.json --data hub", 2);
    assert_eq!(program::json(dir.path(), "admin list-clients --data hub")["clients"], json!([]), "nothing was kept");
}

#[test]
fn a_secret_of_a_developer_is_never_printed() {
    let dir = tempfile::tempdir().expect("a folder");
    hub(dir.path());
    let mut client = backend();
    client["custody"] = json!("development");
    client["auth_method"] = json!({ "client-secret-basic": "a-secret-of-128-random-bits" });
    client["redirect_uris"] = json!(["http://127.0.0.1:9000/callback"]);
    write(dir.path(), &client);
    let registered = program::json(dir.path(), "admin register-client client.json --data hub");
    let listed = program::json(dir.path(), "admin list-clients --data hub");
    assert_eq!(listed["clients"][0]["client_id"], format!("{APP}:dev"));
    assert!(!format!("{registered}{listed}").contains("random-bits"));
    let mut other = backend();
    other["client_id"] = json!(format!("{APP}:backend"));
    write(dir.path(), &other);
    let json = program::refused(dir.path(), "admin register-client client.json --data hub", 1);
    assert!(json["why"].as_str().is_some_and(|why| why.contains("another client")), "keys are not shared: {json}");
}

#[test]
fn the_set_up_link_is_printed_once_and_kept_nowhere() {
    let dir = tempfile::tempdir().expect("a folder");
    hub(dir.path());
    let output = program::run(dir.path(), "admin set-up-link --data hub --origin https://hub.example.gov.cn");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let key = text.trim().strip_prefix("https://hub.example.gov.cn/set-up?key=").expect("one line, a link").to_owned();
    assert!(key.len() >= 43 && !key.contains(char::is_whitespace), "256 random bits");
    assert!(!String::from_utf8_lossy(&output.stderr).contains(&key));
    assert!(!holds(&dir.path().join("hub"), key.as_bytes()), "only its hash is kept");
    let json = program::json(dir.path(), "admin set-up-link --data hub");
    let second = json["link"].as_str().expect("a link");
    assert!(
        second.starts_with("http://localhost:8080/set-up?key=") && !second.ends_with(&key),
        "another one each time"
    );
    program::refused(dir.path(), "admin set-up-link --data none", 2);
    assert_eq!(program::json(dir.path(), "admin units --data hub")["units"], json!([]));
    assert_eq!(program::json(dir.path(), "admin members --data hub")["members"], json!([]));
}

#[test]
fn while_the_hub_runs_the_commands_say_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let serving = Serving::within(dir.path(), "demo --addr 127.0.0.1:0 --data hub");
    write(dir.path(), &backend());
    for line in ["admin register-client client.json", "admin set-up-link", "audit list"] {
        let json = program::refused(dir.path(), &format!("{line} --data hub"), 2);
        assert_eq!(json["why"], "the hub is running on this directory", "{line}");
    }
    program::json(dir.path(), "audit verify --data hub");
    program::json(dir.path(), "backup --to copy --data hub");
    assert_eq!(serving.stop("TERM"), Some(0));
    program::json(dir.path(), "audit list --data hub");
}

/// Whether a file below a folder holds these bytes.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(folder).expect("lists").any(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return holds(&path, bytes);
        }
        fs::read(&path).is_ok_and(|found| found.windows(bytes.len()).any(|window| window == bytes))
    })
}
