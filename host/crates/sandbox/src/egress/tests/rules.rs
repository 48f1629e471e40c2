//! What may leave, where to, and what it looks like on the wire.

use super::server::{Reply, Server, ok};
use super::*;
use http::Method;

#[tokio::test]
async fn an_allowed_request_arrives_in_origin_form_with_our_host() {
    let (server, world, origin) = open_world(|_| ok("hello")).await;
    let mut request = get(&format!("{origin}/a?b=c"));
    request.headers_mut().insert("host", "evil.test".parse().expect("value"));
    request.headers_mut().insert("connection", "x-hop".parse().expect("value"));
    request.headers_mut().insert("x-hop", "1".parse().expect("value"));
    request.headers_mut().insert("te", "trailers".parse().expect("value"));
    request.headers_mut().insert("x-end", "2".parse().expect("value"));
    let session = world.session(&[&origin]);
    let answer = session.send(request, Timeouts::default()).await.expect("answer");
    assert_eq!(text(answer).await.expect("body"), "hello");
    let expected = format!("GET /a?b=c HTTP/1.1\r\nhost: api.test:{}\r\nx-end: 2\r\n\r\n", server.port);
    assert_eq!(server.request(0), expected);
}

#[tokio::test]
async fn a_body_of_unknown_length_arrives_chunked_and_a_known_one_with_its_length() {
    let (server, world, origin) = open_world(|_| ok("")).await;
    let session = world.session(&[&origin]);
    let body = Full::new(Bytes::from("known"));
    let request = Request::post(&origin).header("transfer-encoding", "chunked").body(body).expect("request");
    session.send(request, Timeouts::default()).await.expect("answer");
    let body = Pieces(vec!["one", "two"]);
    session.send(Request::post(&origin).body(body).expect("request"), Timeouts::default()).await.expect("answer");
    assert!(server.request(0).ends_with("content-length: 5\r\n\r\nknown"), "{}", server.request(0));
    assert!(server.request(1).contains("transfer-encoding: chunked"), "{}", server.request(1));
    assert!(server.request(1).ends_with("3\r\ntwo\r\n3\r\none\r\n0\r\n\r\n"), "{}", server.request(1));
}

#[tokio::test]
async fn hop_by_hop_fields_of_the_answer_end_here() {
    let reply = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive, x-hop\r\nx-hop: 1\r\nkeep-alive: timeout=9\r\nx-end: 2\r\n\r\n";
    let (_server, world, origin) = open_world(|_| Reply::Keep(reply.to_owned())).await;
    let answer = world.session(&[&origin]).send(get(&origin), Timeouts::default()).await.expect("answer");
    let names: Vec<&str> = answer.headers().keys().map(http::HeaderName::as_str).collect();
    assert_eq!(names, ["content-length", "x-end"]);
}

#[tokio::test]
async fn what_differs_from_the_allow_list_is_denied_before_any_look_up() {
    let (server, world, origin) = open_world(|_| ok("")).await;
    let session = world.session_of("cn.example.first", &[&origin], &generous());
    let port = server.port;
    for uri in [
        format!("https://api.test:{port}/"),
        "http://api.test/".to_owned(),
        format!("http://api.test:{}/", port - 1),
        format!("http://other.test:{port}/"),
        format!("http://sub.api.test:{port}/"),
        format!("http://api.test.:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        format!("http://user@api.test:{port}/"),
        format!("http://api.test:{port}@evil.test/"),
        format!("ftp://api.test:{port}/"),
        "/relative".to_owned(),
    ] {
        let error = fetch(&session, &uri).await.expect_err(&uri);
        assert!(matches!(error, EgressError::Denied { .. }), "{uri}: {error:?}");
    }
    assert_eq!((world.lookups(), server.opened()), (0, 0));
    fetch(&session, &format!("HTTP://API.TEST:{port}/")).await.expect("the same destination");
}

#[tokio::test]
async fn a_path_that_reads_as_another_host_is_denied_or_stays_a_path() {
    let (server, world, origin) = open_world(|_| ok("")).await;
    let session = world.session_of("cn.example.first", &[&origin], &generous());
    let authority = format!("api.test:{}", server.port);
    let uri = http::Uri::builder().scheme("http").authority(&*authority).path_and_query("*").build().expect("URI");
    let request = Request::get(uri).body(Full::<Bytes>::default()).expect("request");
    let error = session.send(request, Timeouts::default()).await.expect_err("the port would become a name");
    assert!(matches!(error, EgressError::Denied { .. }), "{error:?}");
    assert_eq!((world.lookups(), server.opened()), (0, 0));
    fetch(&session, &format!("{origin}//evil.test/x")).await.expect("answer");
    let expected = format!("GET //evil.test/x HTTP/1.1\r\nhost: {authority}\r\n");
    assert!(server.request(0).starts_with(&expected), "{}", server.request(0));
}

#[tokio::test]
async fn connect_opens_no_tunnel() {
    let (server, world, origin) = open_world(|_| ok("")).await;
    let mut request = get(&origin);
    *request.method_mut() = Method::CONNECT;
    let error = world.session(&[&origin]).send(request, Timeouts::default()).await.expect_err("CONNECT");
    assert!(matches!(error, EgressError::Denied { .. }), "{error:?}");
    assert_eq!(server.opened(), 0);
}

#[tokio::test]
async fn a_redirect_is_the_guests_business() {
    let reply = "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n";
    let (server, world, origin) = open_world(|_| Reply::Keep(reply.to_owned())).await;
    let answer = world.session(&[&origin]).send(get(&origin), Timeouts::default()).await.expect("answer");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (302, &"http://169.254.169.254/".parse().expect("value"))
    );
    assert_eq!((world.lookups(), server.opened()), (1, 1));
}

