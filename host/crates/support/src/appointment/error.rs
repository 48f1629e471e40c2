//! Why a booking was not made or changed. The codes are stable; pages say each in their own words.

use yizhan_auth::Refusal;
use yizhan_domain::appointment::{BookingId, BookingState, PlanError};
use yizhan_domain::{Date, Timestamp};
use yizhan_store::StoreError;

/// Why something about bookings was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppointmentError {
    /// An argument is wrong.
    #[error("{0}")]
    Invalid(String),
    /// No place has this name, or it is no hall.
    #[error("there is no such hall")]
    UnknownHall,
    /// No item has this code.
    #[error("there is no such item")]
    UnknownItem,
    /// The item is not done by appointment (`is_schedule`).
    #[error("the item is not done by appointment")]
    NotBookable,
    /// The item is not handled at the hall.
    #[error("the item is not handled at this hall")]
    NotHandled,
    /// The hall takes no bookings.
    #[error("the hall takes no bookings")]
    NoCalendar,
    /// The item is for natural persons alone, or for legal persons alone.
    #[error("the item is for another kind of person")]
    WrongPersonKind,
    /// The hub is not sure enough of the person.
    #[error("booking needs an account with a verified identity")]
    AssuranceTooLow,
    /// No slot on that day.
    #[error("the hall takes no bookings on that day")]
    ClosedDay,
    /// Later than the hall lets people book.
    #[error("bookings are taken until {last}")]
    TooFar {
        /// The last day that can be booked.
        last: Date,
    },
    /// The slot has begun.
    #[error("the slot has begun")]
    PastSlot,
    /// No slot begins then.
    #[error("no slot begins at that time")]
    NoSlot,
    /// Every place is taken.
    #[error("every place of the slot is taken")]
    SlotFull,
    /// The person has a live booking of the item on that day.
    #[error("there is a booking of this item on that day")]
    BookedAlready {
        /// That booking.
        booking: BookingId,
    },
    /// Too many missed slots.
    #[error("too many slots were missed; booking at this hall is paused")]
    Paused {
        /// When booking is possible again.
        until: Timestamp,
    },
    /// The client's key made another booking.
    #[error("the key was used for another booking")]
    KeyReused,
    /// It could be cancelled until then.
    #[error("it is too late to cancel")]
    TooLateToCancel {
        /// Until when.
        until: Timestamp,
    },
    /// The booking has come to an end.
    #[error("the booking is {}", .0.name())]
    Ended(BookingState),
    /// No such booking, or somebody else's.
    #[error("there is no such booking")]
    NotFound,
    /// A number with a wrong digit, or a token that this hub did not sign.
    #[error("the code is not right")]
    WrongCode,
    /// The booking is for another day.
    #[error("the booking is for {date}")]
    NotToday {
        /// Its day.
        date: Date,
    },
    /// The slot has not ended: nobody has missed it yet.
    #[error("the slot has not ended")]
    NotOver,
    /// The person does not work at this hall's desk.
    #[error("this needs the role desk-staff in the hall's unit, or an operator")]
    NotAllowed,
    /// An operator without a second factor in this session.
    #[error("this needs a second factor")]
    SecondFactor,
    /// A calendar breaks a bound.
    #[error("the calendar is refused")]
    Plan(#[source] PlanError),
    /// The calendar was changed by somebody else since it was read.
    #[error("the calendar was changed meanwhile; read it again")]
    Changed,
    /// The holidays of that year are not known.
    #[error("the holidays of that year are not known")]
    UnknownYear(#[source] yizhan_domain::calendar::CalendarError),
    /// A cursor of another list, or a limit outside 1 to 100.
    #[error("the page asked for is none of this list")]
    Page,
    /// Store or keys do not answer.
    #[error("booking does not answer now")]
    Unavailable(#[source] Option<StoreError>),
}

impl AppointmentError {
    /// Stable code, kebab-case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::UnknownHall => "unknown-hall",
            Self::UnknownItem => "unknown-item",
            Self::NotBookable => "not-bookable",
            Self::NotHandled => "not-handled",
            Self::NoCalendar => "no-calendar",
            Self::WrongPersonKind => "wrong-person-kind",
            Self::AssuranceTooLow => "assurance-too-low",
            Self::ClosedDay => "closed-day",
            Self::TooFar { .. } => "too-far",
            Self::PastSlot => "past-slot",
            Self::NoSlot => "no-slot",
            Self::SlotFull => "slot-full",
            Self::BookedAlready { .. } => "booked-already",
            Self::Paused { .. } => "paused",
            Self::KeyReused => "key-reused",
            Self::TooLateToCancel { .. } => "too-late-to-cancel",
            Self::Ended(_) => "ended",
            Self::NotFound => "not-found",
            Self::WrongCode => "wrong-code",
            Self::NotToday { .. } => "not-today",
            Self::NotOver => "not-over",
            Self::NotAllowed => "not-allowed",
            Self::SecondFactor => "second-factor-needed",
            Self::Plan(_) => "bad-calendar",
            Self::Changed => "calendar-changed",
            Self::UnknownYear(_) => "unknown-year",
            Self::Page => "bad-page",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

impl From<StoreError> for AppointmentError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Cursor { .. } | StoreError::Size { what: "entries of a page", .. } => Self::Page,
            error => Self::Unavailable(Some(error)),
        }
    }
}

impl From<Refusal> for AppointmentError {
    fn from(_: Refusal) -> Self {
        Self::Unavailable(None)
    }
}

impl From<yizhan_domain::calendar::CalendarError> for AppointmentError {
    fn from(error: yizhan_domain::calendar::CalendarError) -> Self {
        Self::UnknownYear(error)
    }
}
