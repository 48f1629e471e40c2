//! What the person decided: for whom to act, agree or refuse. Each form carries a token bound to its browser and its request.

use super::{Pending, pending, proceed, refused};
use crate::http::caller::{HubAnswer, Posted};
use crate::http::cookies::HostCookie;
use crate::http::pages::use_of_value;
use crate::http::problem::Problem;
use crate::http::routes::account;
use yizhan_auth::Refusal;
use yizhan_auth::flow::authorize::{self, Acting, Agreement};
use yizhan_domain::authorization::Capacity;

/// Value of the field `capacity` for oneself.
pub(super) const ONESELF: &str = "oneself";

/// Value of the field `capacity` for a legal person: `uscc/role`.
pub(super) fn capacity_value(capacity: &Capacity) -> String {
    format!("{}/{}", capacity.uscc, capacity.role)
}

fn acting_of_value(value: &str) -> Option<Acting> {
    if value == ONESELF {
        return Some(Acting::Oneself);
    }
    let (uscc, role) = value.split_once('/')?;
    Some(Acting::For(Capacity { uscc: uscc.parse().ok()?, role: role.to_owned() }))
}

/// `POST /consent/capacity`.
pub(super) async fn chosen(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let session = match caller.session().await {
        Ok(Some(session)) if posted.is_of_session() => session,
        Ok(_) => return caller.problem(Problem::Forbidden),
        Err(error) => return account::failed(caller, &error),
    };
    let Some(acting) = acting_of_value(posted.text("capacity")) else { return caller.problem(Problem::BadRequest) };
    let (context, provider) = (&caller.context, &caller.hub.provider);
    match authorize::choose(context, provider, posted.handle(), &session, acting).await {
        Ok(()) => proceed(caller, posted.handle(), Some(&session)).await,
        Err(refusal) => refused(caller, refusal),
    }
}

/// `POST /consent`: `decision` is `agree` or `refuse`. Refusing is open to whoever has not signed in, too.
pub(super) async fn decided(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let session = match caller.session().await {
        Ok(session) => session,
        Err(error) => return account::failed(caller, &error),
    };
    let (context, provider, handle) = (&caller.context, &caller.hub.provider, posted.handle());
    match (posted.text("decision"), &session) {
        ("refuse", _) if posted.is_of_session() || posted.transaction().is_some() => {
            match authorize::refuse(context, provider, handle, session.as_ref()).await {
                Ok(redirect) => finished(&posted, &redirect.url),
                Err(refusal) => refused(caller, refusal),
            }
        }
        ("agree", Some(session)) if posted.is_of_session() => {
            // The consent record names the language of the page that was shown.
            if let Ok(asker) = authorize::asker(context, provider, handle).await {
                caller.wish_locales(asker.ui_locales.as_deref());
            }
            let Some(agreement) = agreement(&posted) else { return caller.problem(Problem::BadRequest) };
            match authorize::agree(context, provider, handle, session, agreement).await {
                Ok(redirect) => finished(&posted, &redirect.url),
                Err(Refusal::ExpiredRequest) => expired(&posted),
                // Somebody else signed in, or the question changed since the page was shown: ask again.
                Err(Refusal::LoginRequired | Refusal::AssuranceTooLow | Refusal::CapacityRequired) => {
                    proceed(caller, handle, Some(session)).await
                }
                Err(refusal) => refused(caller, refusal),
            }
        }
        ("agree" | "refuse", _) => caller.problem(Problem::Forbidden),
        _ => caller.problem(Problem::BadRequest),
    }
}

fn agreement(posted: &Posted) -> Option<Agreement> {
    let ticked = posted.fields.all("grant").into_iter().map(use_of_value).collect::<Option<_>>()?;
    Some(Agreement { ticked, locale: posted.caller.locale().tag().to_owned() })
}

/// Back to the client; what was remembered for a second try is forgotten.
fn finished(posted: &Posted, address: &str) -> HubAnswer {
    let mut answer = posted.caller.see_other(address);
    if posted.caller.cookie(HostCookie::Choices).is_some() {
        posted.caller.set_cookie(&mut answer, HostCookie::Choices, "", Some(0));
    }
    answer
}

/// The request ended while the person read: the next page of the same app has the same boxes ticked.
fn expired(posted: &Posted) -> HubAnswer {
    let mut answer = refused(&posted.caller, Refusal::ExpiredRequest);
    if let Some(pending) = Pending::of(&posted.caller) {
        pending::Choices::keep(&posted.caller, &mut answer, &pending.origin, &posted.fields.all("grant"));
    }
    answer
}
