//! Returns without ever setting its response.

use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wasip2::http::proxy::export!(NoResponse);

struct NoResponse;

impl wasip2::exports::http::incoming_handler::Guest for NoResponse {
    fn handle(_: IncomingRequest, _: ResponseOutparam) {}
}
