//! One connection: HTTP/1.1 or HTTP/2 with limits on headers and time.

use super::core::Core;
use crate::http::caller::ClientAddress;
use crate::http::router;
use crate::trusted_proxy::client_address;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// Time for a request's headers to arrive, from the first byte or from the end of the answer before.
const HEADER_READ: Duration = Duration::from_secs(10);
/// Time for the first request of a connection: also bounds what comes before headers are read, the choice of the protocol.
const FIRST_REQUEST: Duration = HEADER_READ;
/// Most header fields of a request.
const HEADERS_MAX: usize = 100;
/// Requests at the same time on one HTTP/2 connection.
const STREAMS_MAX: u32 = 100;

/// Serves a connection until either side ends it or the process stops.
pub(super) async fn serve(core: Arc<Core>, stream: std::net::TcpStream, stopping: watch::Receiver<bool>) {
    let Ok(stream) = TcpStream::from_std(stream) else { return };
    // Answers are written whole; waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
    let address = stream.peer_addr().ok().map(|peer| peer.ip());
    let Some(tls) = core.app.tls.clone() else { return talk(core, (stream, address), stopping).await };
    match tokio::time::timeout(FIRST_REQUEST, tls.accept(stream)).await {
        Ok(Ok(stream)) => talk(core, (stream, address), stopping).await,
        Ok(Err(error)) => tracing::debug!(%error, "connection: no TLS"),
        Err(_) => tracing::debug!("connection: the TLS handshake takes too long"),
    }
}

async fn talk<S>(core: Arc<Core>, (stream, peer): (S, Option<IpAddr>), mut stopping: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let limits = core.app.limits;
    let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ)
        .max_headers(HEADERS_MAX)
        .max_buf_size(size(limits.header_bytes_max + limits.url_bytes_max))
        .pipeline_flush(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(limits.header_bytes_max).unwrap_or(u32::MAX))
        .keep_alive_interval(HEADER_READ);
    let asked = Arc::new(AtomicBool::new(false));
    let has_asked = Arc::clone(&asked);
    let service = service_fn(move |mut request: Request<Incoming>| {
        asked.store(true, Ordering::Relaxed);
        let core = Arc::clone(&core);
        if let Some(peer) = peer {
            let client = client_address(peer, request.headers(), &core.app.trusted_proxies);
            request.extensions_mut().insert(ClientAddress(client));
        }
        async move { router::handle(&core, request).await }
    });
    let silent = async {
        tokio::time::sleep(FIRST_REQUEST).await;
        if has_asked.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    };
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let stopped = async { drop(stopping.wait_for(|stop| *stop).await) };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = silent => return tracing::debug!("connection: no request came"),
        () = stopped => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection");
    }
}
