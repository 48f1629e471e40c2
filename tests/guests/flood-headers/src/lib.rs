//! Answers with as many response headers as the host lets it make: 100 000 of 1 000 bytes. `/one` tries a single header of
//! 1 MiB; `/trailers` sends them as trailers. What the host refuses with an error is left out.

use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, ResponseOutparam};

wasip2::http::proxy::export!(FloodHeaders);

struct FloodHeaders;

impl wasip2::exports::http::incoming_handler::Guest for FloodHeaders {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (path, _) = answer::path_and_query(&request);
        let flood = Fields::new();
        if path == "/one" {
            let _ = flood.append("x-flood", &vec![b'x'; 1 << 20]);
        } else {
            let value = [b'x'; 1000];
            for number in 0..100_000 {
                if flood.append(&format!("x-flood-{number}"), &value).is_err() {
                    break;
                }
            }
        }
        let (headers, trailers) = if path == "/trailers" { (Fields::new(), Some(flood)) } else { (flood, None) };
        if let Some(body) = answer::start(out, 200, headers) {
            let _ = answer::write(&body, b"flooded\n");
            let _ = OutgoingBody::finish(body, trailers);
        }
    }
}
