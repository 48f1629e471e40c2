//! Test persons in the store: registered in a development store, refused in a production one.

use super::{Entry, Mandate, NewPerson, People, PeopleError, PersonData};
use crate::directory::{Person, Personas};
use rand::CryptoRng;
use yizhan_domain::Context;
use yizhan_domain::authorization::Capacity;
use yizhan_store::records::{HubStore, PAGE_MAX, StoreMode};

/// Registers the seeded test persons that are not there yet; how many that were. Their login name is their id; they have
/// no password.
///
/// # Errors
/// [`PeopleError::Personas`] in a production store, [`PeopleError::Taken`] when somebody else has the handles of one, or
/// the store's.
pub async fn seed(
    people: &People,
    context: &Context,
    personas: &Personas,
    rng: &mut (impl CryptoRng + Send),
) -> Result<usize, PeopleError> {
    if people.store.mode() != StoreMode::Development {
        return Err(PeopleError::Personas);
    }
    let mut registered = 0;
    for person in personas.all() {
        if people.store.find_person(&person.id).await?.is_some() {
            continue;
        }
        let entry = Entry { id: person.id.clone(), actor: "system", persona: true };
        let new = NewPerson { kind: person.kind, assurance: person.assurance, data: data_of(person)? };
        people.keep(context, &entry, new, rng).await?;
        registered += 1;
    }
    Ok(registered)
}

/// Start-up check of a production hub: reads every person once.
///
/// # Errors
/// [`PeopleError::Personas`] when a production store holds a test person, or the store's.
pub async fn refuse_personas(store: &dyn HubStore) -> Result<(), PeopleError> {
    if store.mode() == StoreMode::Production && holds_persona(store).await? {
        return Err(PeopleError::Personas);
    }
    Ok(())
}

/// Whether a store holds any test person.
pub(super) async fn holds_persona(store: &dyn HubStore) -> Result<bool, PeopleError> {
    let mut cursor = None;
    loop {
        let page = store.list_people(cursor.as_deref(), PAGE_MAX).await?;
        if page.entries.iter().any(|person| person.persona) {
            return Ok(true);
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(false),
        }
    }
}

fn data_of(person: &Person) -> Result<PersonData, PeopleError> {
    let mut data = PersonData::default();
    data.about.clone_from(&person.about);
    data.login = Some(person.id.as_str().to_owned());
    data.name.clone_from(&person.name);
    data.id_number = Some(person.id_number.clone());
    data.mobile.clone_from(&person.mobile);
    data.birth_date = Some(person.birth_date.clone());
    data.residence_region = Some(person.residence_region.clone());
    if let (Some(uscc), Some(org_name), Some(role)) = (&person.uscc, &person.org_name, &person.agent_role) {
        let uscc = uscc.parse().map_err(|_| PeopleError::Invalid { what: "uscc", rule: "obeys GB 32100" })?;
        let capacity = Capacity { uscc, role: role.clone() };
        data.mandates.push(Mandate { capacity, org_name: org_name.clone() });
    }
    Ok(data)
}
