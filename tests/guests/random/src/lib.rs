//! Asks the host for `/?bytes=N` random bytes at once and answers how many came; `/insecure` asks for those of the quick kind.

use wasip2::http::types::{IncomingRequest, ResponseOutparam};
use wasip2::random::{insecure::get_insecure_random_bytes, random::get_random_bytes};

wasip2::http::proxy::export!(Random);

struct Random;

impl wasip2::exports::http::incoming_handler::Guest for Random {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (path, query) = answer::path_and_query(&request);
        let bytes = answer::parameter(&query, "bytes").and_then(|bytes| bytes.parse().ok()).unwrap_or(0);
        let got = if path == "/insecure" { get_insecure_random_bytes(bytes) } else { get_random_bytes(bytes) };
        answer::text(out, 200, &got.len().to_string());
    }
}
