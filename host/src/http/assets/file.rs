//! One static file: its bytes, its validators and the answer to a request for it (RFC 9110).

use super::{
    Answer,
    name::{content_type, is_compressible, is_fingerprinted},
    negotiate::{Range, accepts_gzip, matches_any, requested_range},
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use std::{io::Write, sync::OnceLock};

/// Smaller files gain nothing from compression.
const COMPRESS_BYTES_MIN: usize = 1 << 10;
/// Files above this are compressed at the fastest level.
const COMPRESS_BEST_BYTES_MAX: usize = 1 << 20;
/// Larger files are never compressed: it would hold a core for too long.
const COMPRESS_BYTES_MAX: usize = 8 << 20;

/// A file with everything that answers need, made once.
#[derive(Debug)]
pub(crate) struct StaticFile {
    bytes: Bytes,
    etag: HeaderValue,
    gzip_etag: HeaderValue,
    content_type: HeaderValue,
    cache_control: HeaderValue,
    compressible: bool,
    gzip: OnceLock<Option<Bytes>>,
}

impl StaticFile {
    /// A file named `name` (path below its root); `digest` names its content.
    pub(crate) fn new(name: &str, bytes: Bytes, digest: &str) -> Self {
        let tag = digest.get(..32).unwrap_or(digest);
        let quoted = |text: String| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("\"\""));
        let cache = if is_fingerprinted(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
        let content_type = content_type(name);
        Self {
            etag: quoted(format!("\"{tag}\"")),
            gzip_etag: quoted(format!("\"{tag}-gzip\"")),
            cache_control: HeaderValue::from_static(cache),
            compressible: is_compressible(&content_type)
                && (COMPRESS_BYTES_MIN + 1..=COMPRESS_BYTES_MAX).contains(&bytes.len()),
            content_type,
            bytes,
            gzip: OnceLock::new(),
        }
    }

    /// The content.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Lets browsers keep the file for a year; for addresses that name the content themselves.
    pub(crate) fn immutable(mut self) -> Self {
        self.cache_control = HeaderValue::from_static("public, max-age=31536000, immutable");
        self
    }

    /// Compresses the file now if it would ever be.
    pub(crate) fn compress(&self) {
        self.gzip();
    }

    /// Answers a GET or HEAD: 200, 304 (`If-None-Match`), 206 or 416 (a single `Range`, `If-Range`).
    pub(crate) fn answer(&self, method: &Method, headers: &HeaderMap) -> Answer {
        if matches_any(headers, &[&self.etag, &self.gzip_etag]) {
            let etag = if self.gzip_for(headers).is_some() { &self.gzip_etag } else { &self.etag };
            return self.build(StatusCode::NOT_MODIFIED, etag, None);
        }
        if *method == Method::GET {
            match requested_range(headers, &self.etag, self.bytes.len()) {
                Range::Whole => {}
                Range::Part(range) => {
                    let (start, end) = (*range.start(), *range.end());
                    let body = self.bytes.slice(start..end + 1);
                    let mut answer = self.build(StatusCode::PARTIAL_CONTENT, &self.etag, Some(body));
                    let said = format!("bytes {start}-{end}/{}", self.bytes.len());
                    insert(answer.headers_mut(), header::CONTENT_RANGE, said);
                    return answer;
                }
                Range::Unsatisfiable => return self.unsatisfiable(),
            }
        }
        let (body, etag) = match self.gzip_for(headers) {
            Some(gzip) => (gzip, &self.gzip_etag),
            None => (&self.bytes, &self.etag),
        };
        let mut answer = self.build(StatusCode::OK, etag, Some(body.clone()));
        if *etag == self.gzip_etag {
            answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if *method == Method::HEAD {
            *answer.body_mut() = Full::default();
        }
        answer
    }

    fn build(&self, status: StatusCode, etag: &HeaderValue, body: Option<Bytes>) -> Answer {
        let length = body.as_ref().map(Bytes::len);
        let mut answer = Response::new(Full::new(body.unwrap_or_default()));
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.reserve(8);
        headers.insert(header::ETAG, etag.clone());
        headers.insert(header::CACHE_CONTROL, self.cache_control.clone());
        if self.compressible {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if let Some(length) = length {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            headers.insert(header::CONTENT_TYPE, self.content_type.clone());
            headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        }
        answer
    }

    fn unsatisfiable(&self) -> Answer {
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
        insert(answer.headers_mut(), header::CONTENT_RANGE, format!("bytes */{}", self.bytes.len()));
        answer.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        answer
    }

    fn gzip_for(&self, headers: &HeaderMap) -> Option<&Bytes> {
        if self.compressible && accepts_gzip(headers) { self.gzip() } else { None }
    }

    /// The compressed form, made on the first call; none when it is not smaller.
    fn gzip(&self) -> Option<&Bytes> {
        if !self.compressible {
            return None;
        }
        let make = || {
            let fast = self.bytes.len() > COMPRESS_BEST_BYTES_MAX;
            let level = if fast { Compression::fast() } else { Compression::default() };
            let mut encoder = GzEncoder::new(Vec::with_capacity(self.bytes.len() / 2), level);
            let mut packed = encoder.write_all(&self.bytes).and_then(|()| encoder.finish()).ok()?;
            packed.shrink_to_fit();
            (packed.len() < self.bytes.len()).then(|| Bytes::from(packed))
        };
        self.gzip.get_or_init(make).as_ref()
    }
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, text: String) {
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(name, value);
    }
}
