//! A booking as a calendar file (iCalendar, RFC 5545), for the person's own calendar. Names no person.

use super::own::{Booking, find_mine};
use super::{AppointmentError, Appointments, Booker};
use yizhan_domain::Date;
use yizhan_domain::appointment::{BookingId, BookingState};
use yizhan_domain::{Context, Timestamp};

/// Longest line in bytes, without its end (RFC 5545, section 3.1).
const LINE_BYTES_MAX: usize = 75;

/// Language of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 中文
    Chinese,
    /// English.
    English,
}

/// The calendar file of a booking of the person: one event in UTC, with a reminder a day before. Its `UID` stays the same, so
/// that a calendar that takes it again shows a cancelled booking as cancelled. Content type `text/calendar; charset=utf-8`.
///
/// # Errors
/// [`AppointmentError::NotFound`], or the store's.
pub async fn calendar_file(
    context: &Context,
    desk: &Appointments,
    booker: &Booker,
    id: &BookingId,
    language: Language,
) -> Result<String, AppointmentError> {
    let booking = find_mine(context, desk, booker, id).await?.ok_or(AppointmentError::NotFound)?;
    let issuer = &desk.provider.issuer;
    let host = issuer.split_once("://").map_or(issuer.as_str(), |(_, host)| host);
    Ok(write(&booking, host, language))
}

fn write(booking: &Booking, host: &str, language: Language) -> String {
    let cancelled = booking.state == BookingState::Cancelled;
    let (summary, description) = texts(booking, language);
    let mut file = String::new();
    let mut line = |text: &str| fold(&mut file, text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Yizhan//Booking//ZH");
    line("METHOD:PUBLISH");
    line("BEGIN:VEVENT");
    line(&format!("UID:{}@{host}", booking.id));
    line(&format!("DTSTAMP:{}", utc(booking.changed)));
    line(&format!("SEQUENCE:{}", u8::from(booking.state != BookingState::Booked)));
    line(&format!("DTSTART:{}", utc(booking.start.on(booking.date))));
    line(&format!("DTEND:{}", utc(booking.end.on(booking.date))));
    line(&format!("STATUS:{}", if cancelled { "CANCELLED" } else { "CONFIRMED" }));
    line(&format!("SUMMARY:{}", escape(&summary)));
    line(&format!("LOCATION:{}", escape(format!("{} {}", booking.hall_name, booking.hall_address).trim())));
    line(&format!("DESCRIPTION:{}", escape(&description)));
    if !cancelled {
        line("BEGIN:VALARM");
        line("ACTION:DISPLAY");
        line("TRIGGER:-P1D");
        line(&format!("DESCRIPTION:{}", escape(&summary)));
        line("END:VALARM");
    }
    line("END:VEVENT");
    line("END:VCALENDAR");
    file
}

fn texts(booking: &Booking, language: Language) -> (String, String) {
    let (item, hall, number) = (&booking.item_name, &booking.hall_name, &booking.number);
    match language {
        Language::Chinese => {
            (format!("办事预约：{item}"), format!("预约号 {number}\n请在 {} 前到{hall}，出示预约号。", booking.start))
        }
        Language::English => (
            format!("Appointment: {item}"),
            format!(
                "Booking number {number}\nPlease be at {hall} by {} (China time) and show the number.",
                booking.start
            ),
        ),
    }
}

/// A moment as `YYYYMMDDTHHMMSSZ` (RFC 5545, section 3.3.5, form 2).
fn utc(at: Timestamp) -> String {
    // A date in China begins eight hours before the one in UTC: moved by these, it is that of UTC.
    const CHINA_MS: u64 = 8 * 3_600_000;
    let date = Date::in_china(Timestamp(at.0.saturating_sub(CHINA_MS)));
    let seconds = at.0 / 1000 % 86_400;
    let time = format!("{:02}{:02}{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{:04}{:02}{:02}T{time}Z", date.year(), date.month(), date.day())
}

/// RFC 5545, section 3.3.11. Other control characters cannot stand in a calendar at all.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => escaped.push_str("\\n"),
            ';' | ',' | '\\' => escaped.extend(['\\', character]),
            character if character.is_control() => {}
            character => escaped.push(character),
        }
    }
    escaped
}

/// A content line, folded between characters (RFC 5545, section 3.1).
fn fold(file: &mut String, text: &str) {
    let mut length = 0;
    for character in text.chars() {
        if length + character.len_utf8() > LINE_BYTES_MAX {
            file.push_str("\r\n ");
            length = 1;
        }
        file.push(character);
        length += character.len_utf8();
    }
    file.push_str("\r\n");
}
