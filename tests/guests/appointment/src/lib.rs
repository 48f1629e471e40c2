//! An identity-required app that books: `/halls?item=`, `/days?hall=&item=`, `/slots?hall=&item=&date=`, `/book?hall=&item=&date=&start=&key=`,
//! `/cancel?id=`, `/mine` (`times=N`: N calls in one request), `/code?id=`. JSON answers; an error answers 403 and `{"error": …}`.

use serde_json::{Value, json};
use wasip2::http::types::{IncomingRequest, ResponseOutparam};

wit_bindgen::generate!({ path: "../../../guest-sdk/wit", world: "identity-app" });
use yizhan::app::appointment::{self, Booking};
use yizhan::app::types::{Error, PageRequest};

wasip2::http::proxy::export!(Appointment);

struct Appointment;

impl wasip2::exports::http::incoming_handler::Guest for Appointment {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let (path, query) = answer::path_and_query(&request);
        match carry_out(&path, &query) {
            Ok(value) => answer::json(out, 200, &value.to_string()),
            Err(error) => answer::json(out, 403, &json!({ "error": describe(error) }).to_string()),
        }
    }
}

fn carry_out(path: &str, query: &str) -> Result<Value, Error> {
    let value = |name| answer::parameter(query, name).unwrap_or_default();
    let (hall, item, date) = (value("hall"), value("item"), value("date"));
    match path {
        "/halls" => {
            let halls = appointment::halls(&item)?;
            Ok(halls.into_iter().map(|hall| json!({ "id": hall.id, "first": hall.first_free })).collect())
        }
        "/days" => {
            let days = appointment::days(&hall, &item)?;
            Ok(days.into_iter().map(|day| json!({ "date": day.date, "left": day.left })).collect())
        }
        "/slots" => {
            let slots = appointment::slots(&hall, &item, &date)?;
            Ok(slots.into_iter().map(|slot| json!({ "start": slot.start, "left": slot.left })).collect())
        }
        "/book" => appointment::book(&hall, &item, &date, &value("start"), &value("key")).map(|booking| show(&booking)),
        "/cancel" => appointment::cancel(&value("id")).map(|booking| show(&booking)),
        "/code" => appointment::code(&value("id")).map(Value::from),
        _ => {
            let times: u32 = value("times").parse().unwrap_or(1);
            let page = PageRequest { cursor: None, limit: 10 };
            (1..times).try_for_each(|_| appointment::mine(&page).map(drop))?;
            Ok(appointment::mine(&page)?.bookings.iter().map(show).collect())
        }
    }
}

fn show(booking: &Booking) -> Value {
    json!({ "id": booking.id, "number": booking.number, "state": format!("{:?}", booking.state) })
}

/// The error's WIT name, and its text after a colon.
fn describe(error: Error) -> String {
    match error {
        Error::Denied(permission) => format!("denied:{permission}"),
        Error::Invalid(text) => format!("invalid:{text}"),
        Error::NotFound => "not-found".to_owned(),
        Error::Conflict(text) => format!("conflict:{text}"),
        Error::Exhausted(text) => format!("exhausted:{text}"),
        Error::Unavailable => "unavailable".to_owned(),
        Error::NotProvided(text) => format!("not-provided:{text}"),
    }
}
