//! Headers of the host's own pages: the portal, sign-in, error pages.

use super::{PERMISSIONS_POLICY, apply_fixed, permissions, value};
use http::{HeaderMap, HeaderValue, header};

/// Header values of the host's pages, made once per process.
#[derive(Debug, Clone)]
pub(crate) struct HubHeaders {
    csp: HeaderValue,
    permissions: HeaderValue,
}

impl HubHeaders {
    /// The headers.
    pub(crate) fn new() -> Self {
        let csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                   base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        Self { csp: HeaderValue::from_static(csp), permissions: value(permissions(std::iter::empty())) }
    }

    /// Adds them: nothing inline, never framed, never stored, no referrer.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        headers.insert(header::CONTENT_SECURITY_POLICY, self.csp.clone());
        headers.insert(PERMISSIONS_POLICY, self.permissions.clone());
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        apply_fixed(headers);
    }

    /// As [`HubHeaders::apply`], for a page whose forms end at `origin`: Chromium holds the redirects after a form against
    /// `form-action`. What is not an origin is left out.
    pub(crate) fn apply_with_form_target(&self, headers: &mut HeaderMap, origin: &str) {
        self.apply(headers);
        let is_origin = origin.starts_with("https://") || origin.starts_with("http://");
        if !is_origin || origin.bytes().any(|byte| !byte.is_ascii_graphic() || b"'\",;*".contains(&byte)) {
            return;
        }
        let csp = self.csp.to_str().unwrap_or_default();
        let wider = csp.replace("form-action 'self'", &format!("form-action 'self' {origin}"));
        headers.insert(header::CONTENT_SECURITY_POLICY, value(wider));
    }
}

/// For a file of an app that the portal shows from its own origin (an icon): opened as a page it can do nothing there.
pub(crate) fn apply_to_icon(headers: &mut HeaderMap) {
    let csp = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(csp));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    apply_fixed(headers);
}
