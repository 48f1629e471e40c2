//! Takes memory without end, 1 MiB at a time and every page written, until the host refuses it; then traps.
//! `/?mib=N` stops after N MiB and answers.

use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wasip2::http::proxy::export!(Allocate);

struct Allocate;

impl wasip2::exports::http::incoming_handler::Guest for Allocate {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (_, query) = answer::path_and_query(&request);
        let wanted = answer::parameter(&query, "mib").and_then(|mib| mib.parse().ok()).unwrap_or(usize::MAX);
        let mut held: Vec<Vec<u8>> = Vec::new();
        while held.len() < wanted {
            held.push(std::hint::black_box(vec![0xA5; 1 << 20]));
        }
        answer::text(out, 200, &format!("{} MiB held\n", held.len()));
    }
}
