//! Tokens and their families. A token counts only while its family has not been ended and its grant not been revoked, so
//! ending thousands is one write.

use super::{
    expiry::{self, Ending, is_live},
    grants, value,
};
use crate::{
    engine::{Step, Table, Tables},
    error::StoreError,
    records::{GrantRecord, Rotation, TokenKind, TokenRecord, Trails},
};
use serde::{Deserialize, Serialize};
use yizhan_domain::{ClientId, GrantId, SecretHash, Timestamp};

#[derive(Serialize, Deserialize)]
struct Kept {
    token: TokenRecord,
    /// A refresh token that was rotated; it stays to tell a replay.
    spent: bool,
}

impl Ending for Kept {
    fn ends(&self) -> Timestamp {
        self.token.expires
    }
}

/// A family that was ended. It may be forgotten with its grant: then that alone refuses the tokens.
#[derive(Serialize, Deserialize)]
struct Ended {
    until: Timestamp,
}

impl Ending for Ended {
    fn ends(&self) -> Timestamp {
        self.until
    }
}

/// What all tokens that came from one code share.
pub(super) struct Family {
    hash: SecretHash,
    grant: GrantId,
    client: ClientId,
    ends: Timestamp,
}

impl Family {
    pub(super) fn new(hash: SecretHash, grant: GrantRecord) -> Self {
        Self { hash, grant: grant.id, client: grant.client, ends: grant.expires }
    }
}

/// Keeps a token as one of a family; what the token says of family, grant and client does not count. It ends with the grant
/// at the latest, so that it is swept before its family's end is.
pub(super) fn keep(step: &mut dyn Step, mut token: TokenRecord, family: &Family) -> Result<(), StoreError> {
    token.family = family.hash;
    token.grant = family.grant.clone();
    token.client = family.client.clone();
    token.expires = token.expires.min(family.ends);
    let key = token.hash.0;
    expiry::put(step, Table::Tokens, &key, &Kept { token, spent: false })
}

/// Whether a family was ended.
pub(super) fn is_ended(tables: &dyn Tables, family: &SecretHash) -> Result<bool, StoreError> {
    Ok(tables.get(Table::EndedFamilies, &family.0)?.is_some())
}

/// Ends a family.
pub(super) fn end_family(step: &mut dyn Step, family: &SecretHash, grant: &GrantId) -> Result<(), StoreError> {
    let until = grants::find(step, grant)?.map_or(Timestamp(u64::MAX), |grant| grant.expires);
    expiry::put(step, Table::EndedFamilies, &family.0, &Ended { until })
}

fn kept(tables: &dyn Tables, hash: &SecretHash) -> Result<Option<Kept>, StoreError> {
    value::find(tables, Table::Tokens, &hash.0)
}

/// A token that neither its family's nor its grant's end has ended.
pub(super) fn find(tables: &dyn Tables, hash: &SecretHash) -> Result<Option<TokenRecord>, StoreError> {
    let Some(Kept { token, .. }) = kept(tables, hash)? else { return Ok(None) };
    let granted = grants::find(tables, &token.grant)?.is_some_and(|grant| grant.revoked.is_none());
    Ok(if granted && !is_ended(tables, &token.family)? { Some(token) } else { None })
}

/// A token whatever became of it.
pub(super) fn find_ended(tables: &dyn Tables, hash: &SecretHash) -> Result<Option<TokenRecord>, StoreError> {
    Ok(kept(tables, hash)?.map(|kept| kept.token))
}

/// Issues a token into a family that has not been ended, for a grant that lives.
pub(super) fn issue(step: &mut dyn Step, token: TokenRecord) -> Result<bool, StoreError> {
    let Some(grant) = grants::find_live(step, &token.grant, token.at)? else { return Ok(false) };
    if is_ended(step, &token.family)? || grant.client != token.client || kept(step, &token.hash)?.is_some() {
        return Ok(false);
    }
    let family = Family::new(token.family, grant);
    keep(step, token, &family)?;
    Ok(true)
}

/// Uses a refresh token up and issues its successors.
pub(super) fn rotate(
    step: &mut dyn Step,
    hash: &SecretHash,
    now: Timestamp,
    tokens: Vec<TokenRecord>,
    trails: Trails,
) -> Result<Rotation, StoreError> {
    let found = kept(step, hash)?.filter(|kept| kept.token.kind == TokenKind::Refresh);
    let Some(mut old) = found else { return Ok(Rotation::Missing) };
    if old.spent {
        end_family(step, &old.token.family, &old.token.grant)?;
        step.trail(trails.replayed);
        return Ok(Rotation::Replayed);
    }
    let Some(grant) = grants::find_live(step, &old.token.grant, now)? else { return Ok(Rotation::Missing) };
    if !is_live(old.token.expires, now) || is_ended(step, &old.token.family)? {
        return Ok(Rotation::Missing);
    }
    let family = Family::new(old.token.family, grant);
    tokens.into_iter().try_for_each(|token| keep(step, token, &family))?;
    old.spent = true;
    expiry::put(step, Table::Tokens, &hash.0, &old)?;
    step.trail(trails.done);
    Ok(Rotation::Rotated)
}

/// Ends an access token, or the family of a refresh token; false when it had ended.
pub(super) fn revoke(step: &mut dyn Step, hash: &SecretHash) -> Result<bool, StoreError> {
    let Some(token) = find(step, hash)? else { return Ok(false) };
    match token.kind {
        TokenKind::Access => expiry::take::<Kept>(step, Table::Tokens, &hash.0).map(drop)?,
        TokenKind::Refresh => end_family(step, &token.family, &token.grant)?,
    }
    Ok(true)
}
