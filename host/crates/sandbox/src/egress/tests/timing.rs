//! Time limits, on a paused clock: no test waits.

use super::server::{Reply, ok};
use super::*;
use std::future::pending;

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";

fn phase(error: &EgressError) -> Option<Phase> {
    if let EgressError::Timeout { phase } = error { Some(*phase) } else { None }
}

fn seconds(count: u64) -> Option<Duration> {
    Some(Duration::from_secs(count))
}

/// Phase and whole seconds after which a request timed out.
async fn timed(session: &EgressSession, uri: &str, timeouts: Timeouts) -> (Option<Phase>, u64) {
    let start = tokio::time::Instant::now();
    let error = match session.send(get(uri), timeouts).await {
        Ok(answer) => text(answer).await.expect_err("body"),
        Err(error) => error,
    };
    (phase(&error), start.elapsed().as_millis() as u64 / 1000)
}

struct NobodyAnswers;

impl Resolve for NobodyAnswers {
    fn resolve(&self, _: &str) -> Resolving {
        Box::pin(pending())
    }
}

#[tokio::test(start_paused = true)]
async fn connecting_is_bounded_by_the_limit_and_a_guest_may_only_shorten_it() {
    let world = World::with(&[], |_| Vec::new(), |config| config.resolver = Arc::new(NobodyAnswers));
    let session = world.session(&["http://api.test"]);
    for (asked, expected) in [(None, 3), (seconds(1), 1), (seconds(600), 3), (seconds(0), 0)] {
        let timeouts = Timeouts { connect: asked, ..Timeouts::default() };
        assert_eq!(timed(&session, "http://api.test", timeouts).await, (Some(Phase::Connect), expected));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_ends_at_the_guests_or_the_total_limit() {
    let (_server, world, origin) = open_world(|_| Reply::Hang(String::new())).await;
    let session = world.session(&[&origin]);
    let asked = Timeouts { first_byte: seconds(2), ..Timeouts::default() };
    assert_eq!(timed(&session, &origin, asked).await, (Some(Phase::FirstByte), 2));
    assert_eq!(timed(&session, &origin, Timeouts::default()).await, (Some(Phase::Total), 10));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_in_the_body_ends_at_the_guests_or_the_total_limit() {
    let (server, world, origin) = open_world(|_| Reply::Hang(format!("{HEAD}1234"))).await;
    let session = world.session(&[&origin]);
    let asked = Timeouts { between_bytes: seconds(2), ..Timeouts::default() };
    assert_eq!(timed(&session, &origin, asked).await, (Some(Phase::BetweenBytes), 2));
    assert_eq!(timed(&session, &origin, Timeouts::default()).await, (Some(Phase::Total), 10));
    server.closed(2).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_drips_ends_at_the_total_limit() {
    let (_server, world, origin) =
        open_world(|_| Reply::Drip(HEAD.to_owned(), "1".to_owned(), Duration::from_millis(700))).await;
    let asked = Timeouts { between_bytes: seconds(2), ..Timeouts::default() };
    assert_eq!(timed(&world.session(&[&origin]), &origin, asked).await, (Some(Phase::Total), 10));
}

#[tokio::test(start_paused = true)]
async fn idle_connections_are_closed_when_their_time_is_over() {
    let (server, world, origin) = open_world(|_| ok("")).await;
    let session = world.session(&[&origin]);
    fetch(&session, &origin).await.expect("first");
    tokio::time::advance(Duration::from_millis(14_000)).await;
    fetch(&session, &origin).await.expect("second");
    assert_eq!((server.opened(), world.egress.idle_count()), (1, 1));
    server.closed(1).await;
    assert_eq!(world.egress.idle_count(), 0, "the sweeper closed it without another request");
    fetch(&session, &origin).await.expect("third");
    assert_eq!(server.opened(), 2);
}
