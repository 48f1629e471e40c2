//! Step 5, 解密用户信息 `open`: an envelope of its own for each opening is fetched, opened with the app's key, verified and
//! used once; the audit has it before a value leaves.

mod envelope;
mod trail;

use crate::AuthError;
use crate::permit::InvokePermit;
use crate::runtime::Runtime;
use crate::runtime::confirm::Confirmed;
use crate::runtime::tokens::{self, TokenError};
use crate::session::Session;
use std::sync::Arc;
use yizhan_domain::{Claim, Context, Permission};
use zeroize::Zeroizing;

pub use crate::runtime::quota::OPENS_PER_MINUTE;

/// Most claims of one opening.
pub const CLAIMS_MAX: usize = 16;

/// Claims with their values, wiped from memory when dropped.
pub type Opened = Vec<(Claim, Zeroizing<String>)>;

/// Opens claims for a purpose, in the order asked. All or nothing; a refusal is audited too.
///
/// # Errors
/// Whatever [`AuthError`] says of claim, purpose, grant, quota, envelope and audit.
pub async fn open(
    context: &Context,
    runtime: &Runtime,
    permit: &InvokePermit,
    purpose: &str,
    names: &[String],
) -> Result<Opened, AuthError> {
    let asking = trail::Asking { context, permit, purpose, names };
    let opened = steps(&asking, runtime).await;
    if let Err(error) = &opened {
        trail::refused(&asking, runtime, error).await?;
        trail::tell_hub(&asking, runtime, error).await;
    }
    opened
}

async fn steps(asking: &trail::Asking<'_>, runtime: &Runtime) -> Result<Opened, AuthError> {
    let trail::Asking { context, permit, purpose, names } = *asking;
    let session = permit.session.as_ref().ok_or(AuthError::SignedOut)?;
    let claims = declared(permit, purpose, names)?;
    granted(context, runtime, permit, (purpose, &claims)).await?;
    if !runtime.quota.take(&session.record.app, &session.record.subject, runtime.ticks.ms()) {
        return Err(AuthError::TooMany { what: "openings in one minute", max: OPENS_PER_MINUTE });
    }
    let session = fresh(context, runtime, session).await?;
    envelope::open(asking, runtime, &session, &claims).await
}

/// The claims, each among the app's permissions and declared for the purpose.
pub(crate) fn declared(permit: &InvokePermit, purpose: &str, names: &[String]) -> Result<Vec<Claim>, AuthError> {
    if names.len() > CLAIMS_MAX {
        return Err(AuthError::TooMany { what: "claims of one opening", max: CLAIMS_MAX as u64 });
    }
    let claims: Vec<Claim> =
        names.iter().map(|name| name.parse()).collect::<Result<_, _>>().map_err(AuthError::UnknownClaim)?;
    for claim in &claims {
        if !permit.policy.declares_claim(*claim) {
            return Err(AuthError::NotDeclared(Permission::Identity(*claim)));
        }
        if !permit.policy.declares(*claim, purpose) {
            return Err(AuthError::Purpose { claim: *claim, purpose: purpose.chars().take(64).collect() });
        }
    }
    Ok(claims)
}

/// The hub says now that each of them is granted for the purpose.
async fn granted(
    context: &Context,
    runtime: &Runtime,
    permit: &InvokePermit,
    (purpose, claims): (&str, &[Claim]),
) -> Result<(), AuthError> {
    let granted = match permit.confirm(context, runtime).await {
        Some(Confirmed::Stands(granted)) => permit.authorization_of(&granted).granted,
        None | Some(Confirmed::Ended) => return Err(AuthError::SignedOut),
        Some(Confirmed::Unknown) => return Err(AuthError::Unavailable),
    };
    let missing = |claim: &&Claim| !granted.iter().any(|(found, of)| found == *claim && of == purpose);
    claims.iter().find(missing).map_or(Ok(()), |claim| Err(AuthError::NotGranted(*claim)))
}

/// The session with an access token that is good for now.
pub(crate) async fn fresh(
    context: &Context,
    runtime: &Runtime,
    session: &Arc<Session>,
) -> Result<Arc<Session>, AuthError> {
    tokens::fresh(context, runtime, session).await.map_err(|error| match error {
        TokenError::Ended => AuthError::SignedOut,
        TokenError::Unavailable => AuthError::Unavailable,
    })
}

#[cfg(test)]
mod tests;
