//! The serving commands: the first line, a clean stop, and apps that change while the hub runs.

use super::sign::leaflet;
use crate::{program, serving::Serving};
use std::fs;

#[test]
fn run_prints_its_address_first_serves_at_the_root_and_stops_cleanly() {
    for signal in ["INT", "TERM"] {
        let dir = tempfile::tempdir().expect("a folder");
        leaflet(dir.path());
        let mut serving = Serving::within(dir.path(), "run leaflet.ma");
        let answer = serving.page(&serving.address, "/");
        assert!(answer.status == 200 && answer.text().contains("leaflet"), "{}", answer.text());
        assert_eq!(serving.get("leaflet", "/").status, 200);
        serving.wait_for("unsigned: local trust only");
        assert_eq!(serving.stop(signal), Some(0));
    }
}

#[test]
fn an_address_in_use_ends_with_3() {
    let dir = tempfile::tempdir().expect("a folder");
    leaflet(dir.path());
    let serving = Serving::within(dir.path(), "run leaflet.ma");
    let json = program::refused(dir.path(), &format!("run leaflet --addr {}", serving.address), 3);
    assert!(json["where"].as_str().is_some_and(|place| place.contains(serving.port())), "{json}");
}

#[test]
fn the_next_request_uses_what_install_and_remove_changed() {
    let dir = tempfile::tempdir().expect("a folder");
    leaflet(dir.path());
    let serving = Serving::within(dir.path(), "demo --addr 127.0.0.1:0 --data hub --package leaflet.ma");
    assert_eq!(serving.get("leaflet", "/").status, 200);
    let page = dir.path().join("leaflet/public/index.html");
    let text = fs::read_to_string(&page).expect("reads").replace("</body>", "<p>第二版</p></body>");
    fs::write(&page, text).expect("writes");
    program::json(dir.path(), "pack leaflet --key hub/development-publisher.pem -o two.ma");
    let json = program::json(dir.path(), "install two.ma --data hub");
    assert_eq!(json["hub"], "the running hub has taken it over");
    let body = serving.get("leaflet", "/").text();
    assert!(body.contains("第二版"), "{body}");
    program::json(dir.path(), "remove leaflet --data hub");
    assert_eq!(serving.get("leaflet", "/").status, 421, "an origin that nobody has");
    let json = program::refused(dir.path(), "demo --addr 127.0.0.1:0 --data hub", 3);
    assert!(json["why"].as_str().is_some_and(|why| why.contains("already served")), "{json}");
    assert_eq!(serving.stop("TERM"), Some(0));
}

#[test]
fn dev_serves_a_change_and_keeps_the_old_version_through_an_error() {
    let dir = tempfile::tempdir().expect("a folder");
    leaflet(dir.path());
    let mut serving = Serving::within(dir.path(), "dev leaflet");
    let page = dir.path().join("leaflet/public/index.html");
    let text = fs::read_to_string(&page).expect("reads");
    let manifest = dir.path().join("leaflet/manifest.json");
    let right = fs::read_to_string(&manifest).expect("reads");
    fs::write(&manifest, "{").expect("writes");
    serving.wait_for("the version before keeps serving");
    assert_eq!(serving.page(&serving.address, "/").status, 200);
    fs::write(&manifest, right).expect("writes");
    serving.wait_for("rebuilt");
    fs::write(&page, text.replace("</body>", "<p>改过了</p></body>")).expect("writes");
    // A save may be seen as two changes; the log ends the loop if the page never arrives.
    while !serving.page(&serving.address, "/").text().contains("改过了") {
        serving.wait_for("rebuilt");
    }
    assert_eq!(serving.stop("INT"), Some(0));
}
