//! People. Their data is sealed under a key per person; look-up is by keyed hash.

use super::{RecordPage, StoreFuture, Trail};
use serde::{Deserialize, Serialize};
use yizhan_domain::person::{Assurance, PersonKind};
use yizhan_domain::{PersonId, SecretHash, Timestamp};

/// Keyed hash of a login name, number or address that a person is found by; the kind is part of what was hashed.
pub type Handle = SecretHash;

/// A person without a readable datum. `sealed` is AEAD-sealed under the person's data key, which lies apart from every
/// journal and is destroyed when the person is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRecord {
    /// Internal name.
    pub id: PersonId,
    /// Natural or legal person.
    pub kind: PersonKind,
    /// How sure the platform is.
    pub assurance: Assurance,
    /// A seeded test person; development stores only.
    pub persona: bool,
    /// The data, sealed; base64.
    pub sealed: String,
    /// What the person is found by.
    pub handles: Vec<Handle>,
    /// When the account was made.
    pub at: Timestamp,
    /// When it was erased; then `sealed` and `handles` are empty.
    pub erased: Option<Timestamp>,
    /// Rises with every change.
    pub revision: u64,
}

/// People and their data keys.
pub trait PeopleStore: Send + Sync {
    /// Keeps a new person with the (wrapped) data key of 1 to 60 bytes; false when the id or one of the handles is taken. A
    /// persona in a production store is [`StoreError::DevelopmentOnly`](crate::StoreError::DevelopmentOnly).
    fn create_person(&self, person: PersonRecord, data_key: Vec<u8>, trail: Trail) -> StoreFuture<'_, bool>;

    /// The person with this id.
    fn find_person<'a>(&'a self, id: &'a PersonId) -> StoreFuture<'a, Option<PersonRecord>>;

    /// Who is found by this handle.
    fn find_person_by_handle<'a>(&'a self, handle: &'a Handle) -> StoreFuture<'a, Option<PersonId>>;

    /// The wrapped data key of a person; none once it was destroyed.
    fn find_data_key<'a>(&'a self, id: &'a PersonId) -> StoreFuture<'a, Option<Vec<u8>>>;

    /// Replaces a person whose revision is one less than the new one; false when it is not, a new handle is taken, or the
    /// person was erased.
    fn replace_person(&self, person: PersonRecord, trail: Trail) -> StoreFuture<'_, bool>;

    /// Erases a person: destroys the data key, empties data and handles, removes credentials and memberships, ends sessions
    /// and grants, cancels what is booked and takes the person out of older bookings. False when there is no such person. From then on no credentials, session or consent is kept for the
    /// person. The last owner admin of a unit leaves it too: nobody could sign in as one.
    fn erase_person<'a>(&'a self, id: &'a PersonId, now: Timestamp, trail: Trail) -> StoreFuture<'a, bool>;

    /// People in order of ids, for operators.
    fn list_people<'a>(&'a self, cursor: Option<&'a str>, limit: usize) -> StoreFuture<'a, RecordPage<PersonRecord>>;
}
