//! Answers method, path, query and headers of the request as JSON, and its body as text. Pairs of the query choose the answer:
//! `status=N`, `set-cookie=…` (repeatable) and `header=name:value` (repeatable). `/raw` answers the body's bytes alone.

use serde_json::{Value, json};
use wasip2::http::types::{IncomingRequest, Method, ResponseOutparam};

wasip2::http::proxy::export!(Echo);

struct Echo;

impl wasip2::exports::http::incoming_handler::Guest for Echo {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (path, query) = answer::path_and_query(&request);
        let status = answer::parameter(&query, "status").and_then(|status| status.parse().ok()).unwrap_or(200);
        let asked: Vec<(String, String)> = answer::parameters(&query).filter_map(header).collect();
        let mut headers: Vec<(&str, &str)> =
            asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = answer::body(&request);
        if path == "/raw" {
            headers.push(("content-type", "application/octet-stream"));
            return answer::whole(out, status, &headers, &body);
        }
        headers.push(("content-type", "application/json"));
        let shown = describe(&request, &path, &query, &body);
        answer::whole(out, status, &headers, shown.to_string().as_bytes());
    }
}

/// The response header that a pair of the query asks for.
fn header((name, value): (String, String)) -> Option<(String, String)> {
    match name.as_str() {
        "set-cookie" => Some((name, value)),
        "header" => value.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned())),
        _ => None,
    }
}

fn describe(request: &IncomingRequest, path: &str, query: &str, body: &[u8]) -> Value {
    let headers: Vec<Value> =
        request.headers().entries().iter().map(|(name, value)| json!([name, String::from_utf8_lossy(value)])).collect();
    json!({
        "method": method(&request.method()),
        "authority": request.authority(),
        "path": path,
        "query": query,
        "headers": headers,
        "body": String::from_utf8_lossy(body),
    })
}

fn method(method: &Method) -> String {
    match method {
        Method::Other(name) => name.clone(),
        known => format!("{known:?}").trim_start_matches("Method::").to_uppercase(),
    }
}
