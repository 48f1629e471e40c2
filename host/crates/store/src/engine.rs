//! What a backend of the records gives: tables of bytes, and steps that run one after the other, each whole or not at all.
//! `memory` and `sled` are engines; the topics (`steps/`) are written once on top. PostgreSQL will write its own steps.

use crate::error::StoreError;
use crate::records::{StoreFuture, Trail};

/// A table of the records. The number is part of keys on disk: never reuse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Table {
    /// What the store is, its mode.
    Meta = 1,
    /// People.
    People = 2,
    /// Handle → person.
    Handles = 3,
    /// Credentials.
    Credentials = 4,
    /// Failures of sign-in.
    Attempts = 5,
    /// One-time codes of sign-in.
    SignInCodes = 6,
    /// Sessions of browsers.
    Sessions = 7,
    /// Index: name of a session → its hash; person ‖ session.
    SessionIndex = 8,
    /// Clients.
    Clients = 9,
    /// States of apps.
    Apps = 10,
    /// Authorization requests.
    Requests = 11,
    /// Consents.
    Consents = 12,
    /// Grants.
    Grants = 13,
    /// Index: person ‖ capacity ‖ client → live grant; person ‖ time ‖ id → grant or consent.
    GrantIndex = 14,
    /// Codes.
    Codes = 15,
    /// Tokens.
    Tokens = 16,
    /// Families of tokens that were ended.
    EndedFamilies = 17,
    /// One-time set.
    OneTime = 18,
    /// Units.
    Units = 19,
    /// Members.
    Members = 20,
    /// Index: person → memberships.
    Memberships = 21,
    /// Access logs: person ‖ descending time ‖ sequence.
    AccessLog = 22,
    /// Audit by sequence, for listing.
    Audit = 23,
    /// Logins at the runtime.
    Logins = 24,
    /// Sessions of people with apps.
    AppSessions = 25,
    /// Index: app ‖ session of the hub → app sessions.
    AppSessionIndex = 26,
    /// When one-time things end, for sweeping: time ‖ table ‖ key.
    Expiries = 27,
    /// Calendars of halls.
    HallCalendars = 28,
    /// Slots that an item has for itself at a hall: hall ‖ item.
    ItemPlans = 29,
    /// Bookings.
    Bookings = 30,
    /// Index: person ‖ time ‖ id → booking.
    PersonBookings = 31,
    /// Index: hall ‖ date ‖ time ‖ id → booking.
    HallBookings = 32,
    /// Index: hall ‖ date ‖ number → booking.
    BookingNumbers = 33,
    /// Index: person ‖ key of the client → booking.
    BookingKeys = 34,
    /// Index: person ‖ legal person ‖ item ‖ date → live booking.
    LiveBookings = 35,
    /// Places that are taken: hall ‖ pool ‖ date ‖ time.
    SlotsTaken = 36,
    /// Slots that a person missed: person ‖ hall.
    MissedSlots = 37,
}

impl Table {
    /// Tables that no live check of a token reads: what they hold is kept, or used once, while authorizations go on.
    const ASIDE: [Self; 22] = [
        Self::Attempts,
        Self::SignInCodes,
        Self::Requests,
        Self::Consents,
        Self::Codes,
        Self::OneTime,
        Self::AccessLog,
        Self::Audit,
        Self::Logins,
        Self::AppSessions,
        Self::AppSessionIndex,
        Self::Expiries,
        Self::HallCalendars,
        Self::ItemPlans,
        Self::Bookings,
        Self::PersonBookings,
        Self::HallBookings,
        Self::BookingNumbers,
        Self::BookingKeys,
        Self::LiveBookings,
        Self::SlotsTaken,
        Self::MissedSlots,
    ];

    /// Whether a write to the table with this number may change what a live check answers; of an unknown one, yes.
    pub(crate) fn bears_standing(number: u8) -> bool {
        Self::ASIDE.iter().all(|table| *table as u8 != number)
    }
}

/// Key and value.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// Tables as they are now; inside a step, with what the step has written so far.
pub(crate) trait Tables {
    /// The value of a key.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// At most `limit` pairs whose key begins with `prefix`, in order of keys, after the key `after` if there is one.
    fn list(&self, table: Table, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreError>;
}

/// A step under way. What it writes is visible to its own reads at once, to others when it is durable.
pub(crate) trait Step: Tables {
    /// Sets a value.
    fn put(&mut self, table: Table, key: &[u8], value: Vec<u8>);

    /// Removes a key.
    fn delete(&mut self, table: Table, key: &[u8]);

    /// Adds to what becomes durable with the step: chained into the audit, with its rows of access logs. The engine makes
    /// both with [`chain::links`](crate::chain::links) when it commits, because only then the number is known.
    fn trail(&mut self, trail: Trail);

    /// Keeps the data key of a person: outside of every journal, 60 bytes at most.
    fn put_data_key(&mut self, person: &str, key: Vec<u8>);

    /// Destroys the data key of a person.
    fn destroy_data_key(&mut self, person: &str);
}

/// A backend. A step that returns an error has written nothing. Steps run one at a time, in the order of their commits.
pub(crate) trait Engine: Send + Sync + 'static {
    /// Runs a step and answers when what it wrote is durable.
    fn commit<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut dyn Step) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T>;

    /// Reads what is durable; all reads of one call see the same moment.
    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn Tables) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T>;

    /// The data key of a person.
    fn find_data_key<'a>(&'a self, person: &'a str) -> StoreFuture<'a, Option<Vec<u8>>>;

    /// Newest link of the audit chain.
    fn head(&self) -> crate::records::AuditHead;

    /// See [`HubStore::standing_revision`](crate::records::HubStore::standing_revision).
    fn standing_revision(&self) -> u64;

    /// Why no write is taken any more.
    fn read_only(&self) -> Option<String>;

    /// What the store was created for.
    fn mode(&self) -> crate::records::StoreMode;
}
