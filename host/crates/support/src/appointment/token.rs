//! The signed form of a booking's code: an ES256 token of the hub (RFC 7519), verified offline with its published keys. It
//! names the booking and nobody. `docs/booking-code.md` describes it.

use super::{AppointmentError, Appointments};
use serde::{Deserialize, Serialize};
use yizhan_auth::jose::{Expect, JwsAlgorithm, verify};
use yizhan_domain::Context;
use yizhan_domain::appointment::BookingId;
use yizhan_store::records::BookingRecord;

/// Type of the token, in its header (RFC 8725, section 3.11).
pub const TOKEN_TYPE: &str = "booking+jwt";
/// The same, as headers are compared.
const TYPES: &[&str] = &[TOKEN_TYPE];
/// How long after its slot a token counts, seconds: halls run late.
const LATE_SECONDS: u64 = 12 * 3600;

/// What the token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenClaims {
    /// The hub: its public origin.
    pub iss: String,
    /// When it was signed, seconds since the epoch.
    pub iat: u64,
    /// When it ends: twelve hours after the slot, seconds since the epoch.
    pub exp: u64,
    /// The booking.
    pub jti: String,
    /// The hall.
    pub hall: String,
    /// The item, 31 characters.
    pub item: String,
    /// The day, `YYYY-MM-DD`.
    pub date: String,
    /// When the slot begins, `HH:MM` in China.
    pub start: String,
    /// When it ends.
    pub end: String,
    /// The number, eight digits.
    pub number: String,
}

pub(super) async fn sign(
    context: &Context,
    desk: &Appointments,
    record: &BookingRecord,
) -> Result<String, AppointmentError> {
    let claims = TokenClaims {
        iss: desk.provider.issuer.clone(),
        iat: context.now.0 / 1000,
        exp: record.ends().0 / 1000 + LATE_SECONDS,
        jti: record.id.to_string(),
        hall: record.slot.hall.to_string(),
        item: record.item.to_string(),
        date: record.slot.date.to_string(),
        start: record.slot.start.to_string(),
        end: record.end.to_string(),
        number: record.number.to_string(),
    };
    Ok(desk.provider.sign(TOKEN_TYPE, &claims).await?)
}

/// The booking that a token of this hub names.
pub(super) async fn read(context: &Context, desk: &Appointments, token: &str) -> Result<BookingId, AppointmentError> {
    let keys = desk.provider.jwks(context.now).await?;
    let expect = Expect { types: TYPES, algorithms: &[JwsAlgorithm::Es256] };
    let verified = verify(token, &keys, &expect).map_err(|_| AppointmentError::WrongCode)?;
    let claims = &verified.claims;
    match (claims.text("iss"), claims.text("jti")) {
        (Some(iss), Some(id)) if iss == desk.provider.issuer => Ok(BookingId(id.to_owned())),
        _ => Err(AppointmentError::WrongCode),
    }
}
