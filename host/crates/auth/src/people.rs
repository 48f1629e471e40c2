//! The directory of people: data sealed under a key per person, look-up by keyed hash. The hub's side of sealing and
//! sign-in reads it; nothing else does.

mod change;
mod data;
mod error;
mod handle;
mod keys;
mod mandate;
mod personas;

pub use change::Whom;
pub use data::{MANDATES_MAX, Mandate, PersonData, UPSTREAM_MAX, UpstreamAccount};
pub use error::PeopleError;
pub use handle::HandleText;
pub use keys::PeopleKeys;
pub use mandate::Capacities;
pub use personas::{refuse_personas, seed};

use crate::directory::Person;
use crate::keys::Sealer;
use keys::label;
use rand::CryptoRng;
use std::sync::Arc;
use yizhan_domain::authorization::Capacity;
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{Context, PersonId, SecretHash};
use yizhan_store::records::{AuditRecord, HubStore, PersonRecord, Trail};
use zeroize::Zeroizing;

/// Most bytes of one person's data before it is sealed.
const DATA_BYTES_MAX: usize = 11 * 1024;

/// A person to be registered.
pub struct NewPerson {
    /// `LegalPerson` for an account that acts for legal persons only: then it holds at least one mandate.
    pub kind: PersonKind,
    /// How sure the platform is. Above `Basic` the identity number is needed.
    pub assurance: Assurance,
    /// The data.
    pub data: PersonData,
}

/// The directory.
pub struct People {
    store: Arc<dyn HubStore>,
    keys: PeopleKeys,
}

impl std::fmt::Debug for People {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("People").finish_non_exhaustive()
    }
}

impl People {
    /// The directory in a store, under its keys.
    #[must_use]
    pub fn new(store: Arc<dyn HubStore>, keys: PeopleKeys) -> Self {
        Self { store, keys }
    }

