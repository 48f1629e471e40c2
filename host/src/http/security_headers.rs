//! Security headers of every answer, made once from the manifest, and what is taken off a guest's headers before. A guest
//! may tighten, never loosen. The router calls `clean_guest` on answers of components and `apply` on every answer.

mod guest;
mod hub;
#[cfg(test)]
mod tests;

pub(crate) use hub::{HubHeaders, apply_to_icon};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use yizhan_domain::Access;
use yizhan_package::Manifest;

const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const ORIGIN_AGENT_CLUSTER: HeaderName = HeaderName::from_static("origin-agent-cluster");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// Features that the permissions policy of an app switches off unless the manifest declares them. Only those that
/// browsers know and that are on for a top-level page by default.
const FEATURES: [&str; 30] = [
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "clipboard-write",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "web-share",
    "window-management",
    "xr-spatial-tracking",
];

/// Header values of one app.
#[derive(Debug, Clone)]
pub(crate) struct SecurityHeaders {
    csp: HeaderValue,
    permissions: HeaderValue,
    access: Access,
}

impl SecurityHeaders {
    /// The headers of an app. `portal_origin` (`http://localhost:8080`) may be reached by forms, because browsers apply
    /// `form-action` to the redirects that follow, as after signing out.
    pub(crate) fn of(manifest: &Manifest, portal_origin: &str) -> Self {
        Self {
            csp: value(app_csp(portal_origin)),
            permissions: value(permissions(manifest.gov_browser.iter().map(|declared| declared.feature.as_str()))),
            access: manifest.gov_access,
        }
    }

    /// Takes off a guest's answer what it must not say, before the host's headers are added: hop-by-hop and
    /// connection-wide headers, reports to elsewhere, the platform's own names, and, for identity-required apps, CORS.
    /// Nothing is allocated when the guest said none of it.
    pub(crate) fn clean_guest(&self, headers: &mut HeaderMap) {
        guest::clean(headers, self.access);
    }

    /// Adds the headers. A guest's own `content-security-policy` stays beside ours (both hold), of its permissions policy
    /// only what switches off, of its referrer policy only `no-referrer`.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        headers.reserve(8);
        headers.append(header::CONTENT_SECURITY_POLICY, self.csp.clone());
        let permissions = guest::tightened_permissions(headers, &self.permissions);
        headers.insert(PERMISSIONS_POLICY, permissions.unwrap_or_else(|| self.permissions.clone()));
        if !guest::sends_no_referrer(headers) {
            headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        }
        apply_fixed(headers);
    }

    /// For an answer to someone who is signed in: never stored.
    pub(crate) fn apply_signed_in(headers: &mut HeaderMap) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.remove("cdn-cache-control");
        headers.remove("surrogate-control");
    }
}

/// Apps open top-level only, so no page may frame them, the portal neither (stricter than the contract, which allows the
/// portal). Everything comes from the app's own origin; pictures may also be made by its scripts.
fn app_csp(portal_origin: &str) -> String {
    format!(
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'self'; \
         form-action 'self' {portal_origin}; frame-ancestors 'none'"
    )
}

fn permissions<'a>(declared: impl Iterator<Item = &'a str>) -> String {
    let declared: Vec<&str> = declared.collect();
    let rule =
        |feature: &&str| if declared.contains(feature) { format!("{feature}=(self)") } else { format!("{feature}=()") };
    FEATURES.iter().map(rule).collect::<Vec<_>>().join(", ")
}

/// Headers that are the same for every answer of apps and hub.
fn apply_fixed(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(ORIGIN_AGENT_CLUSTER, HeaderValue::from_static("?1"));
    headers.insert(CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
}

/// What cannot be a header value (a configured origin with a line break) becomes a policy that allows nothing.
fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
