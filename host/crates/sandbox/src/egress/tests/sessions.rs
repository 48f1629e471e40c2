//! The end of a session cuts what runs, and nothing else.

use super::server::{Reply, ok};
use super::*;

#[tokio::test]
async fn dropping_the_session_cuts_a_request_that_waits_for_its_answer() {
    let (server, world, origin) = open_world(|_| Reply::Hang(String::new())).await;
    let session = world.session(&[&origin]);
    let sending = tokio::spawn(session.send(get(&origin), Timeouts::default()));
    while server.requests.lock().expect("requests").is_empty() {
        tokio::task::yield_now().await;
    }
    drop(session);
    let error = sending.await.expect("task").expect_err("cut");
    assert!(matches!(error, EgressError::Cancelled), "{error:?}");
    server.closed(1).await;
}

#[tokio::test]
async fn dropping_the_session_cuts_a_body_even_when_nobody_reads_it() {
    let (server, world, origin) =
        open_world(|_| Reply::Hang("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234".into())).await;
    let session = world.session(&[&origin]);
    let answer = session.send(get(&origin), Timeouts::default()).await.expect("answer");
    drop(session);
    server.closed(1).await;
    let error = text(answer).await.expect_err("cut");
    assert!(matches!(error, EgressError::Cancelled), "{error:?}");
}

#[tokio::test]
async fn a_cancelled_session_sends_nothing_more() {
    let (server, world, origin) = open_world(|_| ok("")).await;
    let session = world.session(&[&origin]);
    let waiting = session.send(get(&origin), Timeouts::default());
    session.cancel();
    assert!(matches!(waiting.await, Err(EgressError::Cancelled)));
    assert!(matches!(fetch(&session, &origin).await, Err(EgressError::Cancelled)));
    assert_eq!((world.lookups(), server.opened()), (0, 0));
}

#[tokio::test]
async fn dropping_a_request_closes_its_connection() {
    let (server, world, origin) = open_world(|_| Reply::Hang(String::new())).await;
    let session = world.session(&[&origin]);
    let sending = tokio::spawn(session.send(get(&origin), Timeouts::default()));
    while server.requests.lock().expect("requests").is_empty() {
        tokio::task::yield_now().await;
    }
    sending.abort();
    server.closed(1).await;
}

#[tokio::test]
async fn other_sessions_and_kept_connections_live_on() {
    let (server, world, origin) = open_world(|_| ok("body")).await;
    let ending = world.session(&[&origin]);
    let lasting = world.session(&[&origin]);
    let answer = lasting.send(get(&origin), Timeouts::default()).await.expect("answer");
    fetch(&ending, &origin).await.expect("answer");
    drop(ending);
    assert_eq!(text(answer).await.expect("body"), "body");
    fetch(&lasting, &origin).await.expect("answer");
    assert_eq!((server.opened(), world.egress.idle_count()), (2, 2));
}
