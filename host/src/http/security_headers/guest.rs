//! What of a guest's headers passes.

use super::PERMISSIONS_POLICY;
use crate::http::cookies::is_hop_by_hop;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use yizhan_domain::Access;

/// Removes what a guest must not say.
pub(super) fn clean(headers: &mut HeaderMap, access: Access) {
    let doomed: Vec<HeaderName> = headers.keys().filter(|name| is_refused(name.as_str(), access)).cloned().collect();
    for name in doomed {
        headers.remove(name);
    }
    if headers.get_all(header::CONTENT_SECURITY_POLICY).iter().any(reports) {
        drop_reports(headers);
    }
}

fn is_refused(name: &str, access: Access) -> bool {
    let cors = || name.starts_with("access-control-") || name == "timing-allow-origin";
    is_hop_by_hop(name)
        || is_connection_wide(name)
        || is_report(name)
        || is_front_servers(name)
        || name.starts_with("x-yizhan-")
        || (access == Access::IdentityRequired && cors())
}

/// About the connection, the origin's storage or the whole site: the host's business.
fn is_connection_wide(name: &str) -> bool {
    matches!(
        name,
        "server"
            | "date"
            | "clear-site-data"
            | "alt-svc"
            | "strict-transport-security"
            | "public-key-pins"
            | "public-key-pins-report-only"
            | "expect-ct"
            | "set-login"
            | "origin-agent-cluster"
            | "service-worker-allowed"
            | "cross-origin-opener-policy"
            | "cross-origin-resource-policy"
            | "x-content-type-options"
    )
}

/// Browsers send reports to any address, past `connect-src`.
fn is_report(name: &str) -> bool {
    matches!(
        name,
        "nel"
            | "report-to"
            | "reporting-endpoints"
            | "content-security-policy-report-only"
            | "permissions-policy-report-only"
            | "cross-origin-opener-policy-report-only"
            | "cross-origin-embedder-policy-report-only"
    )
}

/// Orders to a web server in front of the host, for instance to send one of its files.
fn is_front_servers(name: &str) -> bool {
    name.starts_with("x-accel-") || name.starts_with("x-sendfile") || name == "x-lighttpd-send-file"
}

fn reports(policy: &HeaderValue) -> bool {
    policy.as_bytes().windows(6).any(|six| six.eq_ignore_ascii_case(b"report"))
}

/// Keeps the guest's policies without the directives that say where to report; a policy that is not ASCII goes, as
/// browsers ignore it.
fn drop_reports(headers: &mut HeaderMap) {
    let lines: Vec<HeaderValue> = headers.get_all(header::CONTENT_SECURITY_POLICY).iter().cloned().collect();
    headers.remove(header::CONTENT_SECURITY_POLICY);
    for line in lines.iter().filter_map(|line| line.to_str().ok()) {
        let policies = line.split(',').map(|policy| {
            let kept = policy.split(';').filter(|directive| {
                let name = directive.split_ascii_whitespace().next().unwrap_or_default();
                !name.eq_ignore_ascii_case("report-uri") && !name.eq_ignore_ascii_case("report-to")
            });
            kept.collect::<Vec<_>>().join(";")
        });
        let kept = policies.collect::<Vec<_>>().join(",");
        if let Ok(value) = HeaderValue::try_from(kept) {
            headers.append(header::CONTENT_SECURITY_POLICY, value);
        }
    }
}

/// Our policy with the features that the guest switches off appended: in a structured dictionary the last entry of a name
/// holds (RFC 9651 section 4.2.2). Everything else that the guest says is dropped; `None` when it says nothing useful.
pub(super) fn tightened_permissions(headers: &HeaderMap, ours: &HeaderValue) -> Option<HeaderValue> {
    let mut tightened = String::new();
    for line in headers.get_all(&PERMISSIONS_POLICY) {
        for item in line.to_str().unwrap_or_default().split(',').map(str::trim) {
            let feature = item.strip_suffix("=()").unwrap_or_default();
            if !feature.is_empty() && feature.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
                tightened.push_str(", ");
                tightened.push_str(item);
            }
        }
    }
    if tightened.is_empty() {
        return None;
    }
    HeaderValue::try_from(format!("{}{tightened}", ours.to_str().ok()?)).ok()
}

/// Whether the guest asks for exactly `no-referrer`, the only policy stricter than ours.
pub(super) fn sends_no_referrer(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::REFERRER_POLICY).iter();
    lines.next().is_some_and(|line| line.as_bytes().eq_ignore_ascii_case(b"no-referrer")) && lines.next().is_none()
}
