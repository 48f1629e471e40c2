//! The pool of idle connections.

use super::server::{Reply, ok};
use super::*;
use http_body_util::channel::Channel;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn requests_of_one_app_share_a_connection_across_sessions() {
    let (server, world, origin) = open_world(|_| ok("body")).await;
    for _ in 0..3 {
        assert_eq!(fetch(&world.session(&[&origin]), &origin).await.expect("answer"), "body");
    }
    assert_eq!((server.opened(), world.egress.idle_count()), (1, 1));
}

#[tokio::test]
async fn apps_the_platform_and_destinations_never_share_a_connection() {
    let (server, world, origin) = open_world(|_| ok("")).await;
    let alias = format!("http://alias.test:{}", server.port);
    let world = World::with(&[&origin, &alias], |_| vec![IpAddr::V4(Ipv4Addr::LOCALHOST)], |_| drop(world));
    for round in 1..=2 {
        for app in ["cn.example.first", "cn.example.second"] {
            fetch(&world.session_of(app, &[&origin], &AppLimits::default()), &origin).await.expect("answer");
        }
        let session = EgressSession::new(&world.egress, Caller::Platform, targets(&[&origin]), &AppLimits::default());
        fetch(&session, &origin).await.expect("answer");
        fetch(&world.session(&[&alias]), &alias).await.expect("answer");
        assert_eq!((server.opened(), world.egress.idle_count()), (4, 4), "round {round}");
    }
}

#[tokio::test]
async fn a_kept_connection_still_needs_the_allow_list() {
    let (server, world, origin) = open_world(|_| ok("")).await;
    fetch(&world.session(&[&origin]), &origin).await.expect("answer");
    let error = fetch(&world.session(&[]), &origin).await.expect_err("no longer allowed");
    assert!(matches!(error, EgressError::Denied { .. }), "{error:?}");
    assert_eq!(server.requests.lock().expect("requests").len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_not_read_to_its_end_closes_its_connection() {
    let (server, world, origin) = open_world(|_| ok("body")).await;
    let session = world.session(&[&origin]);
    drop(session.send(get(&origin), Timeouts::default()).await.expect("answer"));
    server.closed(1).await;
    assert_eq!(world.egress.idle_count(), 0);
    fetch(&session, &origin).await.expect("answer");
    assert_eq!(server.opened(), 2);
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closed_is_replaced_unnoticed() {
    let (server, world, origin) =
        open_world(|_| Reply::Close("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".into())).await;
    let session = world.session(&[&origin]);
    for opened in 1..=3 {
        assert_eq!(fetch(&session, &origin).await.expect("answer"), "ok");
        server.closed(opened).await;
    }
    assert_eq!(server.opened(), 3);
}

#[tokio::test]
async fn bytes_after_an_answer_never_become_the_next_answer() {
    let smuggled = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nrightHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong";
    let (server, world, origin) = open_world(|_| Reply::Keep(smuggled.to_owned())).await;
    let session = world.session(&[&origin]);
    for _ in 0..2 {
        assert_eq!(fetch(&session, &origin).await.expect("answer"), "right");
    }
    assert_eq!(server.opened(), 2);
}

#[tokio::test]
async fn a_connection_whose_upload_still_runs_is_not_kept() {
    let early = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("bind");
    let origin = format!("http://api.test:{}", early.local_addr().expect("address").port());
    let answering = tokio::spawn(async move {
        let (mut stream, _) = early.accept().await.expect("connection");
        stream.read_exact(&mut [0; 4]).await.expect("beginning of the head");
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.expect("answer");
        while matches!(stream.read(&mut [0; 1024]).await, Ok(1..)) {}
    });
    let world = World::new(&[&origin]);
    let session = world.session(&[&origin]);
    let (mut sender, body) = Channel::<Bytes>::new(1);
    sender.send_data(Bytes::from("first")).await.expect("room");
    let request = Request::post(&origin).body(body).expect("request");
    let answer = session.send(request, Timeouts::default()).await.expect("answer");
    assert_eq!(text(answer).await.expect("body"), "ok");
    assert_eq!(world.egress.idle_count(), 0);
    answering.await.expect("the connection is closed while the upload waits");
    drop(sender);
}

#[tokio::test]
async fn idle_connections_are_bounded_and_the_oldest_leaves_first() {
    let (server, world, origin) = open_world(|_| ok("body")).await;
    let limits = PoolLimits { idle_per_target_max: 2, idle_max: 3, idle_ms_max: 60_000 };
    let world = World::with(
        &[&origin],
        |_| vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        |config| {
            config.pool = limits;
            drop(world);
        },
    );
    let apps = ["cn.example.first", "cn.example.second"];
    for (index, app) in apps.iter().enumerate() {
        let session = world.session_of(app, &[&origin], &AppLimits::default());
        let mut running = Vec::new();
        for _ in 0..3 {
            running.push(session.send(get(&origin), Timeouts::default()).await.expect("answer"));
        }
        for answer in running {
            text(answer).await.expect("body");
        }
        assert_eq!(world.egress.idle_count(), index + 2);
    }
    server.closed(3).await;
    assert_eq!(server.opened(), 6);
    world.egress.forget(&caller("cn.example.second"));
    assert_eq!(world.egress.idle_count(), 1);
    server.closed(5).await;
}
