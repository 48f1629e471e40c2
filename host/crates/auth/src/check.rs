//! The check that makes permits. Called once per request, before the sandbox.

use crate::permit::InvokePermit;
use crate::policy::AppPolicy;
use crate::runtime::Runtime;
use crate::runtime::confirm::Confirmed;
use crate::session::Session;
use std::sync::Arc;
use yizhan_domain::{Access, Context};

/// May this version of an open app handle a request? Always, and without asking anybody; none for an app that needs identity.
#[must_use]
pub fn open(policy: &Arc<AppPolicy>) -> Option<InvokePermit> {
    (policy.access == Access::Open).then(|| InvokePermit { policy: Arc::clone(policy), session: None })
}

/// May this version handle this request? `token` is the session cookie of the request, if it may carry one. An open app
/// never sees a session; a session that has ended, here or at the hub, counts as signed out. When the hub cannot be asked
/// the request goes on, and its identity calls are refused.
pub async fn invoke(
    context: &Context,
    runtime: &Runtime,
    policy: &Arc<AppPolicy>,
    token: Option<&str>,
) -> InvokePermit {
    let mut permit = InvokePermit { policy: Arc::clone(policy), session: None };
    let Some(token) = token.filter(|_| policy.access == Access::IdentityRequired) else { return permit };
    match Session::find(context, runtime, &policy.app, token).await {
        Ok(session) => permit.session = session,
        Err(error) => {
            tracing::error!(app = %policy.app, %error, "sessions cannot be read: the request counts as signed out")
        }
    }
    if let Some(Confirmed::Ended) = permit.confirm(context, runtime).await {
        permit.session = None;
    }
    permit
}
