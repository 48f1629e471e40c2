//! The host's own pages: portal, sign-in, consent, account, errors, notices. Templates stand in `web/templates`.

mod consent;
mod dev;
mod error;
mod frame;
mod me;
mod message;
mod moment;
mod notice;
mod outcome;
mod places;
mod portal;
mod refusal;
mod regions;
mod second_factor;
mod services;
mod sign_in;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use consent::{ActAsk, ActingFor, Asker, CapacityPage, ConsentPage, UseAsk, use_of_value};
pub(crate) use dev::{DevPage, Rehearsal, personas_of, refusal_groups};
pub(crate) use error::ErrorPage;
pub(crate) use frame::{Frame, Tab};
pub(crate) use me::{
    AccessLogPage, AccessRow, ComplainPage, ConsentCard, ConsentDetailPage, ConsentsPage, ErasePage, MePage,
    PasswordPage, SessionRow, SessionsPage, WithdrawPage,
};
pub(crate) use message::Message;
pub(crate) use moment::{moment, rfc3339};
pub(crate) use notice::{Notice, NoticePage};
pub(crate) use outcome::{Link, OutcomePage, SignOutPage};
pub(crate) use places::{HoursRow, PlacePage, PlaceRow, PlacesPage};
pub(crate) use portal::{AppCard, Citizen, PortalPage};
pub(crate) use refusal::refusal_page;
pub(crate) use regions::{RegionPage, RegionRow};
pub(crate) use second_factor::{EnrolPage, ProvePage, QrPicture, RecoveryCodesPage, in_fours};
pub(crate) use services::{HandlingApp, ServicePage, ServiceRow, ServicesPage, online_label};
pub(crate) use sign_in::{FlowForm, PersonaChoice, SecondFactorPage, SetUpPage, SignInPage, Way};

pub(crate) use words::{assurance_label, booking_label};

use super::{assets::Answer, security_headers::HubHeaders};
use askama::Template;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;

/// A page as an answer with the security headers of the host's pages.
pub(crate) fn respond(page: &impl Template, hub_headers: &HubHeaders) -> Answer {
    let mut response = answer(page);
    hub_headers.apply(response.headers_mut());
    response
}

/// A page as an answer without security headers. Rendering into memory fails only on a broken template; then the answer is
/// a bare 500.
pub(crate) fn answer(page: &impl Template) -> Answer {
    let (status, text) = match page.render() {
        Ok(text) => (StatusCode::OK, text),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "500".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// The text of a complete body.
#[cfg(test)]
pub(crate) fn whole_text(body: Full<Bytes>) -> String {
    use http_body_util::BodyExt;
    let mut collected = std::pin::pin!(body.collect());
    match collected.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(Ok(whole)) => String::from_utf8_lossy(&whole.to_bytes()).into_owned(),
        _ => panic!("a full body is ready at once"),
    }
}
