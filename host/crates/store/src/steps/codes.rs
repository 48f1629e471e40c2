//! One-time codes. A used code is remembered as long as a token from it may live, so that a late replay is known too.

use super::{
    expiry::{self, Ending, is_live},
    grants, tokens, value,
};
use crate::{
    engine::{Step, Table, Tables},
    error::StoreError,
    records::{CodeRecord, Exchange, TokenRecord, Trails},
};
use serde::{Deserialize, Serialize};
use yizhan_domain::{SecretHash, Timestamp};

#[derive(Serialize, Deserialize)]
struct Kept {
    code: CodeRecord,
    used: bool,
    ends: Timestamp,
}

impl Ending for Kept {
    fn ends(&self) -> Timestamp {
        self.ends
    }
}

fn kept(tables: &dyn Tables, hash: &SecretHash) -> Result<Option<Kept>, StoreError> {
    value::find(tables, Table::Codes, &hash.0)
}

/// Whether a code, used or not, has this hash.
pub(super) fn exists(tables: &dyn Tables, hash: &SecretHash) -> Result<bool, StoreError> {
    Ok(kept(tables, hash)?.is_some())
}

pub(super) fn find(tables: &dyn Tables, hash: &SecretHash) -> Result<Option<CodeRecord>, StoreError> {
    Ok(kept(tables, hash)?.map(|kept| kept.code))
}

/// Keeps a new code.
pub(super) fn keep(step: &mut dyn Step, code: CodeRecord) -> Result<(), StoreError> {
    let (key, ends) = (code.hash.0, code.expires);
    expiry::put(step, Table::Codes, &key, &Kept { code, used: false, ends })
}

/// Keeps a code for a grant that lives and takes the request; false when either is gone.
pub(super) fn issue(
    step: &mut dyn Step,
    request: &SecretHash,
    code: CodeRecord,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let grant = grants::find_live(step, &code.grant, now)?;
    if grant.is_none_or(|grant| grant.client != code.client) || exists(step, &code.hash)? {
        return Ok(false);
    }
    if grants::take_request(step, request, now)?.is_none() {
        return Ok(false);
    }
    keep(step, code)?;
    Ok(true)
}

/// Uses a code up and issues its tokens; they join its family and its grant.
pub(super) fn exchange(
    step: &mut dyn Step,
    hash: &SecretHash,
    now: Timestamp,
    tokens: Vec<TokenRecord>,
    trails: Trails,
) -> Result<Exchange, StoreError> {
    let Some(mut kept) = kept(step, hash)? else { return Ok(Exchange::Missing) };
    if kept.used {
        tokens::end_family(step, hash, &kept.code.grant)?;
        step.trail(trails.replayed);
        return Ok(Exchange::Replayed);
    }
    let Some(grant) = grants::find_live(step, &kept.code.grant, now)? else { return Ok(Exchange::Missing) };
    if !is_live(kept.code.expires, now) || tokens::is_ended(step, hash)? {
        return Ok(Exchange::Missing);
    }
    let last = tokens.iter().map(|token| token.expires).max();
    let family = tokens::Family::new(*hash, grant);
    tokens.into_iter().try_for_each(|token| tokens::keep(step, token, &family))?;
    kept.used = true;
    kept.ends = last.unwrap_or_default().max(kept.code.expires);
    expiry::put(step, Table::Codes, &hash.0, &kept)?;
    step.trail(trails.done);
    Ok(Exchange::Exchanged)
}
