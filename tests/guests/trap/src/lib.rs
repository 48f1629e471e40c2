//! Executes `unreachable`. `/after-headers` sends the headers and a part of the body before.

use wasip2::http::types::{Fields, IncomingRequest, ResponseOutparam};

wasip2::http::proxy::export!(Trap);

struct Trap;

impl wasip2::exports::http::incoming_handler::Guest for Trap {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        if answer::path_and_query(&request).0 == "/after-headers"
            && let Some(body) = answer::start(out, 200, Fields::new())
        {
            let _ = answer::write(&body, b"the beginning of ");
        }
        core::arch::wasm32::unreachable()
    }
}
