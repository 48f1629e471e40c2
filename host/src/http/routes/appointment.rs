//! Booking as JSON, for scripts of the hub's own origin: what halls offer, for everybody; a person's own bookings with the
//! session. What changes something needs the session's form token in `x-yizhan-csrf`. `http/openapi.rs` describes it.

pub(crate) mod view;

use super::form::Fields;
use super::me::api::{is_meant, json, signed_in};
use crate::http::caller::{Caller, HubAnswer};
use crate::http::locale::Locale;
use crate::http::problem::{Problem, booking::refused};
use crate::hub_side::HubSide;
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts as _, Path, Request, State};
use axum::routing::{get, post};
use http::{HeaderValue, Response, header};
use http_body_util::{BodyExt as _, Limited};
use std::sync::Arc;
use view::{AskedSlot, Bookings, Code, DayView, HallView, Made, OneBooking, SlotView};
use yizhan_domain::Date;
use yizhan_domain::appointment::BookingId;
use yizhan_support::appointment::{self, AppointmentError, BookForm, Booker, Language};

/// Largest body of a booking in bytes.
const BODY_BYTES_MAX: usize = 4 << 10;
/// Bookings of one page.
const PAGE: usize = 20;

/// The routes.
pub(crate) fn router() -> Router<Arc<HubSide>> {
    Router::new()
        .route("/api/appointments/halls", get(halls))
        .route("/api/appointments/days", get(days))
        .route("/api/appointments/slots", get(slots))
        .route("/api/me/appointments", get(mine).post(book))
        .route("/api/me/appointments/{id}", get(one))
        .route("/api/me/appointments/{id}/cancel", post(cancel))
        .route("/api/me/appointments/{id}/code", get(code))
        .route("/api/me/appointments/{id}/calendar.ics", get(calendar))
}

async fn halls(caller: Caller) -> HubAnswer {
    let query = Fields::of_query(caller.uri.query());
    let item = query.find("item").unwrap_or_default();
    match appointment::list_halls(&caller.context, &caller.hub.appointments, item).await {
        Ok(list) => json(&caller, &list.iter().map(HallView::of).collect::<Vec<_>>()),
        Err(error) => unfound(&caller, error),
    }
}

async fn days(caller: Caller) -> HubAnswer {
    let query = Fields::of_query(caller.uri.query());
    let (hall, item) = (query.find("hall").unwrap_or_default(), query.find("item").unwrap_or_default());
    match appointment::list_days(&caller.context, &caller.hub.appointments, hall, item).await {
        Ok(list) => json(&caller, &list.iter().map(DayView::of).collect::<Vec<_>>()),
        Err(error) => unfound(&caller, error),
    }
}

async fn slots(caller: Caller) -> HubAnswer {
    let query = Fields::of_query(caller.uri.query());
    let (hall, item) = (query.find("hall").unwrap_or_default(), query.find("item").unwrap_or_default());
    let Some(date) = query.find("date").and_then(|date| date.parse::<Date>().ok()) else {
        return refused(&caller, &AppointmentError::Invalid("date is YYYY-MM-DD".to_owned()));
    };
    match appointment::list_slots(&caller.context, &caller.hub.appointments, hall, item, date).await {
        Ok(list) => json(&caller, &list.iter().map(SlotView::of).collect::<Vec<_>>()),
        Err(error) => unfound(&caller, error),
    }
}

/// A wrong hall or item of the query is the caller's mistake; the address itself exists.
fn unfound(caller: &Caller, error: AppointmentError) -> HubAnswer {
    match error {
        AppointmentError::UnknownHall | AppointmentError::UnknownItem => {
            refused(caller, &AppointmentError::Invalid(error.to_string()))
        }
        error => refused(caller, &error),
    }
}

