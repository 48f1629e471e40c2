//! Streams five chunks, 100 ms of the host's clock apart, and flushes each. `/?chunks=N&ms=M` chooses other numbers.

use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::http::types::{Fields, IncomingRequest, OutgoingBody, ResponseOutparam};

wasip2::http::proxy::export!(SlowBody);

struct SlowBody;

impl wasip2::exports::http::incoming_handler::Guest for SlowBody {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (_, query) = answer::path_and_query(&request);
        let number = |name| answer::parameter(&query, name).and_then(|number| number.parse::<u64>().ok());
        let Some(body) = answer::start(out, 200, Fields::new()) else { return };
        let Ok(stream) = body.write() else { return };
        for chunk in 0..number("chunks").unwrap_or(5) {
            if chunk > 0 {
                subscribe_duration(number("ms").unwrap_or(100) * 1_000_000).block();
            }
            if stream.blocking_write_and_flush(format!("chunk {chunk}\n").as_bytes()).is_err() {
                return;
            }
        }
        drop(stream);
        let _ = OutgoingBody::finish(body, None);
    }
}
