//! The hub's own origin, and hosts that nobody has.

use crate::serving::{App, Serving};

#[test]
fn the_portal_lists_the_apps_and_serves_their_icons() {
    let serving = Serving::demo(&[App::open("hello")]);
    let home = serving.page(&format!("localhost:{}", serving.port()), "/");
    assert_eq!(home.status, 200);
    assert!(home.text().contains("测试 hello") && home.text().contains("hello.localhost"), "{}", home.text());
    let icon = serving.page("localhost", "/icons/hello");
    assert_eq!((icon.status, icon.header("content-type")), (200, vec!["image/svg+xml; charset=utf-8"]));
    assert_eq!(serving.page("localhost", "/icons/nobody").status, 404);
    let metrics = serving.page("localhost", "/metrics");
    assert!(metrics.text().contains("yizhan_guests 0"), "{}", metrics.text());
}

#[test]
fn an_unknown_host_is_refused() {
    let serving = Serving::demo(&[App::open("hello")]);
    for host in ["evil.example", "nobody.localhost", "localhost.evil.example", "a.hello.localhost"] {
        assert_eq!(serving.page(host, "/").status, 421, "{host}");
    }
    let two = serving.raw("GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n", b"");
    assert_eq!(two.status, 400);
    let absolute = serving.raw("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n", b"");
    assert_eq!(absolute.status, 421, "the target's authority wins over the header");
}

#[test]
fn the_access_log_has_paths_without_queries_cookies_and_bodies() {
    let folder = tempfile::tempdir().expect("a folder");
    let package = App::open("hello").write(folder.path());
    let line = format!("demo --addr 127.0.0.1:0 --data hub --access-log access.log --package {}", package.display());
    let serving = Serving::within(folder.path(), &line);
    for host in [format!("hello.localhost:{}", serving.port()), format!("localhost:{}", serving.port())] {
        let head = format!(
            "POST /callback?code=of-a-query HTTP/1.1\r\nHost: {host}\r\nCookie: a=of-a-cookie\r\nContent-Length: 9\r\n"
        );
        serving.raw(&head, b"of-a-body");
    }
    serving.finish();
    let log = std::fs::read_to_string(folder.path().join("access.log")).expect("the access log");
    assert_eq!(log.matches("\"path\":\"/callback\"").count(), 2, "{log}");
    assert!(!log.contains("of-a-"), "{log}");
}
