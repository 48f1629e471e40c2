//! References of a page: which origin they lead to, and whether a file of the app answers them.

use super::contents::Contents;

/// Where a reference leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Into the same page, to a mail program, a telephone, or data inside the reference: nothing to look for.
    Elsewhere,
    /// A script in the place of an address.
    Script,
    /// Another origin.
    External,
    /// A path of the app's own origin, decoded and without `.` and `..`.
    Path(String),
}

/// Paths under `/.yizhan/` that the host answers itself.
const HOST_PATHS: [&str; 5] =
    ["/.yizhan/login", "/.yizhan/callback", "/.yizhan/logout", "/.yizhan/bridge.js", "/.yizhan/beacon"];

/// Endings of files; what has another ending, or none, may be a route.
const FILE_ENDINGS: [&str; 24] = [
    "html",
    "htm",
    "css",
    "js",
    "mjs",
    "json",
    "map",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "svg",
    "webp",
    "avif",
    "ico",
    "woff",
    "woff2",
    "ttf",
    "pdf",
    "mp3",
    "mp4",
    "webm",
    "txt",
    "webmanifest",
];

/// Reads a reference that stands in the page with this path of the origin, as in `/guide/index.html`.
pub(super) fn target(page: &str, reference: &str) -> Target {
    let reference: String = reference.trim().chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    if let Some(scheme) = scheme(&reference) {
        return match scheme.as_str() {
            "http" | "https" | "ws" | "wss" => Target::External,
            "javascript" => Target::Script,
            _ => Target::Elsewhere,
        };
    }
    if reference.starts_with("//") || reference.starts_with("\\\\") || reference.starts_with("/\\") {
        return Target::External;
    }
    let path = reference.split(['?', '#']).next().unwrap_or_default();
    if path.is_empty() || path.contains("{{") || path.contains("${") {
        return Target::Elsewhere;
    }
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") };
    Target::Path(without_dots(&decode(&whole)))
}

/// Whether the path leads nowhere. With a component, or a page for unknown paths, only what looks like a file can be
/// judged.
pub(super) fn is_broken(contents: &Contents<'_>, path: &str) -> bool {
    if path.starts_with("/.yizhan/") {
        return !HOST_PATHS.contains(&path);
    }
    let may_be_route = contents.has_component || contents.has_fallback;
    !contents.serves(path) && (looks_like_file(path) || !may_be_route)
}

fn looks_like_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').is_some_and(|(_, ending)| FILE_ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

fn scheme(reference: &str) -> Option<String> {
    let (scheme, _) = reference.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then(|| scheme.to_ascii_lowercase())
}

fn decode(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let pair = bytes.get(index + 1..index + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let value = pair.filter(|_| bytes[index] == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok());
        decoded.push(value.unwrap_or(bytes[index]));
        index += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Takes `.` and `..` out as browsers do (WHATWG URL): never above the root.
fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let mut ends_in_folder = false;
    for part in path.split('/').skip(1) {
        ends_in_folder = matches!(part, "" | "." | "..");
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    let slash = if ends_in_folder && !parts.is_empty() { "/" } else { "" };
    format!("/{}{slash}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_as_browsers_do() {
        let path = |reference: &str| match target("/guide/index.html", reference) {
            Target::Path(path) => path,
            other => format!("{other:?}"),
        };
        assert_eq!(path("a.css"), "/guide/a.css");
        assert_eq!(path("./x/../b.css?v=1#top"), "/guide/b.css");
        assert_eq!(path("../../../c.css"), "/c.css");
        assert_eq!(path("/%E5%9B%BE.png"), "/图.png");
        assert_eq!(path(".."), "/");
        assert_eq!(path("sub/"), "/guide/sub/");
        for elsewhere in ["#top", "", "?page=2", "mailto:a@b.cn", "tel:12345", "data:image/png;base64,AA", "{{ url }}"]
        {
            assert_eq!(path(elsewhere), "Elsewhere", "{elsewhere}");
        }
        for external in ["https://a.cn/x", "HTTP://a.cn", "//a.cn/x", "/\\a.cn", "ht\ntps://a.cn"] {
            assert_eq!(path(external), "External", "{external}");
        }
        assert_eq!(path(" JavaScript:alert(1)"), "Script");
    }
}
