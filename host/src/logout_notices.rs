//! Carries the hub's logout notices to back ends (OpenID Connect Back-Channel Logout 1.0, section 2.5), through the one checked
//! connector. A notice that does not arrive is tried again twice; back ends must introspect besides.

use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use yizhan_auth::flow::revoke::LogoutNotice;
use yizhan_domain::limits::AppLimits;
use yizhan_sandbox::egress::{Caller, Egress, EgressConfig, EgressSession, Target, Timeouts};

/// How often a notice is tried, with a pause before each try but the first.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(20)];
/// How long a back end may take to answer, milliseconds.
const ANSWER_MS_MAX: u64 = 5_000;

/// Sends notices, each in a task of its own. A development hub also reaches back ends on this machine.
pub(crate) fn sender(handle: Handle, development: bool) -> Box<dyn Fn(LogoutNotice) + Send + Sync> {
    Box::new(move |notice| {
        let connector = handle.clone();
        handle.spawn(async move {
            for pause in PAUSES {
                tokio::time::sleep(pause).await;
                match send(&notice, connector.clone(), development).await {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(
                        client = %notice.client, error = format!("{error:#}"), "a logout notice did not arrive"
                    ),
                }
            }
        });
    })
}

async fn send(notice: &LogoutNotice, handle: Handle, development: bool) -> anyhow::Result<()> {
    let path = notice.uri.find("://").and_then(|at| notice.uri[at + 3..].find(['/', '?']).map(|end| at + 3 + end));
    let target: Target = notice.uri[..path.unwrap_or(notice.uri.len())].parse()?;
    let operator_hosts = if development { vec![target.clone()] } else { Vec::new() };
    let egress = Egress::new(EgressConfig { operator_hosts, ..EgressConfig::new(handle) })?;
    let limits = AppLimits { egress_total_ms_max: ANSWER_MS_MAX, ..AppLimits::default() };
    let session = EgressSession::new(&egress, Caller::Platform, Arc::new([target]), &limits);
    let body = format!("logout_token={}", yizhan_domain::path::encode(&notice.token));
    let request = Request::post(&notice.uri)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(body)))?;
    let answer = session.send(request, Timeouts::default()).await?;
    anyhow::ensure!(answer.status().is_success(), "{} answered {}", notice.uri, answer.status());
    Ok(())
}
