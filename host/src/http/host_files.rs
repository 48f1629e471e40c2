//! The host's own files at `/.yizhan/` of every origin: style sheet of its pages, `bridge.js`, its mark. Inside the binary.

use super::assets::{Answer, StaticFile};
use bytes::Bytes;
use http::{HeaderMap, Method, Uri};

const PAGE_STYLE: &[u8] = include_bytes!("../../web/styles/page.css");
const ACCOUNT_STYLE: &[u8] = include_bytes!("../../web/styles/account.css");
const FLOW_SCRIPT: &[u8] = include_bytes!("../../web/flow.js");
const BRIDGE: &[u8] = include_bytes!("../../web/bridge.js");
const BRIDGE_TYPES: &[u8] = include_bytes!("../../web/bridge.d.ts");
const MARK: &[u8] = include_bytes!("../../web/icons/mark.svg");

/// Digests, computed by the compiler.
const PAGE_STYLE_DIGEST: u64 = fnv(PAGE_STYLE);
const ACCOUNT_STYLE_DIGEST: u64 = fnv(ACCOUNT_STYLE);
const FLOW_SCRIPT_DIGEST: u64 = fnv(FLOW_SCRIPT);

/// Address of the style sheet of the host's pages; it changes with the content.
pub(crate) fn page_style_address() -> String {
    format!("/.yizhan/page.css?v={PAGE_STYLE_DIGEST:016x}")
}

/// Address of the style sheet of sign-in, consent and account pages.
pub(crate) fn account_style_address() -> String {
    format!("/.yizhan/account.css?v={ACCOUNT_STYLE_DIGEST:016x}")
}

/// Address of the script of sign-in and consent pages.
pub(crate) fn flow_script_address() -> String {
    format!("/.yizhan/flow.js?v={FLOW_SCRIPT_DIGEST:016x}")
}

/// The files, made once per process.
#[derive(Debug)]
pub(crate) struct HostFiles {
    files: [(&'static str, StaticFile); 6],
    /// Under addresses that change with the content.
    immutable: [(String, StaticFile); 3],
}

impl HostFiles {
    /// Takes the files out of the binary.
    pub(crate) fn new() -> Self {
        let file = |name, bytes| StaticFile::new(name, Bytes::from_static(bytes), &format!("{:016x}", fnv(bytes)));
        Self {
            files: [
                ("page.css", file("page.css", PAGE_STYLE)),
                ("bridge.js", file("bridge.js", BRIDGE)),
                ("bridge.d.ts", file("bridge.d.ts", BRIDGE_TYPES)),
                ("mark.svg", file("mark.svg", MARK)),
                ("account.css", file("account.css", ACCOUNT_STYLE)),
                ("flow.js", file("flow.js", FLOW_SCRIPT)),
            ],
            immutable: [
                (page_style_address(), file("page.css", PAGE_STYLE).immutable()),
                (account_style_address(), file("account.css", ACCOUNT_STYLE).immutable()),
                (flow_script_address(), file("flow.js", FLOW_SCRIPT).immutable()),
            ],
        }
    }

    /// Answers GET and HEAD of a file of the host; `None` for everything else.
    pub(crate) fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Answer> {
        let name = uri.path().strip_prefix("/.yizhan/")?;
        if *method != Method::GET && *method != Method::HEAD {
            return None;
        }
        let asked = uri.path_and_query().map(|asked| asked.as_str());
        if let Some((_, file)) = self.immutable.iter().find(|(address, _)| Some(address.as_str()) == asked) {
            return Some(file.answer(method, headers));
        }
        self.files.iter().find(|(known, _)| *known == name).map(|(_, file)| file.answer(method, headers))
    }
}

/// FNV-1a, 64 bits: names a content of our own, where no one has a reason to collide.
const fn fnv(bytes: &[u8]) -> u64 {
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    let mut index = 0;
    while index < bytes.len() {
        digest = (digest ^ bytes[index] as u64).wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache_control(uri: &str) -> Option<String> {
        let answer = HostFiles::new().answer(&Method::GET, &uri.parse().expect("uri"), &HeaderMap::new())?;
        Some(answer.headers()["cache-control"].to_str().expect("text").to_owned())
    }

    #[test]
    fn only_the_address_with_the_right_digest_is_kept_for_a_year() {
        assert_eq!(cache_control(&page_style_address()).expect("there"), "public, max-age=31536000, immutable");
        assert_eq!(cache_control("/.yizhan/page.css?v=old").expect("there"), "no-cache");
        assert_eq!(cache_control("/.yizhan/bridge.js").expect("there"), "no-cache");
        assert_eq!(cache_control("/.yizhan/login"), None);
        assert_eq!(cache_control("/page.css"), None);
    }

    #[test]
    fn the_script_of_the_flow_stays_small_and_is_kept_by_its_digest() {
        assert!(FLOW_SCRIPT.len() <= 3 << 10, "{} bytes", FLOW_SCRIPT.len());
        for address in [flow_script_address(), account_style_address()] {
            assert_eq!(cache_control(&address).expect("there"), "public, max-age=31536000, immutable");
        }
    }

    #[test]
    fn the_bridge_stays_small_and_its_types_name_every_function() {
        assert!(BRIDGE.len() <= 6 << 10, "{} bytes", BRIDGE.len());
        let types = String::from_utf8_lossy(BRIDGE_TYPES);
        for function in ["visitor", "setVisitor", "onVisitorChange", "authorize", "signOut", "back", "share", "usable"]
        {
            assert!(String::from_utf8_lossy(BRIDGE).contains(&format!("{function}: {function}")), "{function}");
            assert!(types.contains(&format!("  {function}(")), "{function}");
        }
    }
}
