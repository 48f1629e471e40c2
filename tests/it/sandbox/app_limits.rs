//! Limits of an app that no manifest can set: each ends the guest, or is told to it, under its own name.

use super::node::{Heard, Node, Ready, few_guests};
use yizhan_domain::limits::AppLimits;
use yizhan_sandbox::SandboxError;

/// Default limits with a change.
fn limits(change: impl FnOnce(&mut AppLimits)) -> AppLimits {
    let mut limits = AppLimits::default();
    change(&mut limits);
    limits
}

async fn node_with(guest: &str, limits: AppLimits) -> (Node, Ready) {
    let node = Node::new(few_guests());
    let ready = node.guest(guest, limits).await;
    (node, ready)
}

async fn asked(guest: &str, path: &str, limits: AppLimits) -> Result<Heard, SandboxError> {
    let (node, ready) = node_with(guest, limits).await;
    node.get(&ready, path).await
}

/// The limit that ended the guest before it answered.
async fn ended_by(guest: &str, path: &str, limits: AppLimits) -> &'static str {
    match asked(guest, path, limits).await {
        Err(SandboxError::LimitExceeded { limit } | SandboxError::TooSlow { limit }) => limit,
        other => panic!("{guest}{path}: {other:?}"),
    }
}

#[tokio::test]
async fn headers_have_a_time_of_their_own() {
    let headers = limits(|limits| limits.header_ms_max = 100);
    assert_eq!(ended_by("never-answers", "/", headers).await, "header_ms_max");
    let whole = limits(|limits| (limits.header_ms_max, limits.request_ms_max) = (60_000, 100));
    assert_eq!(ended_by("never-answers", "/", whole).await, "request_ms_max");
}

#[tokio::test]
async fn an_answer_that_takes_longer_than_its_request_is_cut() {
    let limits = limits(|limits| limits.request_ms_max = 200);
    let heard = asked("slow-body", "/?chunks=1000000&ms=20", limits).await.expect("headers");
    assert!(heard.text().starts_with("chunk 0\n"), "{heard:?}");
    assert!(heard.broken.is_some(), "{heard:?}");
}

#[tokio::test]
async fn an_answer_that_falls_silent_is_cut() {
    let limits = limits(|limits| (limits.body_idle_ms_max, limits.request_ms_max) = (200, 60_000));
    let heard = asked("slow-body", "/?chunks=2&ms=60000", limits).await.expect("headers");
    assert_eq!(heard.text(), "chunk 0\n");
    assert!(heard.broken.is_some_and(|why| why.contains("body_idle_ms_max")));
}

#[tokio::test]
async fn an_answer_larger_than_allowed_is_refused_or_cut() {
    let cut = |heard: Heard| heard.broken.is_some_and(|why| why.contains("response_body_bytes_max"));
    match asked("hello", "/", limits(|limits| limits.response_body_bytes_max = 5)).await {
        Err(SandboxError::LimitExceeded { limit: "response_body_bytes_max" }) => {}
        // A guest that a tick interrupts before it ends has its answer streamed.
        Ok(heard) => assert!(cut(heard)),
        Err(error) => panic!("{error:?}"),
    }
    let limits = limits(|limits| limits.response_body_bytes_max = 1 << 20);
    let heard = asked("flood-body", "/", limits).await.expect("headers");
    assert!((1 << 19..=1 << 20).contains(&heard.body.len()), "{} bytes", heard.body.len());
    assert!(cut(heard));
}

#[tokio::test]
async fn header_fields_beyond_their_bytes_end_the_guest() {
    for path in ["/", "/one", "/trailers"] {
        assert_eq!(ended_by("flood-headers", path, AppLimits::default()).await, "field_bytes_max", "{path}");
    }
    let enough = limits(|limits| limits.field_bytes_max = 64 << 10);
    assert_eq!(ended_by("flood-headers", "/", enough).await, "field_bytes_max");
    let none = limits(|limits| limits.field_bytes_max = 1);
    assert_eq!(ended_by("hello", "/", none).await, "field_bytes_max");
}

#[tokio::test]
async fn a_host_call_that_carries_too_much_ends_the_guest() {
    let limits = limits(|limits| limits.host_call_bytes_max = 8 << 10);
    let (node, ready) = node_with("kv", limits).await;
    let set = |bytes: usize| format!("/set/a?value={}", "x".repeat(bytes));
    assert_eq!(node.get(&ready, &set(4 << 10)).await.expect("an answer").status, 200);
    let error = node.get(&ready, &set(9 << 10)).await.expect_err("too much");
    assert!(matches!(error, SandboxError::LimitExceeded { limit: "host_call_bytes_max" }), "{error:?}");
}

#[tokio::test]
async fn no_more_random_bytes_come_than_one_call_may_ask_for() {
    let limits = limits(|limits| limits.random_bytes_max = 1_000);
    let (node, ready) = node_with("random", limits).await;
    for path in ["/", "/insecure"] {
        assert_eq!(node.get(&ready, &format!("{path}?bytes=1000")).await.expect("an answer").text(), "1000");
        let error = node.get(&ready, &format!("{path}?bytes=1001")).await.expect_err("one more");
        assert!(matches!(error, SandboxError::LimitExceeded { limit: "random_bytes_max" }), "{error:?}");
    }
}

#[tokio::test]
async fn handles_and_what_stands_behind_them_are_counted() {
    for path in ["/", "/pollables"] {
        let few_handles = limits(|limits| (limits.handles_max, limits.resources_max) = (64, 65_536));
        assert_eq!(ended_by("flood-resources", path, few_handles).await, "handles_max");
        let few_resources = limits(|limits| (limits.handles_max, limits.resources_max) = (65_536, 64));
        assert_eq!(ended_by("flood-resources", path, few_resources).await, "resources_max");
    }
}

#[tokio::test]
async fn values_that_the_host_would_hold_beyond_its_bytes_are_refused() {
    let limits = limits(|limits| limits.host_bytes_max = 10_000);
    let (node, ready) = node_with("kv-hold", limits).await;
    for (path, told) in [
        ("/cas?bytes=1000&times=10", "10"),
        ("/cas?bytes=1000&times=500&let-go", "1"),
        ("/many?bytes=1000&times=10", "10"),
    ] {
        assert_eq!(node.get(&ready, path).await.expect("an answer").text(), told, "{path}");
    }
    for path in ["/cas?bytes=1000&times=11", "/many?bytes=1000&times=11", "/cas?bytes=10001&times=1"] {
        let heard = node.get(&ready, path).await.expect("an answer");
        assert!(heard.status == 500 && heard.text().contains("host_bytes_max"), "{path}: {}", heard.text());
    }
}
