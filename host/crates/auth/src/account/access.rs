//! The access log of a person: who used which of their data, newest first.

use super::AccountError;
use crate::provider::Provider;
use yizhan_domain::{Context, PersonId, Timestamp};
use yizhan_store::records::{AccessRecord, RecordPage};

/// Pages that are looked through for one row.
const PAGES_MAX: usize = 3;

/// One page of the log, at most `limit` rows (1 to 100); none that is still hidden.
///
/// # Errors
/// [`AccountError::Cursor`], or the store's.
pub async fn list_access(
    context: &Context,
    provider: &Provider,
    person: &PersonId,
    (cursor, limit): (Option<&str>, usize),
) -> Result<RecordPage<AccessRecord>, AccountError> {
    Ok(provider.store.list_access(person, context.now, cursor, limit).await?)
}

/// The row of this moment and request, looked for from the page with this cursor on: rows may have come before it.
///
/// # Errors
/// As [`list_access`].
pub async fn find_access(
    context: &Context,
    provider: &Provider,
    person: &PersonId,
    (cursor, at, request): (Option<&str>, Timestamp, &str),
) -> Result<Option<AccessRecord>, AccountError> {
    let mut cursor = cursor.map(str::to_owned);
    for _ in 0..PAGES_MAX {
        let page = list_access(context, provider, person, (cursor.as_deref(), super::PAGE)).await?;
        if let Some(row) = page.entries.into_iter().find(|row| row.at == at && row.request == request) {
            return Ok(Some(row));
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(None)
}
