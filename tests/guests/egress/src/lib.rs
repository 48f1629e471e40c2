//! Fetches the address that `/?url=` names and answers its status and first kilobyte, or 502 and the name of the error.
//! `times` fetches that often one after the other, `at-once` keeps that many open, `raw-authority` and `raw-path` replace
//! the two halves by any text, `header` sends one more header.

use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingRequest, OutgoingRequest, ResponseOutparam, Scheme,
};

wasip2::http::proxy::export!(Egress);

struct Egress;

impl wasip2::exports::http::incoming_handler::Guest for Egress {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (_, query) = answer::path_and_query(&request);
        let number = |name| answer::parameter(&query, name).and_then(|n| n.parse::<usize>().ok()).unwrap_or(1);
        let (times, at_once) = (number("times"), number("at-once"));
        let mut result = Err("nothing was asked for".to_owned());
        for _ in 0..times {
            let started: Vec<_> = (0..at_once).map(|_| start(&query)).collect();
            result = started.into_iter().map(|future| finish(future?)).last().unwrap_or(result);
        }
        match result {
            Ok(text) => answer::text(out, 200, &text),
            Err(text) => answer::text(out, 502, &text),
        }
    }
}

fn start(query: &str) -> Result<FutureIncomingResponse, String> {
    let url = answer::parameter(query, "url").ok_or("the query has no url")?;
    let (scheme, rest) = url.split_once("://").ok_or("the url has no scheme")?;
    let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let authority = answer::parameter(query, "raw-authority").unwrap_or_else(|| authority.to_owned());
    let path = answer::parameter(query, "raw-path").unwrap_or_else(|| path.to_owned());
    let fields = Fields::new();
    if let Some(header) = answer::parameter(query, "header") {
        let (name, value) = header.split_once(':').ok_or("the header has no colon")?;
        fields.append(name, value.trim().as_bytes()).map_err(|refusal| format!("header: {refusal}"))?;
    }
    let request = OutgoingRequest::new(fields);
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    request.set_scheme(Some(&scheme)).map_err(|()| "scheme refused")?;
    request.set_authority(Some(&authority)).map_err(|()| "authority refused")?;
    request.set_path_with_query(Some(&path)).map_err(|()| "path refused")?;
    handle(request, None).map_err(name)
}

fn finish(future: FutureIncomingResponse) -> Result<String, String> {
    future.subscribe().block();
    let response = future.get().ok_or("not ready")?.map_err(|()| "taken twice")?.map_err(name)?;
    let body = response.consume().map_err(|()| "no body")?;
    let bytes = answer::read(&body);
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).into_owned();
    Ok(format!("{} {} bytes\n{text}", response.status(), bytes.len()))
}

/// The error's own name, for instance `HttpRequestDenied`.
fn name(error: ErrorCode) -> String {
    format!("{error:?}")
}
