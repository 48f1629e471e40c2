//! Makes access and refresh tokens: opaque, 256 bits, only their hashes are kept.

use crate::flow::scope::{Details, Scope};
use crate::provider::{ACCESS_MS, ReviewedApp, hash, new_secret};
use crate::refusal::Refusal;
use serde::Serialize;
use yizhan_domain::authorization::Custody;
use yizhan_domain::{Context, SecretHash, Timestamp};
use yizhan_store::records::{ClientRecord, GrantRecord, SessionRecord, TokenKind, TokenRecord};
use zeroize::Zeroizing;

/// Answer of the token endpoint (RFC 6749, section 5.1; RFC 9396, section 7). No `Debug`: it holds secrets.
#[derive(Serialize)]
pub struct TokenAnswer {
    /// The access token.
    pub access_token: Zeroizing<String>,
    /// `Bearer`, or `DPoP` when it is bound to a key.
    pub token_type: &'static str,
    /// Seconds until the access token ends.
    pub expires_in: u64,
    /// The refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Zeroizing<String>>,
    /// The ID token; with a code only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// What the token carries: reviewed and consented.
    pub scope: String,
    /// The same, each claim with its purpose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_details: Vec<Details>,
}

/// What tokens stand on.
pub(super) struct Basis<'a> {
    pub(super) client: &'a ClientRecord,
    pub(super) app: &'a ReviewedApp,
    pub(super) grant: &'a GrantRecord,
    /// The live session; none for a refresh of offline access.
    pub(super) session: Option<&'a SessionRecord>,
    pub(super) family: SecretHash,
    pub(super) dpop_jkt: Option<String>,
}

/// Tokens and the records that are kept of them.
pub(super) struct Issued {
    pub(super) answer: TokenAnswer,
    pub(super) records: Vec<TokenRecord>,
}

/// New random tokens.
pub(super) fn issue(context: &Context, basis: &Basis<'_>, scope: &Scope) -> Result<Issued, Refusal> {
    let refresh = if may_refresh(basis, scope) { Some(new_secret()?) } else { None };
    Ok(issue_as(context, basis, scope, (new_secret()?, refresh)))
}

/// A refresh token goes to the runtime, bound to the person's session, and to a back end with reviewed offline access that
/// the consent page showed.
fn may_refresh(basis: &Basis<'_>, scope: &Scope) -> bool {
    basis.client.custody == Custody::Runtime || is_offline(basis, scope)
}

fn is_offline(basis: &Basis<'_>, scope: &Scope) -> bool {
    scope.offline && basis.client.offline_access && basis.client.custody != Custody::Runtime
}

/// These tokens: access, and refresh if there is one.
pub(super) fn issue_as(
    context: &Context,
    basis: &Basis<'_>,
    scope: &Scope,
    (access, refresh): (Zeroizing<String>, Option<Zeroizing<String>>),
) -> Issued {
    let last = match basis.session {
        Some(session) if !is_offline(basis, scope) => basis.grant.expires.min(session.expires),
        _ => basis.grant.expires,
    };
    let access_end = last.min(context.now.plus_ms(ACCESS_MS));
    let record = |hash, kind, expires: Timestamp| TokenRecord {
        hash,
        kind,
        client: basis.client.id.clone(),
        grant: basis.grant.id.clone(),
        family: basis.family,
        session: basis.session.filter(|_| !is_offline(basis, scope)).map(|session| session.id.clone()),
        generation: basis.app.generation,
        scopes: scope.to_kept(),
        dpop_jkt: basis.dpop_jkt.clone(),
        at: context.now,
        expires,
    };
    let mut records = vec![record(hash(&access), TokenKind::Access, access_end)];
    records.extend(refresh.as_ref().map(|refresh| record(hash(refresh), TokenKind::Refresh, last)));
    let answer = TokenAnswer {
        access_token: access,
        token_type: if basis.dpop_jkt.is_some() { "DPoP" } else { "Bearer" },
        expires_in: access_end.0.saturating_sub(context.now.0) / 1000,
        refresh_token: refresh,
        id_token: None,
        scope: scope.as_text(),
        authorization_details: scope.details(),
    };
    Issued { answer, records }
}
