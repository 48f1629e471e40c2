//! Where ids and numbers of bookings come from: the operating system.

use super::AppointmentError;
use yizhan_domain::appointment::{BookingId, BookingNumber};

fn bytes<const N: usize>() -> Result<[u8; N], AppointmentError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| AppointmentError::Unavailable(None))?;
    Ok(bytes)
}

pub(super) fn id() -> Result<BookingId, AppointmentError> {
    Ok(BookingId::of_random(u128::from_be_bytes(bytes()?)))
}

pub(super) fn number() -> Result<BookingNumber, AppointmentError> {
    Ok(BookingNumber::of_random(u32::from_be_bytes(bytes()?)))
}
