//! Changes of a person: data, assurance, erasure. Each rises the revision; of two racers one wins.

use super::{People, PeopleError, PersonData, check_standing, seal_data, trail};
use rand::CryptoRng;
use yizhan_domain::person::Assurance;
use yizhan_domain::{Context, PersonId};
use yizhan_store::records::PersonRecord;

/// Whom somebody changes, and who does it.
#[derive(Debug, Clone, Copy)]
pub struct Whom<'a> {
    /// Whom.
    pub person: &'a PersonId,
    /// Who does it, as in the audit: `person:ID`, `command`, `system`.
    pub by: &'a str,
}

impl People {
    /// Changes the data of a person as `edit` says.
    ///
    /// # Errors
    /// [`PeopleError::Unknown`], [`PeopleError::Raced`], and those of [`People::register`].
    pub async fn change<R: CryptoRng + Send>(
        &self,
        context: &Context,
        whom: Whom<'_>,
        edit: impl FnOnce(&mut PersonData) + Send,
        rng: &mut R,
    ) -> Result<(), PeopleError> {
        self.rewrite(context, whom, |_, data| edit(data), rng).await
    }

    /// One write of record and data together.
    pub(super) async fn rewrite<R: CryptoRng + Send>(
        &self,
        context: &Context,
        whom: Whom<'_>,
        edit: impl FnOnce(&mut PersonRecord, &mut PersonData) + Send,
        rng: &mut R,
    ) -> Result<(), PeopleError> {
        let Whom { person: id, by: actor } = whom;
        let (mut record, mut data) = self.open_data(id).await?.ok_or(PeopleError::Unknown)?;
        edit(&mut record, &mut data);
        data.check(self.store.mode())?;
        check_standing(record.kind, record.assurance, &data)?;
        let key = self.data_key(id).await?.ok_or(PeopleError::Unknown)?;
        let before = record.revision;
        record.sealed = seal_data(&key, id, &data, rng)?;
        record.handles = self.handles_of(&data);
        record.revision += 1;
        if self.store.replace_person(record, trail(context, actor, "person.changed", id)).await? {
            return Ok(());
        }
        let unchanged = self.find_record(id).await?.is_some_and(|now| now.revision == before);
        Err(if unchanged { PeopleError::Taken } else { PeopleError::Raced })
    }

    /// Says how sure the platform is of a person. Less than before ends the person's sessions.
    ///
    /// # Errors
    /// [`PeopleError::Unknown`], [`PeopleError::Raced`], [`PeopleError::Invalid`] without an identity number, or the
    /// store's.
    pub async fn set_assurance(
        &self,
        context: &Context,
        whom: Whom<'_>,
        assurance: Assurance,
    ) -> Result<(), PeopleError> {
        let Whom { person: id, by: actor } = whom;
        let (mut record, data) = self.open_data(id).await?.ok_or(PeopleError::Unknown)?;
        check_standing(record.kind, assurance, &data)?;
        let lowered = assurance < record.assurance;
        record.assurance = assurance;
        record.revision += 1;
        if !self.store.replace_person(record, trail(context, actor, "person.assurance-changed", id)).await? {
            return Err(PeopleError::Raced);
        }
        if lowered {
            self.end_sessions(context, whom, |_| true).await?;
        }
        Ok(())
    }

    /// Erases a person: the data key is destroyed, credentials, sessions and grants end. The audit stays whole.
    ///
    /// # Errors
    /// [`PeopleError::Unknown`], or the store's.
    pub async fn erase(&self, context: &Context, whom: Whom<'_>) -> Result<(), PeopleError> {
        let Whom { person: id, by: actor } = whom;
        let trail = trail(context, actor, "person.erased", id);
        if self.store.erase_person(id, context.now, trail).await? { Ok(()) } else { Err(PeopleError::Unknown) }
    }
}
