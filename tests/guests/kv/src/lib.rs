//! Reads and writes `wasi:keyvalue@0.2.0-draft2`: `/get/KEY`, `/set/KEY?value=…`, `/delete/KEY`, `/increment/KEY?by=N`,
//! `/keys`; `bucket` names another bucket than the default one. Errors answer 500 and their name.

use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wit_bindgen::generate!({
    inline: "
        package test:kv;
        world guest {
            import wasi:keyvalue/store@0.2.0-draft2;
            import wasi:keyvalue/atomics@0.2.0-draft2;
        }
        package wasi:keyvalue@0.2.0-draft2 {
            interface store {
                variant error { no-such-store, access-denied, other(string) }
                record key-response { keys: list<string>, cursor: option<string> }
                open: func(identifier: string) -> result<bucket, error>;
                resource bucket {
                    get: func(key: string) -> result<option<list<u8>>, error>;
                    set: func(key: string, value: list<u8>) -> result<_, error>;
                    delete: func(key: string) -> result<_, error>;
                    exists: func(key: string) -> result<bool, error>;
                    list-keys: func(cursor: option<string>) -> result<key-response, error>;
                }
            }
            interface atomics {
                use store.{bucket, error};
                increment: func(bucket: borrow<bucket>, key: string, delta: s64) -> result<s64, error>;
            }
        }
    ",
    generate_all,
});
use wasi::keyvalue::atomics::increment;
use wasi::keyvalue::store::{Error, open};

wasip2::http::proxy::export!(Guest);

struct Guest;

impl wasip2::exports::http::incoming_handler::Guest for Guest {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (path, query) = answer::path_and_query(&request);
        match carry_out(&path, &query) {
            Ok(Some(text)) => answer::text(out, 200, &text),
            Ok(None) => answer::text(out, 404, "no such key\n"),
            Err(error) => answer::text(out, 500, &format!("{error:?}")),
        }
    }
}

/// The text to answer; `None` when the key holds nothing.
fn carry_out(path: &str, query: &str) -> Result<Option<String>, Error> {
    let value = |name| answer::parameter(query, name).unwrap_or_default();
    let bucket = open(&value("bucket"))?;
    let (verb, key) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
    match verb {
        "get" => Ok(bucket.get(key)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())),
        "set" => bucket.set(key, value("value").as_bytes()).map(|()| Some("set\n".to_owned())),
        "delete" => bucket.delete(key).map(|()| Some("deleted\n".to_owned())),
        "increment" => Ok(Some(increment(&bucket, key, value("by").parse().unwrap_or(1))?.to_string())),
        "keys" => Ok(Some(bucket.list_keys(None)?.keys.join("\n"))),
        _ => Ok(None),
    }
}
