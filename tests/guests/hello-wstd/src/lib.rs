//! Answers `Hello, world!` through `wstd`, an async standard library that others wrote.

use wstd::http::{Body, Error, Request, Response};

#[wstd::http_server]
async fn main(_: Request<Body>) -> Result<Response<Body>, Error> {
    Ok(Response::builder().header("content-type", "text/plain").body("Hello, world!\n".into())?)
}
