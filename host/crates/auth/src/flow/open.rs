//! Step 5, 解密用户信息 `open`: hands over the values of granted claims, after the access log has the opening.

use crate::access_log::{AccessLog, Opening, Outcome};
use crate::directory::Directory;
use crate::permit::InvokePermit;
use crate::{AuthError, claims};
use yizhan_domain::{Claim, Context, Permission};

/// Most claims of one opening.
pub const CLAIMS_MAX: usize = 16;

/// Where values come from and where openings are written.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Holds the values.
    pub directory: &'a dyn Directory,
    /// Is written before a value leaves.
    pub log: &'a dyn AccessLog,
}

/// Opens claims for a purpose, in the order asked. All or nothing; a refusal is written to the access log too.
///
/// # Errors
/// Whatever [`AuthError`] says of claim, purpose, grant, expiry, directory and log.
pub fn open(
    context: &Context,
    permit: &InvokePermit,
    sources: Sources<'_>,
    purpose: &str,
    names: &[String],
) -> Result<Vec<(Claim, String)>, AuthError> {
    let checked = check(context, permit, purpose, names);
    let outcome = match &checked {
        Ok(_) => Outcome::Opened,
        Err(error) => Outcome::Refused(error.to_string()),
    };
    sources.log.append(opening(context, permit, purpose, names, outcome)).map_err(|_| AuthError::AccessLog)?;
    let claims = checked?;
    let session = permit.session.as_ref().ok_or(AuthError::SignedOut)?;
    let person = sources.directory.find_person(&session.person).ok_or(AuthError::SignedOut)?;
    claims
        .into_iter()
        .map(|claim| {
            claims::value(&person, claim, context.now).map(|value| (claim, value)).ok_or(AuthError::NoDatum(claim))
        })
        .collect()
}

fn check(context: &Context, permit: &InvokePermit, purpose: &str, names: &[String]) -> Result<Vec<Claim>, AuthError> {
    if names.len() > CLAIMS_MAX {
        return Err(AuthError::TooMany { what: "claims of one opening", max: CLAIMS_MAX as u64 });
    }
    let session = permit.session.as_ref().ok_or(AuthError::SignedOut)?;
    let claims: Vec<Claim> =
        names.iter().map(|name| name.parse()).collect::<Result<_, _>>().map_err(AuthError::UnknownClaim)?;
    for claim in &claims {
        if !permit.policy.declares_claim(*claim) {
            return Err(AuthError::NotDeclared(Permission::Identity(*claim)));
        }
        if !permit.policy.declares(*claim, purpose) {
            return Err(AuthError::Purpose { claim: *claim, purpose: purpose.chars().take(64).collect() });
        }
        let grant = session.grant.as_ref().ok_or(AuthError::NotGranted(*claim))?;
        if grant.expires <= context.now {
            return Err(AuthError::Expired);
        }
        if !grant.claims.iter().any(|(granted, for_purpose)| granted == claim && for_purpose == purpose) {
            return Err(AuthError::NotGranted(*claim));
        }
    }
    Ok(claims)
}

fn opening(context: &Context, permit: &InvokePermit, purpose: &str, names: &[String], outcome: Outcome) -> Opening {
    Opening {
        at: context.now,
        request: context.id,
        person: permit.session.as_ref().map(|session| session.person.clone()),
        app: permit.policy.app.clone(),
        version: permit.policy.digest,
        purpose: purpose.chars().take(64).collect(),
        claims: names.iter().take(CLAIMS_MAX).map(|name| name.chars().take(32).collect()).collect(),
        outcome,
    }
}

#[cfg(test)]
mod tests;
