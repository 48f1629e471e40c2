//! Why a booking was not made or changed, as problem+json: the status of each refusal. Its code is the use-case's own.

use crate::http::caller::{Caller, HubAnswer};
use crate::http::pages::rfc3339;
use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use yizhan_support::AppointmentError as Refusal;

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Invalid(_) | Refusal::Page | Refusal::Plan(_) => StatusCode::BAD_REQUEST,
        Refusal::AssuranceTooLow
        | Refusal::WrongPersonKind
        | Refusal::NotAllowed
        | Refusal::SecondFactor
        | Refusal::Paused { .. } => StatusCode::FORBIDDEN,
        Refusal::UnknownHall | Refusal::UnknownItem | Refusal::NotFound | Refusal::WrongCode => StatusCode::NOT_FOUND,
        Refusal::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::CONFLICT,
    }
}

/// The answer, with what there is to know beside the code: the booking that stands in the way, a moment, a day.
pub(crate) fn refused(caller: &Caller, refusal: &Refusal) -> HubAnswer {
    if let Refusal::Unavailable(_) = refusal {
        tracing::error!(request = %caller.context.id, error = ?refusal, "booking does not answer");
    }
    let (status, code) = (status(refusal), refusal.code());
    let mut body = serde_json::json!({
        "type": format!("urn:yizhan:problem:{code}"),
        "title": refusal.to_string(),
        "status": status.as_u16(),
        "code": code,
        "request_id": caller.context.id.to_string(),
    });
    match refusal {
        Refusal::BookedAlready { booking } => body["booking"] = booking.as_str().into(),
        Refusal::Paused { until } | Refusal::TooLateToCancel { until } => body["until"] = rfc3339(*until).into(),
        Refusal::TooFar { last: date } | Refusal::NotToday { date } => body["date"] = date.to_string().into(),
        Refusal::Ended(state) => body["state"] = state.name().into(),
        Refusal::UnknownYear(why) => body["detail"] = why.to_string().into(),
        _ => {}
    }
    let mut answer = Response::new(Body::from(body.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    caller.hub.headers.apply(answer.headers_mut());
    answer
}
