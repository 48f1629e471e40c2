//! Files of an app's `public/`, served from the package's bytes without waking the guest. The router asks here first.

mod file;
mod name;
mod negotiate;
#[cfg(test)]
mod tests;

pub(crate) use file::StaticFile;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use http_body_util::Full;
use std::{borrow::Cow, collections::HashMap};
use yizhan_package::Package;

/// An answer whose body is complete.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Static files of one version of an app.
#[derive(Debug)]
pub(crate) struct Assets {
    /// By path below `public/`, without a leading `/`.
    files: HashMap<Box<str>, StaticFile>,
    /// Index file of each directory that has one, by the directory's path without slashes around; `""` is the root.
    indexes: HashMap<Box<str>, Box<str>>,
    /// File for unknown paths, below `public/`.
    fallback: Option<Box<str>>,
}

impl Assets {
    /// The files below `public/` of a package. Shares its bytes; a file's digest comes from the package's listing.
    pub(crate) fn of(package: &Package) -> Self {
        let mut files = HashMap::new();
        for (line, (path, content)) in package.listing().lines().zip(package.files()) {
            let Some(name) = path.strip_prefix("public/") else { continue };
            if !is_reserved(name) {
                let digest = line.split(' ').next().unwrap_or_default();
                files.insert(Box::from(name), StaticFile::new(name, content.clone(), digest));
            }
        }
        let fallback = package.manifest().gov_spa_fallback.as_deref().and_then(|path| path.strip_prefix("public/"));
        Self::new(files, fallback)
    }

    fn new(files: HashMap<Box<str>, StaticFile>, fallback: Option<&str>) -> Self {
        let directory = |name: &str| match name.strip_suffix("index.html")? {
            "" => Some(Box::from("")),
            directory => directory.strip_suffix('/').map(Box::from),
        };
        let indexes = files.keys().filter_map(|name| Some((directory(name)?, name.clone()))).collect();
        Self { files, indexes, fallback: fallback.map(Box::from) }
    }

    /// Answers GET and HEAD of a file: `/` is `index.html`, `/dir/` is `dir/index.html`, `/dir` is sent on to `/dir/` (308)
    /// when that has an index. `None` for other methods, unknown paths and everything below `/.yizhan`.
    pub(crate) fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Answer> {
        if *method != Method::GET && *method != Method::HEAD {
            return None;
        }
        let name = decode(uri.path().strip_prefix('/')?)?;
        if is_reserved(&name) {
            return None;
        }
        if let Some(file) = self.files.get(name.as_ref()) {
            return Some(file.answer(method, headers));
        }
        if name.is_empty() || name.ends_with('/') {
            let index = self.indexes.get(name.strip_suffix('/').unwrap_or_default())?;
            return Some(self.files.get(index)?.answer(method, headers));
        }
        self.indexes.contains_key(name.as_ref()).then(|| to_directory(uri)).flatten()
    }

    /// Answers a navigation to an unknown path with the app's declared fallback page; `None` when it declares none or the
    /// request is not for a page.
    pub(crate) fn answer_fallback(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Answer> {
        let readable = (*method == Method::GET || *method == Method::HEAD) && super::problem::wants_html(headers);
        if !readable || is_reserved(&decode(uri.path().strip_prefix('/')?)?) {
            return None;
        }
        Some(self.files.get(self.fallback.as_deref()?)?.answer(method, headers))
    }

    /// A file by its path below `public/`, for instance an icon that the portal shows.
    pub(crate) fn find(&self, name: &str) -> Option<&StaticFile> {
        self.files.get(name)
    }

    /// Compresses now what would be compressed on the first request; call it away from the threads that serve.
    pub(crate) fn compress_all(&self) {
        self.files.values().for_each(StaticFile::compress);
    }
}

/// Whether a decoded path below the root belongs to the host.
fn is_reserved(name: &str) -> bool {
    name.split('/').next().is_some_and(|first| first.eq_ignore_ascii_case(".yizhan"))
}

/// Percent-decoding of a path; `None` for what cannot name a file: a broken escape, an encoded `/`, a `\`, a control
/// character, not UTF-8.
fn decode(path: &str) -> Option<Cow<'_, str>> {
    if path.bytes().any(|byte| byte == b'\\' || byte.is_ascii_control()) {
        return None;
    }
    if !path.contains('%') {
        return Some(Cow::Borrowed(path));
    }
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let value = digits.iter().try_fold(0, |value, digit| Some(value * 16 + (*digit as char).to_digit(16)?))?;
        let byte = u8::try_from(value).ok()?;
        if matches!(byte, b'/' | b'\\') || byte.is_ascii_control() {
            return None;
        }
        decoded.push(byte);
        rest = after;
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn to_directory(uri: &Uri) -> Option<Answer> {
    let query = uri.query().map_or(String::new(), |query| format!("?{query}"));
    let target = HeaderValue::try_from(format!("{}/{query}", uri.path())).ok()?;
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::PERMANENT_REDIRECT;
    answer.headers_mut().insert(header::LOCATION, target);
    answer.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
    Some(answer)
}
