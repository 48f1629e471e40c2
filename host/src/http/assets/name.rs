//! What a file's name says: its content type, whether it is worth compressing, whether it names its own content.

use http::HeaderValue;

/// Content type by the name's ending; text has `charset=utf-8`, unknown endings are `application/octet-stream`.
pub(crate) fn content_type(name: &str) -> HeaderValue {
    let Some(kind) = mime_guess::from_path(name).first_raw() else {
        return HeaderValue::from_static("application/octet-stream");
    };
    if is_text(kind) {
        return HeaderValue::try_from(format!("{kind}; charset=utf-8"))
            .unwrap_or(HeaderValue::from_static("text/plain"));
    }
    HeaderValue::from_static(kind)
}

/// Whether files of this type shrink: text in all its forms, WebAssembly, old fonts and bitmaps.
pub(crate) fn is_compressible(content_type: &HeaderValue) -> bool {
    let Ok(kind) = content_type.to_str() else { return false };
    is_text(kind.split(';').next().unwrap_or_default())
        || matches!(
            kind,
            "application/wasm"
                | "font/ttf"
                | "font/otf"
                | "application/vnd.ms-fontobject"
                | "image/bmp"
                | "image/x-icon"
        )
}

fn is_text(kind: &str) -> bool {
    kind.starts_with("text/")
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
        || matches!(kind, "application/json" | "application/xml" | "application/javascript")
}

/// Whether a build tool put a digest of the content into the name, so that the name never means other content:
/// `app-3f9a1c2b.js`, `app.3f9a1c2b.css`, and `assets/index-DiwrgTd4.js` as Vite writes it. Names that people write
/// (`report-20240101.pdf`, `page-Version2.html`) must not match: a wrong yes cannot be taken back for a year.
pub(crate) fn is_fingerprinted(name: &str) -> bool {
    let (directory, file) = name.rsplit_once('/').unwrap_or(("", name));
    let Some((stem, _ending)) = file.rsplit_once('.') else { return false };
    if let Some((_, last)) = stem.rsplit_once(['-', '.'])
        && is_hex_digest(last)
    {
        return true;
    }
    let in_assets = directory == "assets" || directory.ends_with("/assets");
    // Vite's digest is 8 characters of base64url, which may hold `-` itself.
    let at = stem.len().checked_sub(9).filter(|at| stem.is_char_boundary(*at));
    in_assets && at.is_some_and(|at| stem[at..].strip_prefix('-').is_some_and(is_vite_digest))
}

fn is_hex_digest(text: &str) -> bool {
    (8..=64).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_vite_digest(text: &str) -> bool {
    let inner = text.as_bytes().get(1..).unwrap_or_default();
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && inner.iter().any(u8::is_ascii_uppercase)
}
