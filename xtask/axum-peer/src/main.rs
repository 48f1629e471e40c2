//! Native axum with the answer of the test guest `hello`: what the bench holds the product against. Built by `cargo xtask bench`.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

/// Serves on any free port of the loopback until it is ended; its first line on standard error is the address.
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("http://{}", listener.local_addr()?);
    let routes = Router::new().route("/", get(|| async { ([(CONTENT_TYPE, "text/plain")], "Hello, world!\n") }));
    Ok(axum::serve(listener.tap_io(|socket| drop(socket.set_nodelay(true))), routes).await?)
}
