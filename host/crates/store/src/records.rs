//! The records of hub and runtime: one small trait per topic, each atomic step one method that says what it does.
//! `memory` and `sled` (and later `postgres`) implement them; one contract suite runs against all.
//!
//! Every method that writes takes a [`Trail`]: the audit and access-log records that become durable in the same step, and
//! only when it did what it was asked for (an answer of false, none or missing leaves no trail). Reads see only what is
//! durable.
//!
//! A record has at most 16 KiB as JSON and a key 1 024 bytes, else [`StoreError::Size`]; the manifest of an app may have
//! 256 KiB. Something that ends at a moment counts before that moment and not at it. What has ended is removed by the store
//! itself, some with each step, not before ten minutes later.

pub mod appointment;
pub mod audit;
pub mod client;
pub mod grant;
pub mod one_time;
pub mod person;
pub mod session;
pub mod sign_in;
pub mod unit;

pub use appointment::{AppointmentStore, BookingAnswer, BookingChange, BookingRecord, SlotTerms};
pub use audit::{AccessOutcome, AccessRecord, AuditHead, AuditRecord, AuditStore, Recipient, Trail};
pub use client::{AppStanding, AppState, AppStateRecord, ClientAuthMethod, ClientRecord, ClientStore};
pub use grant::{
    CodeRecord, ConsentRecord, Exchange, GrantRecord, GrantStore, RequestRecord, Rotation, TokenKind, TokenRecord,
    Trails,
};
pub use one_time::OneTimeStore;
pub use person::{Handle, PeopleStore, PersonRecord};
pub use session::{AppSessionRecord, AppSessionStore, LoginRecord, SessionRecord, SessionStore};
pub use sign_in::{Attempts, CodeTry, Credentials, SignInCode, SignInStore, TotpRecord};
pub use unit::{MemberRecord, UnitRecord, UnitStore};

use crate::error::StoreError;
use serde::{Deserialize, Serialize};
use std::{future::Future, pin::Pin};

/// What the methods of the record stores return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Most entries of one page.
pub const PAGE_MAX: usize = 100;

/// One page of a list. The cursor is opaque; none at the end. A page stays right while entries come and go. A cursor of
/// another list is [`StoreError::Cursor`]; whatever it holds, a page never leaves its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPage<T> {
    /// The entries.
    pub entries: Vec<T>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// What a store was created for. Written at creation, never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreMode {
    /// Personas, development registrations and test doubles; loopback only.
    Development,
    /// Real people; holds no persona.
    Production,
}

/// Everything a hub remembers.
pub trait HubStore:
    PeopleStore
    + SignInStore
    + SessionStore
    + ClientStore
    + GrantStore
    + OneTimeStore
    + UnitStore
    + AppointmentStore
    + AuditStore
{
    /// What the store was created for.
    fn mode(&self) -> StoreMode;

    /// Why no write is taken any more; none while writes are taken.
    fn read_only(&self) -> Option<String>;

    /// A number that is another one after every write that may change whether an authorization stands: people, sessions,
    /// clients, apps, grants, tokens, units. It changes before the write is acknowledged, so whoever reads it first and the
    /// records then may rely on what was read until it changes or a moment in the records is reached. Counts in this process only.
    fn standing_revision(&self) -> u64;
}

/// Everything a runtime remembers, apart from the data of apps.
pub trait RuntimeStore: AppSessionStore + OneTimeStore + AuditStore {
    /// What the store was created for.
    fn mode(&self) -> StoreMode;

    /// Why no write is taken any more; none while writes are taken.
    fn read_only(&self) -> Option<String>;
}
