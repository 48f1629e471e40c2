//! Spins for ever without calling the host. `/answer-first` sends its whole answer before.

use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wasip2::http::proxy::export!(Spin);

struct Spin;

impl wasip2::exports::http::incoming_handler::Guest for Spin {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        if answer::path_and_query(&request).0 == "/answer-first" {
            answer::text(out, 200, "answered, now spinning\n");
        }
        let mut turns = 0_u64;
        loop {
            turns = std::hint::black_box(turns.wrapping_add(1));
        }
    }
}
