//! `yizhan:app/appointment`: booking slots at halls for the signed-in person. Linked for identity-required apps only.

use super::appointment_out::{booking_out, day_out, hall_out, slot_out};
use crate::bindings::appointment as wit;
use crate::bindings::types::{Error, PageRequest};
use crate::guest::{GuestContext, Visit};
use crate::services::Services;
use std::sync::Arc;
use yizhan_auth::runtime::ActError;
use yizhan_domain::appointment::BookingId;
use yizhan_domain::{Context, Permission};
use yizhan_support::appointment::{self, AppointmentError, Appointments, BookForm, Booker};

type Answer<T> = wasmtime::Result<Result<T, Error>>;

/// Most bookings of one page.
const PAGE_MAX: u32 = 100;

/// Booking, with the request at the present moment. None where the hub is another process.
fn booking(services: &Services, visit: &Visit) -> Result<(Context, Arc<Appointments>), Error> {
    let desk = services.appointments.clone().ok_or(Error::Unavailable)?;
    Ok((Context { now: services.clock.now(), ..visit.context }, desk))
}

/// The same, and for whom the app acts: asked of the hub at every call.
async fn booking_for(services: &Services, visit: &Visit) -> Result<(Context, Arc<Appointments>, Booker), Error> {
    let permission = Permission::Book;
    let context = Context { now: services.clock.now(), ..visit.context };
    let acting = visit.permit.act(&context, &services.authorization, &permission).await;
    let acting = acting.map_err(|error| match error {
        ActError::Denied(_) => Error::Denied(permission.to_string()),
        ActError::Exhausted => Error::Exhausted(error.to_string()),
        ActError::Unavailable => Error::Unavailable,
    })?;
    let (_, desk) = booking(services, visit)?;
    let booker = Booker {
        person: acting.person,
        acting_for: acting.acting_for,
        assurance: acting.assurance,
        app: Some(acting.app),
    };
    Ok((context, desk, booker))
}

impl wit::Host for GuestContext {
    async fn halls(&mut self, item: String) -> Answer<Vec<wit::Hall>> {
        let Self { services, visit, .. } = self;
        let answer = async {
            let (context, desk) = booking(services, visit)?;
            let halls = appointment::list_halls(&context, &desk, &item).await.map_err(refused)?;
            Ok(halls.into_iter().map(hall_out).collect())
        }
        .await;
        self.observe(|| format!("appointment.halls {item}"), &answer);
        Ok(answer)
    }

    async fn days(&mut self, hall: String, item: String) -> Answer<Vec<wit::Day>> {
        let Self { services, visit, .. } = self;
        let answer = async {
            let (context, desk) = booking(services, visit)?;
            let days = appointment::list_days(&context, &desk, &hall, &item).await.map_err(refused)?;
            Ok(days.into_iter().map(day_out).collect())
        }
        .await;
        self.observe(|| format!("appointment.days {hall} {item}"), &answer);
        Ok(answer)
    }

    async fn slots(&mut self, hall: String, item: String, date: String) -> Answer<Vec<wit::Slot>> {
        let Self { services, visit, .. } = self;
        let answer = async {
            let (context, desk) = booking(services, visit)?;
            let date = date.parse().map_err(|_| Error::Invalid("date is YYYY-MM-DD".to_owned()))?;
            let slots = appointment::list_slots(&context, &desk, &hall, &item, date).await.map_err(refused)?;
            Ok(slots.into_iter().map(slot_out).collect())
        }
        .await;
        self.observe(|| format!("appointment.slots {hall} {item}"), &answer);
        Ok(answer)
    }

    async fn book(
        &mut self,
        hall: String,
        item: String,
        date: String,
        start: String,
        key: String,
    ) -> Answer<wit::Booking> {
        let call = format!("appointment.book {hall} {item}");
        let Self { services, visit, .. } = self;
        let answer = async {
            let (context, desk, booker) = booking_for(services, visit).await?;
            let date = date.parse().map_err(|_| Error::Invalid("date is YYYY-MM-DD".to_owned()))?;
            let start = start.parse().map_err(|_| Error::Invalid("start is HH:MM".to_owned()))?;
            let form = BookForm { hall, item, date, start, key };
            let booked = appointment::book(&context, &desk, &booker, &form).await.map_err(refused)?;
            Ok(booking_out(booked.booking))
        }
        .await;
        self.observe(|| call, &answer);
        Ok(answer)
    }

    async fn cancel(&mut self, id: String) -> Answer<wit::Booking> {
        let Self { services, visit, .. } = self;
        let answer = async {
            let (context, desk, booker) = booking_for(services, visit).await?;
            appointment::cancel(&context, &desk, &booker, &BookingId(id)).await.map(booking_out).map_err(refused)
        }
        .await;
        self.observe(|| "appointment.cancel".to_owned(), &answer);
        Ok(answer)
    }

    async fn mine(&mut self, wanted: PageRequest) -> Answer<wit::BookingPage> {
        let Self { services, visit, .. } = self;
        let answer = async {
            let (context, desk, booker) = booking_for(services, visit).await?;
            if !(1..=PAGE_MAX).contains(&wanted.limit) {
                return Err(Error::Invalid(format!("limit is {}; 1 to {PAGE_MAX} is allowed", wanted.limit)));
            }
            let (cursor, limit) = (wanted.cursor.as_deref(), wanted.limit as usize);
            let page = appointment::list_mine(&context, &desk, &booker, cursor, limit).await.map_err(refused)?;
            let bookings = page.entries.into_iter().map(booking_out).collect();
            Ok(wit::BookingPage { bookings, next: page.next })
        }
        .await;
        self.observe(|| "appointment.mine".to_owned(), &answer);
        Ok(answer)
    }

    async fn code(&mut self, id: String) -> Answer<String> {
        let Self { services, visit, .. } = self;
        let answer = async {
            let (context, desk, booker) = booking_for(services, visit).await?;
            let shown = appointment::show_code(&context, &desk, &booker, &BookingId(id)).await.map_err(refused)?;
            Ok(shown.token)
        }
        .await;
        self.observe(|| "appointment.code".to_owned(), &answer);
        Ok(answer)
    }
}

/// Why it was not done, as the guest hears it.
fn refused(error: AppointmentError) -> Error {
    match error {
        AppointmentError::Invalid(_) | AppointmentError::Page => Error::Invalid(error.to_string()),
        AppointmentError::UnknownHall | AppointmentError::UnknownItem | AppointmentError::NotFound => Error::NotFound,
        AppointmentError::WrongPersonKind
        | AppointmentError::AssuranceTooLow
        | AppointmentError::Paused { .. }
        | AppointmentError::NotAllowed => Error::Denied(format!("{}: {}", Permission::Book, error.code())),
        AppointmentError::Unavailable(_) => Error::Unavailable,
        _ => Error::Conflict(error.code().to_owned()),
    }
}
