//! Consents of a person as they stand now, and taking one back.

use super::{AccountError, app_name};
use crate::flow::authorize::agreed_acts;
use crate::flow::revoke;
use crate::provider::Provider;
use yizhan_domain::{ConsentId, Context, Permission, PersonId};
use yizhan_store::records::{ConsentRecord, GrantRecord, PAGE_MAX, RecordPage};

/// How a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentStanding {
    /// It holds.
    Live,
    /// A newer one took its place.
    Replaced,
    /// It was taken back, or ended by an operator.
    Withdrawn,
    /// Its time is over.
    Ended,
}

/// One consent with what its pages need beside the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentView {
    /// The record.
    pub record: ConsentRecord,
    /// Name of the app.
    pub app_name: String,
    /// How it stands.
    pub standing: ConsentStanding,
}

impl ConsentView {
    /// What it lets the app do for the person.
    #[must_use]
    pub fn acts(&self) -> Vec<Permission> {
        agreed_acts(&self.record)
    }
}

/// One page of the person's consents, newest first.
///
/// # Errors
/// [`AccountError::Cursor`], or the store's.
pub async fn list_consents(
    context: &Context,
    provider: &Provider,
    person: &PersonId,
    cursor: Option<&str>,
) -> Result<RecordPage<ConsentView>, AccountError> {
    let page = provider.store.list_consents(person, cursor, super::PAGE).await?;
    let grants = provider.store.list_grants(person, None, PAGE_MAX).await?.entries;
    let mut entries = Vec::with_capacity(page.entries.len());
    for record in page.entries {
        entries.push(view(context, provider, record, &grants).await?);
    }
    Ok(RecordPage { entries, next: page.next })
}

/// A consent of the person; none when it is unknown or another person's: the two look the same.
///
/// # Errors
/// The store's.
pub async fn find_consent(
    context: &Context,
    provider: &Provider,
    person: &PersonId,
    id: &ConsentId,
) -> Result<Option<ConsentView>, AccountError> {
    let Some(record) = provider.store.find_consent(id).await?.filter(|record| record.person == *person) else {
        return Ok(None);
    };
    let grants = provider.store.list_grants(person, None, PAGE_MAX).await?.entries;
    view(context, provider, record, &grants).await.map(Some)
}

/// Takes a consent back: the grant that stands on it ends with its tokens. False when nothing stood on it any more.
///
/// # Errors
/// The store's.
pub async fn withdraw(
    context: &Context,
    provider: &Provider,
    person: &PersonId,
    consent: &ConsentView,
) -> Result<bool, AccountError> {
    let record = &consent.record;
    let found = provider.store.find_live_grant(person, record.acting_for.as_ref(), &record.client, context.now).await?;
    match found.filter(|grant| grant.consent == record.id) {
        Some(grant) => Ok(revoke::grant(context, provider, person, &grant.id).await?),
        None => Ok(false),
    }
}

/// How many grants of the person hold now, among the newest 100.
///
/// # Errors
/// The store's.
pub async fn count_live(context: &Context, provider: &Provider, person: &PersonId) -> Result<usize, AccountError> {
    let page = provider.store.list_grants(person, None, PAGE_MAX).await?;
    Ok(page.entries.iter().filter(|grant| grant.revoked.is_none() && grant.expires > context.now).count())
}

/// `grants` are the newest of the person.
async fn view(
    context: &Context,
    provider: &Provider,
    record: ConsentRecord,
    grants: &[GrantRecord],
) -> Result<ConsentView, AccountError> {
    let app_name = app_name(provider, &record.app).await?.name;
    let same = |grant: &&GrantRecord| grant.client == record.client && grant.acting_for == record.acting_for;
    let standing = match record.withdrawn {
        // A grant that takes another's place ends it in the same moment.
        Some(at) if grants.iter().filter(same).any(|newer| newer.at == at && newer.consent != record.id) => {
            ConsentStanding::Replaced
        }
        Some(_) => ConsentStanding::Withdrawn,
        None if record.expires <= context.now => ConsentStanding::Ended,
        None => ConsentStanding::Live,
    };
    Ok(ConsentView { app_name, standing, record })
}
