//! Numbers and bytes.

use super::server::{Reply, ok};
use super::*;
use http_body_util::channel::Channel;

fn limits(change: impl FnOnce(&mut AppLimits)) -> AppLimits {
    let mut limits = AppLimits::default();
    change(&mut limits);
    limits
}

fn part(error: &EgressError) -> Option<Part> {
    if let EgressError::TooLarge { part, .. } = error { Some(*part) } else { None }
}

#[tokio::test]
async fn more_requests_than_allowed_are_refused_and_denied_ones_count() {
    let (server, world, origin) = open_world(|_| ok("")).await;
    let session = world.session_of("cn.example.first", &[&origin], &limits(|l| l.egress_requests_max = 3));
    fetch(&session, &origin).await.expect("first");
    fetch(&session, "http://elsewhere.test").await.expect_err("denied");
    fetch(&session, &origin).await.expect("third");
    let error = fetch(&session, &origin).await.expect_err("fourth");
    assert!(matches!(error, EgressError::TooMany { requests_max: 3, .. }), "{error:?}");
    assert_eq!(server.requests.lock().expect("requests").len(), 2);
}

#[tokio::test]
async fn a_place_among_concurrent_requests_is_free_again_when_the_answer_ends_or_is_dropped() {
    let (_server, world, origin) = open_world(|_| ok("body")).await;
    let session = world.session_of("cn.example.first", &[&origin], &limits(|l| l.egress_concurrent_max = 1));
    for _ in 0..2 {
        let running = session.send(get(&origin), Timeouts::default()).await.expect("answer");
        let error = fetch(&session, &origin).await.expect_err("second at the same time");
        assert!(matches!(error, EgressError::TooMany { requests_max: 1, .. }), "{error:?}");
        drop(running);
        fetch(&session, &origin).await.expect("free again");
    }
    drop(session.send(get(&origin), Timeouts::default()));
    fetch(&session, &origin).await.expect("a future that nobody polled is free again too");
}

#[tokio::test]
async fn a_request_body_is_cut_at_its_limit_while_it_streams() {
    let (server, world, origin) = open_world(|_| ok("")).await;
    let session = world.session_of("cn.example.first", &[&origin], &limits(|l| l.egress_bytes_max = 8));
    let (mut sender, body) = Channel::<Bytes>::new(4);
    let sending = tokio::spawn(session.send(Request::post(&origin).body(body).expect("request"), Timeouts::default()));
    for _ in 0..3 {
        sender.send_data(Bytes::from("1234")).await.expect("room");
    }
    let error = sending.await.expect("task").expect_err("12 bytes");
    assert_eq!(part(&error), Some(Part::RequestBody), "{error:?}");
    server.closed(1).await;
    assert!(server.requests.lock().expect("requests").is_empty(), "no whole request arrived");
}

#[tokio::test]
async fn a_request_that_announces_too_much_never_connects() {
    let (server, world, origin) = open_world(|_| ok("")).await;
    let session = world.session_of("cn.example.first", &[&origin], &limits(|l| l.egress_bytes_max = 8));
    let known = Request::post(&origin).body(Full::new(Bytes::from("123456789"))).expect("request");
    let error = session.send(known, Timeouts::default()).await.expect_err("9 bytes");
    assert_eq!(part(&error), Some(Part::RequestBody));
    let (_sender, body) = Channel::<Bytes>::new(1);
    let announced = Request::post(&origin).header("content-length", "9").body(body).expect("request");
    let error = session.send(announced, Timeouts::default()).await.expect_err("9 bytes");
    assert_eq!(part(&error), Some(Part::RequestBody));
    let wrong =
        Request::post(&origin).header("content-length", "3").body(Full::new(Bytes::from("1"))).expect("request");
    let error = session.send(wrong, Timeouts::default()).await.expect_err("lengths differ");
    assert!(matches!(error, EgressError::Protocol { .. }), "{error:?}");
    assert_eq!(server.opened(), 0);
}

