//! Writes 4 MiB each to standard output, standard error and `wasi:logging`, and one line of almost 4 MiB, then answers 200.
//! Every line begins with `flood` and its number.

use std::io::Write;

use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wit_bindgen::generate!({
    inline: "
        package test:flood-log;
        world guest { import wasi:logging/logging@0.1.0-draft; }
        package wasi:logging@0.1.0-draft {
            interface logging {
                enum level { trace, debug, info, warn, error, critical }
                log: func(level: level, context: string, message: string);
            }
        }
    ",
    generate_all,
});
use wasi::logging::logging::{Level, log};

wasip2::http::proxy::export!(FloodLog);

const LINES: usize = 1024;

struct FloodLog;

impl wasip2::exports::http::incoming_handler::Guest for FloodLog {
    fn handle(_: IncomingRequest, out: ResponseOutparam) {
        let (mut output, mut errors) = (std::io::stdout(), std::io::stderr());
        for number in 0..LINES {
            let line = format!("flood {number:>8} {:->4080}\n", "");
            let _ = output.write_all(line.as_bytes());
            let _ = errors.write_all(line.as_bytes());
            log(Level::Info, "flood", line.trim_end());
        }
        log(Level::Critical, "flood", &"one long line ".repeat(LINES * 256));
        answer::text(out, 200, "flooded\n");
    }
}
