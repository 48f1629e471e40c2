//! What guests may call, one file per interface. Each borrows what it needs from the guest's context; none calls another.

pub(crate) mod appointment;
mod appointment_out;
pub(crate) mod catalog;
pub(crate) mod config;
pub(crate) mod identity;
pub(crate) mod keyvalue;
pub(crate) mod keyvalue_draft;
pub(crate) mod logging;
pub(crate) mod place;
pub(crate) mod visitor;

use crate::bindings::types::Error;
use yizhan_auth::AuthError;
use yizhan_support::{PageRequest, SupportError};

impl crate::bindings::types::Host for crate::guest::GuestContext {}

/// What the doorkeeper refused, as the guest hears it.
fn refused(error: &AuthError, purpose: &str) -> Error {
    match error {
        AuthError::NotDeclared(permission) => Error::Denied(permission.to_string()),
        AuthError::Purpose { claim, .. } => Error::Denied(format!("identity:{claim} for {purpose:?}")),
        AuthError::NotGranted(claim) => Error::Denied(format!("identity:{claim}")),
        AuthError::NothingGranted { purpose } => Error::Denied(format!("identity for {purpose:?}")),
        AuthError::NoBackend => Error::NotProvided(error.to_string()),
        AuthError::SignedOut => Error::Denied("identity".to_owned()),
        AuthError::UnknownClaim(source) => Error::Invalid(source.to_string()),
        AuthError::TooMany { .. } => Error::Exhausted(error.to_string()),
        AuthError::NoDatum(_) => Error::NotFound,
        AuthError::UnknownPersona { .. }
        | AuthError::ForeignEnvelope
        | AuthError::ReplayedEnvelope
        | AuthError::AlteredEnvelope
        | AuthError::ExpiredEnvelope
        | AuthError::Unavailable => Error::Unavailable,
    }
}

/// The WIT error that a guest gets for a refusal of the doorkeeper, as WIT writes it.
#[must_use]
pub fn guest_error(error: &AuthError) -> String {
    match refused(error, "query") {
        Error::Denied(what) => format!("denied({what:?})"),
        Error::Invalid(what) => format!("invalid({what:?})"),
        Error::Exhausted(what) => format!("exhausted({what:?})"),
        Error::NotProvided(what) => format!("not-provided({what:?})"),
        Error::NotFound => "not-found".to_owned(),
        _ => "unavailable".to_owned(),
    }
}

/// Why a use-case was not carried out, as the guest hears it.
fn unsupported(error: &SupportError) -> Error {
    match error {
        SupportError::Invalid { what } => Error::Invalid(what.clone()),
        SupportError::NotFound { .. } => Error::NotFound,
        _ => Error::Unavailable,
    }
}

/// A page request, as the use-cases take it.
fn page(page: crate::bindings::types::PageRequest) -> PageRequest {
    PageRequest { cursor: page.cursor, limit: page.limit }
}
