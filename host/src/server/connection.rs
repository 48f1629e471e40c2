//! One connection: HTTP/1.1 or HTTP/2 with limits on headers and time.

use super::core::Core;
use crate::http::router;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;

/// Time for a request's headers to arrive, from the first byte or from the end of the answer before.
const HEADER_READ: Duration = Duration::from_secs(10);
/// Most header fields of a request.
const HEADERS_MAX: usize = 100;
/// Requests at the same time on one HTTP/2 connection.
const STREAMS_MAX: u32 = 100;

/// Serves a connection until either side ends it or the process stops.
pub(super) async fn serve(core: Arc<Core>, stream: std::net::TcpStream, mut stopping: watch::Receiver<bool>) {
    let Ok(stream) = TcpStream::from_std(stream) else { return };
    // Answers are written whole; waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
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
    let service = service_fn(move |request| {
        let core = Arc::clone(&core);
        async move { router::handle(&core, request).await }
    });
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let stopped = async { drop(stopping.wait_for(|stop| *stop).await) };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection");
    }
}
