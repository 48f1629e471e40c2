//! `wasi:keyvalue` in both drafts and `wasi:config`: what a guest keeps is its own.

use crate::serving::{App, Serving};
use serde_json::json;

#[test]
fn what_an_app_keeps_outlives_its_instance_and_is_its_own() {
    let serving = Serving::demo(&[App::open("kv"), App::open("kv-draft")]);
    assert_eq!(serving.get("kv", "/get/a").status, 404);
    assert_eq!(serving.get("kv", "/set/a?value=one").status, 200);
    assert_eq!(serving.get("kv", "/get/a").text(), "one");
    assert_eq!(serving.get("kv-draft", "/get/a").status, 404, "another app reads it");
    assert_eq!(serving.get("kv", "/get/a?bucket=other").status, 404, "another bucket has it");
    assert_eq!(serving.get("kv-draft", "/increment/n?by=5").text(), "5");
    assert_eq!(serving.get("kv-draft", "/increment/n?by=2").text(), "7");
}

#[test]
fn increments_at_the_same_time_all_count() {
    let serving = Serving::demo(&[App::open("kv")]);
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| assert_eq!(serving.get("kv", "/increment/n").status, 200));
        }
    });
    assert_eq!(serving.get("kv", "/get/n").text(), "20");
}

#[test]
fn settings_come_from_the_manifest_and_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = App::open("config").with("gov_config", json!({"title": "默认", "page": "10"}));
    let path = app.write(folder.path());
    let serving = Serving::run(&["--config", "title=改过", path.to_str().expect("a path")]);
    let answer = serving.get("config", "/");
    assert!(answer.text().contains("改过") && answer.text().contains("10"), "{}", answer.text());
}