async fn mine(caller: Caller) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let query = Fields::of_query(caller.uri.query());
    let (desk, booker) = (&caller.hub.appointments, Booker::of(&session));
    match appointment::list_mine(&caller.context, desk, &booker, query.find("cursor"), PAGE).await {
        Ok(page) => json(&caller, &Bookings::of(&page)),
        Err(error) => refused(&caller, &error),
    }
}

/// Books a slot: a JSON body with hall, item, date, start and the client's key.
async fn book(State(hub): State<Arc<HubSide>>, request: Request) -> HubAnswer {
    let (mut parts, body) = request.into_parts();
    let caller = match Caller::from_request_parts(&mut parts, &hub).await {
        Ok(caller) => caller,
        Err(status) => {
            let mut answer = Response::new(Body::empty());
            *answer.status_mut() = status;
            return answer;
        }
    };
    // Read before anything is refused: what is left unread ends the connection.
    let Ok(body) = Limited::new(body, BODY_BYTES_MAX).collect().await else {
        return caller.problem(Problem::BodyTooLarge);
    };
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    if !is_meant(&caller) {
        return caller.problem(Problem::Forbidden);
    }
    let Ok(asked) = serde_json::from_slice::<AskedSlot>(&body.to_bytes()) else {
        return caller.problem(Problem::BadRequest);
    };
    let (Ok(date), Ok(start)) = (asked.date.parse(), asked.start.parse()) else {
        return refused(&caller, &AppointmentError::Invalid("date is YYYY-MM-DD, start HH:MM".to_owned()));
    };
    let form = BookForm { hall: asked.hall, item: asked.item, date, start, key: asked.key };
    match appointment::book(&caller.context, &caller.hub.appointments, &Booker::of(&session), &form).await {
        Ok(booked) => json(&caller, &Made { again: booked.again, booking: OneBooking::of(&booked.booking) }),
        Err(error) => refused(&caller, &error),
    }
}

async fn one(caller: Caller, Path(id): Path<String>) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let (desk, booker) = (&caller.hub.appointments, Booker::of(&session));
    match appointment::find_mine(&caller.context, desk, &booker, &BookingId(id)).await {
        Ok(Some(booking)) => json(&caller, &OneBooking::of(&booking)),
        Ok(None) => refused(&caller, &AppointmentError::NotFound),
        Err(error) => refused(&caller, &error),
    }
}

/// Answers with the booking as it stands afterwards.
async fn cancel(caller: Caller, Path(id): Path<String>) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    if !is_meant(&caller) {
        return caller.problem(Problem::Forbidden);
    }
    let (desk, booker) = (&caller.hub.appointments, Booker::of(&session));
    match appointment::cancel(&caller.context, desk, &booker, &BookingId(id)).await {
        Ok(booking) => json(&caller, &OneBooking::of(&booking)),
        Err(error) => refused(&caller, &error),
    }
}

async fn code(caller: Caller, Path(id): Path<String>) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let (desk, booker) = (&caller.hub.appointments, Booker::of(&session));
    match appointment::show_code(&caller.context, desk, &booker, &BookingId(id)).await {
        Ok(shown) => json(&caller, &Code { number: shown.number, token: shown.token }),
        Err(error) => refused(&caller, &error),
    }
}

async fn calendar(caller: Caller, Path(id): Path<String>) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let language = match caller.locale() {
        Locale::ZhCn => Language::Chinese,
        Locale::En => Language::English,
    };
    let (desk, booker) = (&caller.hub.appointments, Booker::of(&session));
    match appointment::calendar_file(&caller.context, desk, &booker, &BookingId(id), language).await {
        Ok(file) => calendar_answer(&caller, file),
        Err(error) => refused(&caller, &error),
    }
}

/// A calendar file as a download.
pub(crate) fn calendar_answer(caller: &Caller, file: String) -> HubAnswer {
    let mut answer = Response::new(Body::from(file));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
    let name = HeaderValue::from_static("attachment; filename=\"appointment.ics\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    caller.hub.headers.apply(answer.headers_mut());
    answer
}
