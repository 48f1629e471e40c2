//! `wasi:http/outgoing-handler`.

use super::serve::{ReadError, read_all, write_all};
use crate::Method;
use crate::fetch::{Answer, Fetch, FetchError, Target};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    self, ErrorCode, Fields, IncomingResponse, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};

pub(crate) fn send(fetch: &Fetch, target: &Target<'_>) -> Result<Answer, FetchError> {
    let request = outgoing(fetch, target)?;
    let body = request.body().map_err(|()| FetchError::Protocol("body was taken before".to_owned()))?;
    let pending = outgoing_handler::handle(request, Some(options(fetch.timeout_ms)))
        .map_err(|code| failure(code, target.authority))?;
    if !fetch.body.is_empty() {
        // A system that answers before it has read everything closes this side; its answer tells more.
        let _ = body.write().map(|stream| write_all(&stream, &fetch.body));
    }
    let _ = OutgoingBody::finish(body, None);
    pending.subscribe().block();
    match pending.get() {
        Some(Ok(Ok(response))) => answer(&response, fetch.answer_bytes_max),
        Some(Ok(Err(code))) => Err(failure(code, target.authority)),
        _ => Err(FetchError::Protocol("no answer".to_owned())),
    }
}

fn outgoing(fetch: &Fetch, target: &Target<'_>) -> Result<OutgoingRequest, FetchError> {
    let headers = Fields::new();
    for (name, value) in &fetch.headers {
        headers
            .append(name, value.as_bytes())
            .map_err(|error| FetchError::Invalid(format!("header {name:?}: {error}")))?;
    }
    if !fetch.body.is_empty() {
        let _ = headers.set("content-length", &[fetch.body.len().to_string().into_bytes()]);
    }
    let request = OutgoingRequest::new(headers);
    let scheme = if target.https { Scheme::Https } else { Scheme::Http };
    request
        .set_method(&method(&fetch.method))
        .and_then(|()| request.set_scheme(Some(&scheme)))
        .and_then(|()| request.set_authority(Some(target.authority)))
        .and_then(|()| request.set_path_with_query(Some(&target.path_with_query)))
        .map_err(|()| FetchError::Invalid(format!("method or address: {} {:?}", fetch.method, fetch.url)))?;
    Ok(request)
}

fn method(method: &Method) -> types::Method {
    match method {
        Method::Get => types::Method::Get,
        Method::Head => types::Method::Head,
        Method::Post => types::Method::Post,
        Method::Put => types::Method::Put,
        Method::Patch => types::Method::Patch,
        Method::Delete => types::Method::Delete,
        Method::Options => types::Method::Options,
        Method::Other(name) => types::Method::Other(name.clone()),
    }
}

/// A host that does not know time-outs keeps its own.
fn options(timeout_ms: u32) -> RequestOptions {
    let options = RequestOptions::new();
    let nanoseconds = Some(u64::from(timeout_ms) * 1_000_000);
    let _ = options.set_connect_timeout(nanoseconds);
    let _ = options.set_first_byte_timeout(nanoseconds);
    let _ = options.set_between_bytes_timeout(nanoseconds);
    options
}

fn answer(response: &IncomingResponse, answer_bytes_max: usize) -> Result<Answer, FetchError> {
    let status = response.status();
    let headers = response.headers().entries().into_iter();
    let headers =
        headers.map(|(name, value)| (name.to_ascii_lowercase(), String::from_utf8_lossy(&value).into_owned()));
    let headers = headers.collect();
    let taken = |()| FetchError::Protocol("body was read before".to_owned());
    let body = response.consume().map_err(taken)?;
    let stream = body.stream().map_err(taken)?;
    match read_all(&stream, answer_bytes_max) {
        Ok(body) => Ok(Answer { status, headers, body }),
        Err(ReadError::TooLarge) => Err(FetchError::TooLarge),
        Err(ReadError::Broken) => Err(FetchError::Protocol("answer ended early".to_owned())),
    }
}

fn failure(code: ErrorCode, authority: &str) -> FetchError {
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => FetchError::Denied(authority.to_owned()),
        ErrorCode::DnsTimeout
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => FetchError::Timeout,
        ErrorCode::DnsError(_)
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionTerminated
        | ErrorCode::ConnectionLimitReached
        | ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_) => FetchError::Unreachable(code.to_string()),
        ErrorCode::HttpRequestBodySize(_)
        | ErrorCode::HttpRequestHeaderSectionSize(_)
        | ErrorCode::HttpResponseHeaderSectionSize(_)
        | ErrorCode::HttpResponseBodySize(_) => FetchError::TooLarge,
        other => FetchError::Protocol(other.to_string()),
    }
}