#[tokio::test]
async fn a_guest_body_that_fails_is_told_as_such() {
    let (_server, world, origin) = open_world(|_| ok("")).await;
    let session = world.session(&[&origin]);
    let (sender, body) = Channel::<Bytes, std::io::Error>::new(1);
    let sending = tokio::spawn(session.send(Request::post(&origin).body(body).expect("request"), Timeouts::default()));
    sender.abort(std::io::Error::other("guest trapped"));
    let error = sending.await.expect("task").expect_err("no body");
    assert!(
        matches!(&error, EgressError::RequestBody { source } if source.to_string() == "guest trapped"),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_answer_that_announces_too_much_is_refused_at_its_header() {
    let (server, world, origin) =
        open_world(|_| Reply::Hang("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n".into())).await;
    let session = world.session_of("cn.example.first", &[&origin], &limits(|l| l.egress_bytes_max = 8));
    let error = session.send(get(&origin), Timeouts::default()).await.expect_err("9 bytes");
    assert_eq!(part(&error), Some(Part::ResponseBody));
    server.closed(1).await;
}

#[tokio::test]
async fn an_answer_without_a_length_is_cut_at_its_limit_while_it_streams() {
    for (head, piece) in [
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "4\r\n1234\r\n"),
        ("HTTP/1.1 200 OK\r\n\r\n", "1234"),
    ] {
        let (server, world, origin) = open_world(move |_| Reply::Hang(format!("{head}{}", piece.repeat(3)))).await;
        let session = world.session_of("cn.example.first", &[&origin], &limits(|l| l.egress_bytes_max = 8));
        let error = fetch(&session, &origin).await.expect_err("12 bytes");
        assert_eq!(part(&error), Some(Part::ResponseBody));
        server.closed(1).await;
    }
}

#[tokio::test]
async fn exactly_the_limit_passes_both_ways() {
    let (_server, world, origin) = open_world(|_| ok("12345678")).await;
    let session = world.session_of("cn.example.first", &[&origin], &limits(|l| l.egress_bytes_max = 8));
    let request = Request::post(&origin).body(Full::new(Bytes::from("12345678"))).expect("request");
    let answer = session.send(request, Timeouts::default()).await.expect("answer");
    assert_eq!(text(answer).await.expect("body"), "12345678");
}

#[tokio::test]
async fn headers_are_bounded_both_ways() {
    let small = limits(|l| l.field_bytes_max = 1024);
    for (count, length) in [(1, 2_000), (40, 40), (1, 200_000)] {
        let fields = format!("x-large: {}\r\n", "a".repeat(length)).repeat(count);
        let (_server, world, origin) =
            open_world(move |_| Reply::Hang(format!("HTTP/1.1 200 OK\r\n{fields}\r\n"))).await;
        let session = world.session_of("cn.example.first", &[&origin], &small);
        let error = session.send(get(&origin), Timeouts::default()).await.expect_err("too large");
        assert_eq!(part(&error), Some(Part::ResponseHeader), "{count} x {length}: {error:?}");
    }
    let (server, world, origin) = open_world(|_| ok("")).await;
    let mut request = get(&origin);
    request.headers_mut().insert("x-large", "a".repeat(2_000).parse().expect("value"));
    let session = world.session_of("cn.example.first", &[&origin], &small);
    let error = session.send(request, Timeouts::default()).await.expect_err("too large");
    assert_eq!((part(&error), server.opened()), (Some(Part::RequestHeader), 0));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_told_apart_from_one_that_ends() {
    for reply in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234\r\n",
    ] {
        let (_server, world, origin) = open_world(move |_| Reply::Close(reply.to_owned())).await;
        let error = fetch(&world.session(&[&origin]), &origin).await.expect_err("not whole");
        assert!(matches!(error, EgressError::Closed { .. }), "{reply:?}: {error:?}");
    }
}
