//! Identity behind a permit: what was granted opens, everything else is denied, and an open app cannot even link it.

use crate::serving::{App, Serving};

fn identity(words: &[&str], claims: &[&str]) -> (tempfile::TempDir, Serving) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = App::identity("identity", claims).write(folder.path());
    let mut all = words.to_vec();
    all.push(path.to_str().expect("a path"));
    let serving = Serving::run(&all);
    (folder, serving)
}

#[test]
fn a_granted_claim_opens_and_another_is_denied() {
    let (_folder, serving) = identity(&["--as", "zhang", "--grant", "name"], &["name", "mobile"]);
    let answer = serving.get("identity", "/open?purpose=test&claims=name");
    assert_eq!((answer.status, answer.json()["name"].as_str()), (200, Some("张示例")), "{}", answer.text());
    let denied = serving.get("identity", "/open?purpose=test&claims=name,mobile");
    assert_eq!((denied.status, denied.json()["error"].as_str()), (403, Some("denied:identity:mobile")));
    let undeclared = serving.get("identity", "/open?purpose=test&claims=id-number");
    assert_eq!(undeclared.json()["error"], "denied:identity:id-number");
    let purpose = serving.get("identity", "/open?purpose=other&claims=name");
    assert!(purpose.json()["error"].as_str().is_some_and(|error| error.starts_with("denied:")), "{}", purpose.text());
    let many = serving.get("identity", "/open?purpose=test&claims=name&times=5");
    assert!(many.json()["error"].as_str().is_some_and(|error| error.starts_with("exhausted:")), "{}", many.text());
}

#[test]
fn no_value_of_a_claim_is_in_the_log() {
    let (_folder, mut serving) = identity(&["--as", "zhang", "--grant", "name,mobile"], &["name", "mobile"]);
    // What is logged of the first has come when the second is told.
    for _ in 0..2 {
        assert_eq!(serving.get("identity", "/open?purpose=test&claims=name,mobile").status, 200);
        serving.wait_for("claims asked for");
    }
    let log = serving.log();
    assert!(!log.contains("张示例") && !log.contains("01988776651"), "{log}");
}

#[test]
fn nobody_is_signed_in_without_a_persona_and_an_answer_to_someone_is_never_stored() {
    let (_folder, serving) = identity(&[], &["name"]);
    let answer = serving.get("identity", "/current");
    assert_eq!(answer.json()["signed-in"], false, "{}", answer.text());
    let (_folder, serving) = identity(&["--as", "wang"], &["name"]);
    let answer = serving.get("identity", "/current");
    assert_eq!(answer.json()["signed-in"], true, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), ["no-store"]);
    assert_eq!(answer.json()["authorization"]["granted"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_guest_may_ask_again_who_is_signed_in_as_often_as_it_wants() {
    let (_folder, serving) = identity(&["--as", "zhang"], &["name"]);
    let answer = serving.get("identity", "/current?times=50");
    assert_eq!(answer.json(), serde_json::json!({ "times": 50, "signed-in": true }), "{}", answer.text());
}

#[test]
fn a_request_from_another_site_is_not_signed_in() {
    let (_folder, serving) = identity(&["--as", "zhang", "--grant", "name"], &["name"]);
    let head = "GET /current HTTP/1.1\r\nSec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\n";
    let answer = serving.send("identity", head, b"");
    assert_eq!(answer.json()["signed-in"], false, "{}", answer.text());
}

#[test]
fn asking_for_more_leads_to_this_origins_own_sign_in() {
    let (_folder, serving) = identity(&["--as", "zhang"], &["name"]);
    let answer = serving.get("identity", "/request-url?purpose=test&claims=name&return=/x");
    assert_eq!(answer.json()["url"], "/.yizhan/login?purpose=test&claims=name&return=%2Fx", "{}", answer.text());
    let elsewhere = serving.get("identity", "/request-url?purpose=test&claims=name&return=//evil.example");
    assert!(elsewhere.json()["error"].as_str().is_some_and(|error| error.starts_with("invalid:")));
}

#[test]
fn an_open_app_cannot_link_identity() {
    // `steal` imports yizhan:app/identity. That the linker of open apps lacks it is tested beside the linker.
    let folder = tempfile::tempdir().expect("a folder");
    let path = App::open("steal").write(folder.path());
    let output = crate::program::run(folder.path(), &format!("doctor {}", path.display()));
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("component.identity-in-open-app") || text.contains("yizhan:app/identity"), "{text}");
    let json = crate::program::refused(folder.path(), &format!("run {}", path.display()), 1);
    assert!(json.to_string().contains("component.identity-in-open-app"), "{json}");
}

#[test]
fn an_unknown_test_person_is_refused_with_those_that_exist() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = App::identity("identity", &["name"]).write(folder.path());
    let json = crate::program::refused(folder.path(), &format!("run --as nobody {}", path.display()), 3);
    assert!(json["why"].as_str().is_some_and(|why| why.contains("zhang")), "{json}");
}
