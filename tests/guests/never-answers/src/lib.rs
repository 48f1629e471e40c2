//! Waits for an hour on the host's clock before it would answer. `/headers-only` sends the headers first, then waits.

use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::http::types::{Fields, IncomingRequest, ResponseOutparam};

wasip2::http::proxy::export!(NeverAnswers);

const HOUR_NS: u64 = 3_600_000_000_000;

struct NeverAnswers;

impl wasip2::exports::http::incoming_handler::Guest for NeverAnswers {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        if answer::path_and_query(&request).0 == "/headers-only" {
            let body = answer::start(out, 200, Fields::new());
            subscribe_duration(HOUR_NS).block();
            drop(body);
        } else {
            subscribe_duration(HOUR_NS).block();
            answer::text(out, 200, "an hour later\n");
        }
    }
}