    /// The store that the directory lies in.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn HubStore> {
        &self.store
    }

    pub(crate) fn keys(&self) -> &PeopleKeys {
        &self.keys
    }

    /// Registers a person under a new random id. `actor` is who did it, as in the audit.
    ///
    /// # Errors
    /// [`PeopleError::Invalid`], [`PeopleError::TestNumber`], [`PeopleError::Taken`], or the store's.
    pub async fn register(
        &self,
        context: &Context,
        actor: &str,
        new: NewPerson,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<PersonId, PeopleError> {
        let mut bits = [0; 16];
        rng.fill_bytes(&mut bits);
        let id = PersonId::of_random(u128::from_be_bytes(bits));
        let entry = Entry { id, actor, persona: false };
        self.keep(context, &entry, new, rng).await?;
        Ok(entry.id)
    }

    /// Checks data before something is used up for it: its rules, and that its handles are free.
    pub(crate) async fn check_new(&self, data: &PersonData) -> Result<(), PeopleError> {
        data.check(self.store.mode())?;
        for handle in data.handles() {
            if self.find(handle).await?.is_some() {
                return Err(PeopleError::Taken);
            }
        }
        Ok(())
    }

    async fn keep(
        &self,
        context: &Context,
        entry: &Entry<'_>,
        new: NewPerson,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<(), PeopleError> {
        new.data.check(self.store.mode())?;
        check_standing(new.kind, new.assurance, &new.data)?;
        let (key, wrapped) = self.keys.new_data_key(&entry.id, rng)?;
        let person = PersonRecord {
            id: entry.id.clone(),
            kind: new.kind,
            assurance: new.assurance,
            persona: entry.persona,
            sealed: seal_data(&key, &entry.id, &new.data, rng)?,
            handles: self.handles_of(&new.data),
            at: context.now,
            erased: None,
            revision: 0,
        };
        let trail = trail(context, entry.actor, "person.registered", &entry.id);
        if self.store.create_person(person, wrapped, trail).await? { Ok(()) } else { Err(PeopleError::Taken) }
    }

    /// Who is found by this handle; nobody once erased.
    ///
    /// # Errors
    /// The store's.
    pub async fn find(&self, handle: HandleText<'_>) -> Result<Option<PersonId>, PeopleError> {
        Ok(self.store.find_person_by_handle(&self.handle_hash(handle)).await?)
    }

    /// What is known of a person without opening the data; none when unknown or erased.
    ///
    /// # Errors
    /// The store's.
    pub async fn find_record(&self, id: &PersonId) -> Result<Option<PersonRecord>, PeopleError> {
        Ok(self.store.find_person(id).await?.filter(|person| person.erased.is_none()))
    }

    /// The person with the data, in one capacity: none for themselves. None when the person is unknown or erased, or
    /// holds no such mandate (any more): then nothing may be handed over.
    ///
    /// # Errors
    /// [`PeopleError::Sealed`], or the store's.
    pub async fn open_person(
        &self,
        id: &PersonId,
        acting_for: Option<&Capacity>,
    ) -> Result<Option<Person>, PeopleError> {
        let Some((record, data)) = self.open_data(id).await? else { return Ok(None) };
        let mandate = match acting_for {
            None => None,
            Some(capacity) => match data.mandates.iter().find(|mandate| mandate.capacity == *capacity) {
                None => return Ok(None),
                held => held,
            },
        };
        Ok(Some(person_of(&record, &data, mandate)))
    }

    /// The data as it was registered, for the person's own account page and for changes.
    ///
    /// # Errors
    /// [`PeopleError::Sealed`], or the store's.
    pub async fn open_data(&self, id: &PersonId) -> Result<Option<(PersonRecord, PersonData)>, PeopleError> {
        let Some(record) = self.find_record(id).await? else { return Ok(None) };
        let Some(key) = self.data_key(id).await? else { return Ok(None) };
        let plain = key.open_text(&record.sealed, &label("data", id)).map_err(|_| PeopleError::Sealed)?;
        let data = serde_json::from_slice(&plain).map_err(|_| PeopleError::Sealed)?;
        Ok(Some((record, data)))
    }

    /// Seals another secret of the person under the data key: it is erased with the person.
    pub(crate) async fn seal_secret(
        &self,
        id: &PersonId,
        what: &str,
        plain: &[u8],
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<String, PeopleError> {
        let key = self.data_key(id).await?.ok_or(PeopleError::Unknown)?;
        key.seal_text(plain, &label(what, id), rng).map_err(|_| PeopleError::Sealed)
    }

    /// Opens what [`Self::seal_secret`] sealed.
    pub(crate) async fn open_secret(
        &self,
        id: &PersonId,
        what: &str,
        sealed: &str,
    ) -> Result<Zeroizing<Vec<u8>>, PeopleError> {
        let key = self.data_key(id).await?.ok_or(PeopleError::Unknown)?;
        key.open_text(sealed, &label(what, id)).map_err(|_| PeopleError::Sealed)
    }

    /// Keyed hash of a handle.
    pub(crate) fn handle_hash(&self, handle: HandleText<'_>) -> SecretHash {
        let (kind, text) = handle.normalized();
        let text = Zeroizing::new(text);
        self.keys.handle_hash(&kind, text.as_bytes())
    }

    fn handles_of(&self, data: &PersonData) -> Vec<SecretHash> {
        data.handles().into_iter().map(|handle| self.handle_hash(handle)).collect()
    }

    async fn data_key(&self, id: &PersonId) -> Result<Option<Sealer>, PeopleError> {
        match self.store.find_data_key(id).await? {
            Some(wrapped) => self.keys.unwrap(id, &wrapped).map(Some),
            None => Ok(None),
        }
    }
}

/// Under which id, by whom, and whether as a test person somebody is registered.
struct Entry<'a> {
    id: PersonId,
    actor: &'a str,
    persona: bool,
}

fn check_standing(kind: PersonKind, assurance: Assurance, data: &PersonData) -> Result<(), PeopleError> {
    if assurance > Assurance::Basic && data.id_number.is_none() {
        return Err(PeopleError::Invalid { what: "assurance", rule: "above basic needs the identity number" });
    }
    if kind == PersonKind::LegalPerson && data.mandates.is_empty() {
        return Err(PeopleError::Invalid { what: "mandates", rule: "are held by whoever acts for legal persons only" });
    }
    Ok(())
}

fn seal_data(key: &Sealer, id: &PersonId, data: &PersonData, rng: &mut impl CryptoRng) -> Result<String, PeopleError> {
    // Room for the largest at once: a buffer that grows leaves copies behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(2 * DATA_BYTES_MAX));
    serde_json::to_writer(&mut *plain, data).map_err(|_| PeopleError::Sealed)?;
    if plain.len() > DATA_BYTES_MAX {
        return Err(PeopleError::Invalid { what: "data", rule: "of one person is at most 11 KiB" });
    }
    key.seal_text(&plain, &label("data", id), rng).map_err(|_| PeopleError::Sealed)
}

fn person_of(record: &PersonRecord, data: &PersonData, mandate: Option<&Mandate>) -> Person {
    let held = |datum: &Option<String>| datum.clone().unwrap_or_default();
    Person {
        id: record.id.clone(),
        about: data.about.clone(),
        kind: if mandate.is_some() { PersonKind::LegalPerson } else { record.kind },
        assurance: record.assurance,
        name: data.name.clone(),
        id_number: held(&data.id_number),
        mobile: data.mobile.clone(),
        birth_date: held(&data.birth_date),
        residence_region: held(&data.residence_region),
        org_name: mandate.map(|mandate| mandate.org_name.clone()),
        uscc: mandate.map(|mandate| mandate.capacity.uscc.as_str().to_owned()),
        agent_role: mandate.map(|mandate| mandate.capacity.role.clone()),
    }
}

fn trail(context: &Context, actor: &str, action: &str, person: &PersonId) -> Trail {
    Trail::of(AuditRecord::new(context.id, context.now, actor, action, "ok").with("person", person))
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
