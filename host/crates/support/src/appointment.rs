//! Booking a slot at a hall (预约): what halls offer, booking and cancelling, what is shown at the hall, and the hall's desk.
//! Called by the portal's pages, the JSON API and, through a permit, by apps.

mod book;
mod calendar_file;
pub mod desk;
mod error;
mod offer;
mod own;
mod random;
mod sample;
mod token;

pub use book::{BookForm, Booked, KEY_BYTES, book, cancel};
pub use calendar_file::{Language, calendar_file};
pub use error::AppointmentError;
pub use offer::{BookableHall, ClosedReason, Day, DayStanding, Slot, list_days, list_halls, list_slots};
pub use own::{Booking, BookingPage, ShownCode, find_mine, list_mine, show_code};
pub use sample::put_samples;
pub use token::{TOKEN_TYPE, TokenClaims};

use crate::{Catalog, Places};
use std::sync::Arc;
use yizhan_auth::Provider;
use yizhan_domain::authorization::Capacity;
use yizhan_domain::person::Assurance;
use yizhan_domain::{AppId, Context, PersonId};
use yizhan_store::records::{AuditRecord, HubStore, SessionRecord, Trail};

/// What booking works with: halls and items, what the hub remembers, and its signing key.
#[derive(Clone)]
pub struct Appointments {
    provider: Arc<Provider>,
    catalog: Arc<Catalog>,
    places: Arc<Places>,
}

impl Appointments {
    /// Booking at the halls of `places` for the items of `catalog`.
    #[must_use]
    pub fn new(provider: Arc<Provider>, catalog: Arc<Catalog>, places: Arc<Places>) -> Self {
        Self { provider, catalog, places }
    }

    fn store(&self) -> &dyn HubStore {
        &*self.provider.store
    }

    /// Makes a record durable that belongs to no other step.
    async fn note(&self, record: AuditRecord) -> Result<(), AppointmentError> {
        Ok(self.store().append(Trail::of(record)).await?)
    }
}

impl std::fmt::Debug for Appointments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Appointments").finish_non_exhaustive()
    }
}

/// Who books, for whom, and with which app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booker {
    /// Who comes to the hall.
    pub person: PersonId,
    /// The legal person acted for.
    pub acting_for: Option<Capacity>,
    /// How sure the hub is of the person; booking needs [`Assurance::RealName`].
    pub assurance: Assurance,
    /// The app; none for the portal. An app sees and cancels what was booked with it alone.
    pub app: Option<AppId>,
}

impl Booker {
    /// Whoever is signed in to the portal.
    #[must_use]
    pub fn of(session: &SessionRecord) -> Self {
        Self {
            person: session.person.clone(),
            acting_for: session.acting_for.clone(),
            assurance: session.assurance,
            app: None,
        }
    }

    /// A record of what this person did. Holds names only.
    fn record(&self, context: &Context, action: &str, outcome: &str) -> AuditRecord {
        let record = AuditRecord::new(context.id, context.now, format!("person:{}", self.person), action, outcome);
        match &self.app {
            Some(app) => record.with("app", app),
            None => record,
        }
    }
}

#[cfg(test)]
mod tests;
