//! A raw HTTP/1.1 server of tests: it keeps what it read word for word and answers whatever a test wants, valid or not.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// What follows a request.
pub(super) enum Reply {
    /// These bytes; then the next request is read.
    Keep(String),
    /// These bytes; then the connection is closed.
    Close(String),
    /// These bytes; then nothing more until the other side closes.
    Hang(String),
    /// The first text, then the second again and again after each pause.
    Drip(String, String, Duration),
}

pub(super) struct Server {
    pub(super) port: u16,
    pub(super) requests: Arc<Mutex<Vec<String>>>,
    opened: Arc<AtomicUsize>,
    closed: watch::Receiver<usize>,
}

type Answering = dyn Fn(&str) -> Reply + Send + Sync;

impl Server {
    pub(super) async fn start(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen((Ipv4Addr::LOCALHOST, 0), None, reply).await
    }

    pub(super) async fn listen(
        address: (Ipv4Addr, u16),
        tls: Option<TlsAcceptor>,
        reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.expect("bind");
        let (ended, closed) = watch::channel(0);
        let server = Self {
            port: listener.local_addr().expect("address").port(),
            requests: Arc::default(),
            opened: Arc::default(),
            closed,
        };
        let (requests, opened) = (Arc::clone(&server.requests), Arc::clone(&server.opened));
        let (reply, ended): (Arc<Answering>, _) = (Arc::new(reply), Arc::new(ended));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                opened.fetch_add(1, Ordering::SeqCst);
                let (reply, requests, ended, tls) = (reply.clone(), requests.clone(), ended.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &*reply, &requests).await,
                        Some(tls) => {
                            // A client that agreed to anything but HTTP/1.1 gets no answer.
                            if let Ok(stream) = tls.accept(stream).await
                                && stream.get_ref().1.alpn_protocol() == Some(b"http/1.1")
                            {
                                serve(stream, &*reply, &requests).await;
                            }
                        }
                    }
                    ended.send_modify(|count| *count += 1);
                });
            }
        });
        server
    }

    /// Connections that were opened.
    pub(super) fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    /// Waits until so many connections have been closed; fails when that does not happen within a minute.
    pub(super) async fn closed(&self, count: usize) {
        let mut closed = self.closed.clone();
        let waiting = closed.wait_for(|closed| *closed >= count);
        tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("closed in time").expect("server runs");
    }

    pub(super) fn request(&self, index: usize) -> String {
        self.requests.lock().expect("requests")[index].clone()
    }
}

/// An answer with a length.
pub(super) fn ok(body: &str) -> Reply {
    Reply::Keep(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, reply: &Answering, requests: &Mutex<Vec<String>>) {
    let mut buffer = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut buffer).await {
        requests.lock().expect("requests").push(request.clone());
        match reply(&request) {
            Reply::Keep(text) if stream.write_all(text.as_bytes()).await.is_ok() => {}
            Reply::Keep(_) => return,
            Reply::Close(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                let _ = stream.shutdown().await;
                return;
            }
            Reply::Hang(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                while matches!(stream.read(&mut [0; 1024]).await, Ok(1..)) {}
                return;
            }
            Reply::Drip(first, piece, pause) => {
                let mut wrote = stream.write_all(first.as_bytes()).await;
                let mut beat = tokio::time::interval(pause);
                beat.tick().await;
                while wrote.is_ok() {
                    beat.tick().await;
                    wrote = stream.write_all(piece.as_bytes()).await;
                }
                return;
            }
        }
    }
}

/// One request as text with its body; `None` at the end of the connection.
async fn read_request(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(length) = whole_length(buffer) {
            let rest = buffer.split_off(length);
            return Some(String::from_utf8_lossy(&std::mem::replace(buffer, rest)).into_owned());
        }
        if !matches!(stream.read_buf(buffer).await, Ok(1..)) {
            return None;
        }
    }
}

fn whole_length(buffer: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(buffer).to_ascii_lowercase();
    let head = text.find("\r\n\r\n")? + 4;
    let length = match text[..head].split("content-length: ").nth(1) {
        Some(rest) => head + rest.split("\r\n").next()?.parse::<usize>().ok()?,
        None if text[..head].contains("chunked") => head + text[head..].find("0\r\n\r\n")? + 5,
        None => head,
    };
    (buffer.len() >= length).then_some(length)
}
