//! Uses the standard library as any program does: environment, arguments, a hash map, both clocks, standard output and error.
//! `/panic` panics; every other path answers what it found, as lines of `name=value`.

use std::collections::HashMap;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wasip2::http::proxy::export!(StdHttp);

struct StdHttp;

impl wasip2::exports::http::incoming_handler::Guest for StdHttp {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (path, _) = answer::path_and_query(&request);
        println!("a line on standard output");
        eprintln!("a line on standard error");
        if path == "/panic" {
            panic!("a panic, asked for by path");
        }
        let started = Instant::now();
        let mut found: HashMap<String, String> =
            std::env::vars().map(|(name, value)| (format!("env.{name}"), value)).collect();
        found.insert("args".to_owned(), std::env::args().count().to_string());
        found.insert("files".to_owned(), describe(std::fs::read_dir("/").map(Iterator::count)));
        found.insert("socket".to_owned(), describe(std::net::TcpStream::connect("127.0.0.1:80").map(|_| "open")));
        #[expect(clippy::disallowed_methods, reason = "the guest shows that the standard library's clock works")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        found.insert("unix-seconds".to_owned(), now.to_string());
        found.insert("elapsed-micros".to_owned(), started.elapsed().as_micros().to_string());
        let mut lines: Vec<String> = found.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        lines.sort();
        answer::text(out, 200, &lines.concat());
    }
}

fn describe<T: std::fmt::Display>(result: std::io::Result<T>) -> String {
    result.map_or_else(|error| format!("refused: {:?}", error.kind()), |value| value.to_string())
}
