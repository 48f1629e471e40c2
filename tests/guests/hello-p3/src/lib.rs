//! Answers `Hello, world!` as a WASI 0.3 service (`wasi:http/handler@0.3`) through `wasip3`.

use wasip3::http::types::{ErrorCode, Fields, Request, Response};
use wasip3::{wit_bindgen, wit_future, wit_stream};

wasip3::http::service::export!(Hello);

struct Hello;

impl wasip3::exports::http::handler::Guest for Hello {
    async fn handle(_: Request) -> Result<Response, ErrorCode> {
        let fields = Fields::new();
        let _ = fields.append("content-type", b"text/plain");
        let (mut body, body_end) = wit_stream::new();
        let (trailers, trailers_end) = wit_future::new(|| Ok(None));
        drop(trailers);
        let (response, _) = Response::new(fields, Some(body_end), trailers_end);
        wit_bindgen::spawn_local(async move {
            let _unwritten = body.write_all(b"Hello, world!\n".to_vec()).await;
        });
        Ok(response)
    }
}
