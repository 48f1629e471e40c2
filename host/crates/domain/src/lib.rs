//! The words of Yizhan: types with their rules, codes with their check digits, limits, time. No IO, no async.
//! Every other room imports this one; it imports none of them.

pub mod access;
pub mod appointment;
pub mod authorization;
pub mod calendar;
pub mod claim;
pub mod clock;
pub mod code;
pub mod context;
pub mod digest;
pub mod finding;
pub mod geo;
pub mod id;
pub mod limits;
pub mod path;
pub mod person;
pub mod report;

pub use access::{Access, Permission};
pub use authorization::{ClientId, ConsentId, GrantId, PersonId, SecretHash, SessionId};
pub use calendar::{Calendar, Date};
pub use claim::Claim;
pub use clock::{Clock, ShiftedClock, SystemClock, TestClock, Timestamp};
pub use context::{Context, RequestId};
pub use digest::VersionDigest;
pub use finding::{Finding, Severity};
pub use id::{AppId, Slug};
