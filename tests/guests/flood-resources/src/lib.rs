//! Makes host resources without end and keeps each of them: header fields, or pollables with `/pollables`.

use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::http::types::{Fields, IncomingRequest, ResponseOutparam};

wasip2::http::proxy::export!(FloodResources);

struct FloodResources;

impl wasip2::exports::http::incoming_handler::Guest for FloodResources {
    fn handle(request: IncomingRequest, _out: ResponseOutparam) {
        let pollables = answer::path_and_query(&request).0 == "/pollables";
        loop {
            if pollables {
                std::mem::forget(subscribe_duration(u64::MAX));
            } else {
                std::mem::forget(Fields::new());
            }
        }
    }
}
