//! 我的: the account pages of the person who is signed in. Everybody else is sent to sign-in and comes back.

mod access_log;
pub(crate) mod api;
mod consents;
mod leave;
mod security;

use super::account;
use super::oauth::sign_out;
use crate::http::caller::{Caller, HubAnswer, Posted};
use crate::http::pages::{Frame, MePage, Tab, assurance_label};
use crate::http::problem::Problem;
use crate::hub_side::HubSide;
use axum::Router;
use axum::routing::{get, post};
use http::Method;
use std::sync::Arc;
use yizhan_auth::account::records::SessionRecord;
use yizhan_auth::account::{AccountError, count_live, ways};
use yizhan_auth::sign_in::sessions;

/// The routes.
pub(crate) fn router() -> Router<Arc<HubSide>> {
    Router::new()
        .route("/me", get(home))
        .route("/me/sign-out", post(leave::sign_out_here))
        .route("/me/consents", get(consents::list))
        .route("/me/consents/{id}", get(consents::one))
        .route("/me/consents/{id}/receipt", get(consents::receipt))
        .route("/me/consents/{id}/withdraw", get(consents::ask).post(consents::withdraw))
        .route("/me/access-log", get(access_log::list))
        .route("/me/access-log/export", get(access_log::export))
        .route("/me/access-log/complain", get(access_log::complain))
        .route("/me/sessions", get(security::sessions))
        .route("/me/sessions/{id}/end", post(security::end_session))
        .route("/me/password", get(security::password_page).post(security::password))
        .route("/me/password/changed", get(security::password_changed))
        .route("/me/second-factor", get(security::enrol_page).post(security::enrol))
        .route("/me/second-factor/prove", post(security::prove))
        .route("/me/erase", get(leave::erase_page).post(leave::erase))
        .route("/account-erased", get(leave::erased))
        .merge(api::router())
}

/// The frame of an account page, with the portal's tabs.
fn frame<'a>(caller: &'a Caller, path: &str) -> Frame<'a> {
    caller.frame(path).with_tab(Tab::Me)
}

/// Path and query of this page, for the settings strip and for coming back after sign-in.
fn here(caller: &Caller) -> &str {
    caller.uri.path_and_query().filter(|_| caller.method == Method::GET).map_or("/me", |path| path.as_str())
}

/// The session of whoever looks at the page; others are sent to sign-in and come back.
async fn signed_in(caller: &Caller) -> Result<SessionRecord, HubAnswer> {
    match caller.session().await {
        Ok(Some(session)) => Ok(session),
        Ok(None) => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            Err(caller.see_other(&format!("/sign-in?{}", query.append_pair("to", here(caller)).finish())))
        }
        Err(error) => Err(account::failed(caller, &error)),
    }
}

/// The session of whoever sent a form, if the form's token is bound to it.
async fn sent_by(posted: &Posted) -> Result<SessionRecord, HubAnswer> {
    let session = signed_in(&posted.caller).await?;
    if posted.is_of_session() { Ok(session) } else { Err(posted.caller.problem(Problem::Forbidden)) }
}

/// The answer when the account cannot answer.
fn failed(caller: &Caller, error: &AccountError) -> HubAnswer {
    caller.problem(problem_of(caller, error))
}

fn problem_of(caller: &Caller, error: &AccountError) -> Problem {
    match error {
        AccountError::Cursor => Problem::BadRequest,
        AccountError::Refused(_) | AccountError::Store(_) => {
            tracing::error!(request = %caller.context.id, %error, "the account does not answer");
            Problem::Unavailable
        }
    }
}

/// The overview.
async fn home(caller: Caller) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    match overview(&caller, &session).await {
        Ok(answer) => answer,
        Err(error) => failed(&caller, &error),
    }
}

async fn overview(caller: &Caller, session: &SessionRecord) -> Result<HubAnswer, AccountError> {
    let (context, hub) = (&caller.context, &caller.hub);
    let ways = ways(&hub.provider, &session.person).await?;
    let acting_for = match &session.acting_for {
        Some(capacity) => Some(super::consent::acting_for(caller, session, capacity).await?),
        None => None,
    };
    let frame = frame(caller, "/me");
    let page = MePage {
        assurance: assurance_label(session.assurance, frame.locale),
        frame,
        csrf: &caller.session_form_token(""),
        acting_for,
        live_consents: count_live(context, &hub.provider, &session.person).await?,
        sessions: sessions::list(context, &hub.sign_in, session).await.map_or(1, |list| list.len()),
        has_password: ways.password,
        has_second_factor: ways.second_factor,
    };
    Ok(caller.page(&page))
}
