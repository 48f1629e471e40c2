//! Answers with a body that never ends, 64 KiB at a time.

use wasip2::http::types::{Fields, IncomingRequest, ResponseOutparam};

wasip2::http::proxy::export!(FloodBody);

struct FloodBody;

impl wasip2::exports::http::incoming_handler::Guest for FloodBody {
    fn handle(_: IncomingRequest, out: ResponseOutparam) {
        let Some(body) = answer::start(out, 200, Fields::new()) else { return };
        let Ok(stream) = body.write() else { return };
        let chunk = [b'x'; 64 * 1024];
        loop {
            stream.subscribe().block();
            let Ok(room) = stream.check_write() else { return };
            let room = usize::try_from(room).unwrap_or(chunk.len()).min(chunk.len());
            if stream.write(&chunk[..room]).is_err() {
                return;
            }
        }
    }
}
