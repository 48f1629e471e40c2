//! `yizhan serve`: production stores only, https only, its own host names only, nobody from a test.

use crate::program;
use crate::serving::{App, Serving};

const ADDRESSES: &str = "--addr 127.0.0.1:0 --origin https://hub.example.org --apps-domain apps.example.net";

fn serving(folder: &std::path::Path) -> Serving {
    Serving::within(folder, &format!("serve --data hub {ADDRESSES} --trusted-proxy 127.0.0.1"))
}

#[test]
fn a_development_store_is_refused_and_stays_one() {
    let folder = tempfile::tempdir().expect("a folder");
    App::open("hello").write(folder.path());
    let demo = Serving::within(folder.path(), "demo --addr 127.0.0.1:0 --data hub");
    assert_eq!(demo.stop("TERM"), Some(0));
    let line = format!("serve --data hub {ADDRESSES} --trusted-proxy 127.0.0.1");
    let refused = program::refused(folder.path(), &line, 1);
    assert!(refused["why"].as_str().is_some_and(|why| why.contains("development store")), "{refused}");
}

#[test]
fn a_production_store_is_refused_by_the_demo() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(serving(folder.path()).stop("TERM"), Some(0));
    let output = program::run(folder.path(), "demo --addr 127.0.0.1:0 --data hub");
    assert_ne!(output.status.code(), Some(0));
}

#[test]
fn people_never_reach_it_over_plain_http() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = program::refused(folder.path(), &format!("serve --data hub {ADDRESSES}"), 1);
    assert!(refused["why"].as_str().is_some_and(|why| why.contains("plain http")), "{refused}");
    assert!(!folder.path().join("hub").exists(), "nothing was made");
}

#[test]
fn only_the_configured_names_are_answered_and_cookies_are_secure() {
    let folder = tempfile::tempdir().expect("a folder");
    let serving = serving(folder.path());
    for host in ["localhost", "127.0.0.1", "example.org", "hub.example.org.evil.example", "apps.example.net"] {
        assert_eq!(serving.page(host, "/").status, 421, "{host}");
    }
    assert_eq!(serving.page("hub.example.org", "/").status, 200);
    let metadata = serving.page("hub.example.org", "/.well-known/openid-configuration").json();
    assert_eq!(metadata["issuer"], "https://hub.example.org");
    let page = serving.page("hub.example.org", "/sign-in");
    assert!(!page.text().contains("zhang"), "no test person is offered: {}", page.text());
    let cookies = page.header("set-cookie");
    assert!(
        !cookies.is_empty() && cookies.iter().all(|line| line.starts_with("__Host-yz-") && line.contains("; Secure"))
    );
}
