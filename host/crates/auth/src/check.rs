//! The check that makes permits. Called once per request, before the sandbox.

use crate::permit::InvokePermit;
use crate::policy::AppPolicy;
use crate::session::Session;
use std::sync::Arc;
use yizhan_domain::{Access, Context};

/// May this version handle this request? An open app never sees a session; an expired session counts as signed out.
#[must_use]
pub fn invoke(context: &Context, policy: &Arc<AppPolicy>, session: Option<Arc<Session>>) -> InvokePermit {
    let session = match policy.access {
        Access::Open => None,
        Access::IdentityRequired => {
            session.filter(|session| session.app == policy.app && session.expires > context.now)
        }
    };
    InvokePermit { policy: Arc::clone(policy), session }
}
