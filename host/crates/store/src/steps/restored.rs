//! What counts no more after a restore: a backup cannot know what was ended after it was made. Called by `backup::restore`.

use super::{grants, value};
use crate::{
    engine::{Step, Table},
    error::StoreError,
    records::GrantRecord,
};
use yizhan_domain::Timestamp;

/// Tables of what lets somebody in, directly or for a moment.
const ENDED: [Table; 9] = [
    Table::SignInCodes,
    Table::Sessions,
    Table::SessionIndex,
    Table::Requests,
    Table::Codes,
    Table::Tokens,
    Table::Logins,
    Table::AppSessions,
    Table::AppSessionIndex,
];

/// Removes sessions, requests, codes and tokens, and ends live grants (their consents are asked again), at most `limit` of
/// each; true when more is left.
pub(crate) fn end_some(step: &mut dyn Step, now: Timestamp, limit: usize) -> Result<bool, StoreError> {
    let mut is_more = false;
    for table in ENDED {
        let rows = step.list(table, &[], None, limit)?;
        is_more |= rows.len() == limit;
        rows.iter().for_each(|(key, _)| step.delete(table, key));
    }
    step.delete(Table::Meta, super::units::SETUP_KEY);
    let live = step.list(Table::GrantIndex, &[grants::LIVE], None, limit)?;
    is_more |= live.len() == limit;
    for (key, id) in live {
        step.delete(Table::GrantIndex, &key);
        let grant: Option<GrantRecord> = value::find(step, Table::Grants, &id)?;
        if let Some(grant) = grant.filter(|grant| grant.revoked.is_none()) {
            grants::end(step, grant, "restored", now)?;
        }
    }
    Ok(is_more)
}
