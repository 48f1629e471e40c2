//! Answers `Hello, world!`: the guest of the bench, as small and fast as a Rust component gets.

use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

wasip2::http::proxy::export!(Hello);

struct Hello;

impl wasip2::exports::http::incoming_handler::Guest for Hello {
    fn handle(_: IncomingRequest, out: ResponseOutparam) {
        let fields = Fields::new();
        let _ = fields.append("content-type", b"text/plain");
        let response = OutgoingResponse::new(fields);
        let body = response.body();
        ResponseOutparam::set(out, Ok(response));
        let Ok(body) = body else { return };
        if let Ok(stream) = body.write() {
            let _ = stream.blocking_write_and_flush(b"Hello, world!\n");
        }
        let _ = OutgoingBody::finish(body, None);
    }
}
