//! Makes the host hold values of `wasi:keyvalue@0.2.0-draft2`: writes one of `bytes`, then `/cas` begins `times`
//! compare-and-swaps of it, of which only those at once live with `let-go`; `/many` reads it `times` times in one batch.
//! Answers how many there are; errors answer 500 and their name.

use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wit_bindgen::generate!({
    inline: "
        package test:kv-hold;
        world guest {
            import wasi:keyvalue/store@0.2.0-draft2;
            import wasi:keyvalue/atomics@0.2.0-draft2;
            import wasi:keyvalue/batch@0.2.0-draft2;
        }
        package wasi:keyvalue@0.2.0-draft2 {
            interface store {
                variant error { no-such-store, access-denied, other(string) }
                open: func(identifier: string) -> result<bucket, error>;
                resource bucket {
                    set: func(key: string, value: list<u8>) -> result<_, error>;
                }
            }
            interface atomics {
                use store.{bucket, error};
                resource cas {
                    new: static func(bucket: borrow<bucket>, key: string) -> result<cas, error>;
                }
            }
            interface batch {
                use store.{bucket, error};
                get-many: func(bucket: borrow<bucket>, keys: list<string>)
                    -> result<list<option<tuple<string, list<u8>>>>, error>;
            }
        }
    ",
    generate_all,
});
use wasi::keyvalue::atomics::Cas;
use wasi::keyvalue::batch::get_many;
use wasi::keyvalue::store::{Error, open};

wasip2::http::proxy::export!(Guest);

struct Guest;

const KEY: &str = "held";

impl wasip2::exports::http::incoming_handler::Guest for Guest {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (path, query) = answer::path_and_query(&request);
        match carry_out(&path, &query) {
            Ok(count) => answer::text(out, 200, &count.to_string()),
            Err(error) => answer::text(out, 500, &format!("{error:?}")),
        }
    }
}

fn carry_out(path: &str, query: &str) -> Result<usize, Error> {
    let number = |name| answer::parameter(query, name).and_then(|text| text.parse().ok()).unwrap_or(1);
    let bucket = open("")?;
    bucket.set(KEY, &vec![b'x'; number("bytes")])?;
    if path == "/many" {
        return Ok(get_many(&bucket, &vec![KEY.to_owned(); number("times")])?.len());
    }
    let lets_go = answer::parameter(query, "let-go").is_some();
    let mut held = Vec::new();
    for _ in 0..number("times") {
        if lets_go {
            held.clear();
        }
        held.push(Cas::new(&bucket, KEY)?);
    }
    Ok(held.len())
}