#[tokio::test]
async fn an_answer_that_switches_protocols_or_is_no_http_is_refused() {
    for reply in ["HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n", "SSH-2.0-OpenSSH_9\r\n\r\n"] {
        let (_server, world, origin) = open_world(|_| Reply::Hang(reply.to_owned())).await;
        let error = fetch(&world.session(&[&origin]), &origin).await.expect_err("no answer");
        assert!(matches!(error, EgressError::Protocol { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn an_allow_list_alone_opens_no_private_address() {
    let server = Server::start(|_| ok("")).await;
    let port = server.port;
    let other = format!("http://api.test:{}", port ^ 1);
    let world = World::new(&[&other, &format!("https://api.test:{port}"), &format!("http://other.test:{port}")]);
    for origin in [
        format!("http://api.test:{port}"),
        format!("http://127.0.0.1:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
    ] {
        let error = fetch(&world.session(&[&origin]), &origin).await.expect_err(&origin);
        assert!(matches!(error, EgressError::AddressDenied { .. }), "{origin}: {error:?}");
    }
    assert_eq!(server.opened(), 0);
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_the_checked_address_is_the_one_connected_to() {
    let first = Server::start(|_| ok("first")).await;
    let second = Server::listen((Ipv4Addr::new(127, 0, 0, 2), first.port), None, |_| ok("second")).await;
    let origin = format!("http://rebinding.test:{}", first.port);
    let answers = |lookup| vec![IpAddr::V4(Ipv4Addr::new(127, 0, 0, if lookup == 0 { 1 } else { 2 }))];
    let world = World::with(&[&origin], answers, |_| ());
    assert_eq!(fetch(&world.session(&[&origin]), &origin).await.expect("answer"), "first");
    assert_eq!((world.lookups(), first.opened(), second.opened()), (1, 1, 0));
}

#[tokio::test]
async fn an_unknown_name_and_a_closed_port_are_told_apart() {
    let server = Server::listen((Ipv4Addr::LOCALHOST, 0), None, |_| ok("")).await;
    let origin = format!("http://api.test:{}", server.port);
    let nowhere = World::with(&[&origin], |_| Vec::new(), |_| ());
    let error = fetch(&nowhere.session(&[&origin]), &origin).await.expect_err("no address");
    assert!(matches!(error, EgressError::Dns { .. }), "{error:?}");
    let elsewhere = World::with(&[&origin], |_| vec![IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3))], |_| ());
    let error = fetch(&elsewhere.session(&[&origin]), &origin).await.expect_err("nobody listens");
    assert!(matches!(error, EgressError::Refused { .. }), "{error:?}");
    let both = |_| vec![IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3)), IpAddr::V4(Ipv4Addr::LOCALHOST)];
    fetch(&World::with(&[&origin], both, |_| ()).session(&[&origin]), &origin)
        .await
        .expect("the next address is tried");
}

fn generous() -> AppLimits {
    AppLimits { egress_requests_max: 64, ..AppLimits::default() }
}

/// A body whose length nobody knows before its end; the last piece goes first.
struct Pieces(Vec<&'static str>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.pop().map(|piece| Ok(http_body::Frame::data(Bytes::from(piece)))))
    }
}
