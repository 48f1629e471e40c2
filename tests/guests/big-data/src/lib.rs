//! Answers `Hello, world!` and carries a data segment of 4 MiB that every instance starts with; `/N` shows one byte of it.

use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wasip2::http::proxy::export!(BigData);

const SIZE: usize = 4 << 20;

/// No byte of it is zero, so that none of it can be left out of the file; the first byte of each page is its number.
static DATA: [u8; SIZE] = fill();

struct BigData;

impl wasip2::exports::http::incoming_handler::Guest for BigData {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let at: Option<usize> = answer::path_and_query(&request).0[1..].parse().ok();
        match at.and_then(|at| DATA.get(std::hint::black_box(at))) {
            Some(byte) => answer::text(out, 200, &byte.to_string()),
            None => answer::text(out, 200, "Hello, world!\n"),
        }
    }
}

const fn fill() -> [u8; SIZE] {
    let mut data = [1; SIZE];
    let mut page = 0;
    while page < SIZE / 4096 {
        data[page * 4096] = (page % 255) as u8 + 1;
        page += 1;
    }
    data
}
