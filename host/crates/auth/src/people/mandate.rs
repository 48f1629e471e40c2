//! Mandates: for which legal persons somebody may act. The end of one takes effect at once.

use super::{Mandate, People, PeopleError, PersonData, Whom, trail};
use rand::CryptoRng;
use yizhan_domain::authorization::Capacity;
use yizhan_domain::person::PersonKind;
use yizhan_domain::{Context, PersonId};
use yizhan_store::records::{GrantRecord, PAGE_MAX, PersonRecord, SessionRecord};

/// In which capacities a person may act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacities {
    /// Whether the person may act for themselves.
    pub alone: bool,
    /// The mandates held.
    pub mandates: Vec<Mandate>,
}

impl Capacities {
    /// The one capacity there is, when there is no choice: `Some(None)` for themselves.
    #[must_use]
    pub fn only(&self) -> Option<Option<Capacity>> {
        match (self.alone, self.mandates.as_slice()) {
            (true, []) => Some(None),
            (false, [mandate]) => Some(Some(mandate.capacity.clone())),
            _ => None,
        }
    }

    /// Whether the person may act in this capacity; none for themselves.
    #[must_use]
    pub fn allow(&self, capacity: Option<&Capacity>) -> bool {
        capacity.map_or(self.alone, |capacity| self.mandates.iter().any(|mandate| mandate.capacity == *capacity))
    }
}

impl People {
    /// In which capacities a person may act; none when unknown or erased.
    ///
    /// # Errors
    /// [`PeopleError::Sealed`], or the store's.
    pub async fn capacities(&self, id: &PersonId) -> Result<Option<Capacities>, PeopleError> {
        Ok(self.open_data(id).await?.map(|(record, data)| Capacities {
            alone: record.kind == PersonKind::NaturalPerson,
            mandates: data.mandates.clone(),
        }))
    }

    /// Gives a person a mandate; one of the same capacity is replaced.
    ///
    /// # Errors
    /// Those of [`People::change`].
    pub async fn give_mandate<R: CryptoRng + Send>(
        &self,
        context: &Context,
        whom: Whom<'_>,
        mandate: Mandate,
        rng: &mut R,
    ) -> Result<(), PeopleError> {
        let edit = |data: &mut PersonData| {
            data.mandates.retain(|held| held.capacity != mandate.capacity);
            data.mandates.push(mandate);
        };
        self.change(context, whom, edit, rng).await
    }

    /// Ends a mandate. From the first write on nothing is opened in that capacity any more; then sessions and grants in
    /// it end. Safe to repeat after a failure. Whoever acted for legal persons only and holds no other mandate keeps an
    /// account of their own.
    ///
    /// # Errors
    /// Those of [`People::change`].
    pub async fn end_mandate<R: CryptoRng + Send>(
        &self,
        context: &Context,
        whom: Whom<'_>,
        capacity: &Capacity,
        rng: &mut R,
    ) -> Result<(), PeopleError> {
        let edit = |record: &mut PersonRecord, data: &mut PersonData| {
            data.mandates.retain(|held| held.capacity != *capacity);
            if data.mandates.is_empty() {
                record.kind = PersonKind::NaturalPerson;
            }
        };
        self.rewrite(context, whom, edit, rng).await?;
        self.end_sessions(context, whom, |session| session.acting_for.as_ref() == Some(capacity)).await?;
        self.end_grants(context, whom, |grant| grant.acting_for.as_ref() == Some(capacity)).await
    }

    /// Ends the sessions of a person that `chosen` says; how many.
    pub(crate) async fn end_sessions(
        &self,
        context: &Context,
        whom: Whom<'_>,
        chosen: impl Fn(&SessionRecord) -> bool + Send,
    ) -> Result<usize, PeopleError> {
        let Whom { person: id, by: actor } = whom;
        let mut ended = 0;
        let sessions = self.store.list_sessions(id, context.now).await?;
        for session in sessions.into_iter().filter(|session| chosen(session)) {
            let trail = trail(context, actor, "session.ended", id);
            ended += usize::from(self.store.end_session(&session.id, trail).await?);
        }
        Ok(ended)
    }

    async fn end_grants(
        &self,
        context: &Context,
        whom: Whom<'_>,
        chosen: impl Fn(&GrantRecord) -> bool + Send,
    ) -> Result<(), PeopleError> {
        let Whom { person: id, by: actor } = whom;
        let mut cursor = None;
        loop {
            let page = self.store.list_grants(id, cursor.as_deref(), PAGE_MAX).await?;
            for grant in page.entries.iter().filter(|grant| grant.revoked.is_none() && chosen(grant)) {
                let trail = trail(context, actor, "grant.revoked", id);
                self.store.revoke_grant(&grant.id, "mandate-ended", context.now, trail).await?;
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(()),
            }
        }
    }
}
