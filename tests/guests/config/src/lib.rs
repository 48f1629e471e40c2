//! Reads `wasi:config/store@0.2.0-rc.1`: `/KEY` answers one value or 404, `/` all of them as sorted lines of `key=value`.

use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wit_bindgen::generate!({
    inline: "
        package test:config;
        world guest { import wasi:config/store@0.2.0-rc.1; }
        package wasi:config@0.2.0-rc.1 {
            interface store {
                variant error { upstream(string), io(string) }
                get: func(key: string) -> result<option<string>, error>;
                get-all: func() -> result<list<tuple<string, string>>, error>;
            }
        }
    ",
    generate_all,
});
use wasi::config::store::{Error, get, get_all};

wasip2::http::proxy::export!(Config);

struct Config;

impl wasip2::exports::http::incoming_handler::Guest for Config {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        match read(&answer::path_and_query(&request).0[1..]) {
            Ok(Some(text)) => answer::text(out, 200, &text),
            Ok(None) => answer::text(out, 404, "no such setting\n"),
            Err(error) => answer::text(out, 500, &format!("{error:?}")),
        }
    }
}

fn read(key: &str) -> Result<Option<String>, Error> {
    if !key.is_empty() {
        return get(key);
    }
    let mut lines: Vec<String> = get_all()?.into_iter().map(|(key, value)| format!("{key}={value}\n")).collect();
    lines.sort();
    Ok(Some(lines.concat()))
}
