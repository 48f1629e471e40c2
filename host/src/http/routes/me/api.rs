//! The account pages as JSON, for scripts of the hub's own origin: the same session, the same use-cases. What changes
//! something needs the session's form token in `x-yizhan-csrf`. `http/openapi.rs` describes it.

pub(crate) mod view;

use super::{problem_of, security};
use crate::http::caller::{Caller, HubAnswer};
use crate::http::pages::rfc3339;
use crate::http::problem::Problem;
use crate::http::routes::form::Fields;
use crate::hub_side::{FormBinding, HubSide};
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::{delete, get, post};
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use std::sync::Arc;
use view::{Access, AccessPage, Consent, Consents, Me, OneSession};
use yizhan_auth::account::records::SessionRecord;
use yizhan_auth::account::{self, AccountError, ConsentView};
use yizhan_auth::flow::acr;
use yizhan_auth::sign_in::sessions;
use yizhan_domain::ConsentId;

/// Header with the session's form token.
pub(crate) const CSRF: &str = "x-yizhan-csrf";

/// The routes.
pub(super) fn router() -> Router<Arc<HubSide>> {
    Router::new()
        .route("/api/me", get(me))
        .route("/api/me/consents", get(consents))
        .route("/api/me/consents/{id}", get(consent))
        .route("/api/me/consents/{id}/withdraw", post(withdraw))
        .route("/api/me/access-log", get(access_log))
        .route("/api/me/sessions", get(list_sessions))
        .route("/api/me/sessions/{id}", delete(end_session))
        .route("/api/openapi.json", get(description))
}

async fn me(caller: Caller) -> HubAnswer {
    match signed_in(&caller).await {
        Ok(session) => json(
            &caller,
            &Me {
                session: session.id.to_string(),
                acr: acr::name(session.assurance),
                acting_for: session.acting_for.as_ref().map(|capacity| capacity.uscc.to_string()),
                ends: rfc3339(session.expires),
                csrf: caller.session_form_token(""),
            },
        ),
        Err(answer) => answer,
    }
}

async fn consents(caller: Caller) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let query = Fields::of_query(caller.uri.query());
    let found = account::list_consents(&caller.context, &caller.hub.provider, &session.person, query.find("cursor"));
    match found.await {
        Ok(page) => {
            json(&caller, &Consents { entries: page.entries.iter().map(Consent::of).collect(), next: page.next })
        }
        Err(error) => failed(&caller, &error),
    }
}

async fn consent(caller: Caller, Path(id): Path<String>) -> HubAnswer {
    match find(&caller, id).await {
        Ok((_, view)) => json(&caller, &Consent::of(&view)),
        Err(answer) => answer,
    }
}

/// Answers with the consent as it stands afterwards.
async fn withdraw(caller: Caller, Path(id): Path<String>) -> HubAnswer {
    if !is_meant(&caller) {
        return caller.problem(Problem::Forbidden);
    }
    let (session, view) = match find(&caller, id.clone()).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    match account::withdraw(&caller.context, &caller.hub.provider, &session.person, &view).await {
        Ok(_) => match find(&caller, id).await {
            Ok((_, view)) => json(&caller, &Consent::of(&view)),
            Err(answer) => answer,
        },
        Err(error) => failed(&caller, &error),
    }
}

async fn find(caller: &Caller, id: String) -> Result<(SessionRecord, ConsentView), HubAnswer> {
    let session = signed_in(caller).await?;
    let (context, provider) = (&caller.context, &caller.hub.provider);
    match account::find_consent(context, provider, &session.person, &ConsentId(id)).await {
        Ok(Some(view)) => Ok((session, view)),
        Ok(None) => Err(caller.problem(Problem::NotFound)),
        Err(error) => Err(failed(caller, &error)),
    }
}

async fn access_log(caller: Caller) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let query = Fields::of_query(caller.uri.query());
    let asked = (query.find("cursor"), account::PAGE);
    match account::list_access(&caller.context, &caller.hub.provider, &session.person, asked).await {
        Ok(page) => {
            json(&caller, &AccessPage { entries: page.entries.iter().map(Access::of).collect(), next: page.next })
        }
        Err(error) => failed(&caller, &error),
    }
}

async fn list_sessions(caller: Caller) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    match sessions::list(&caller.context, &caller.hub.sign_in, &session).await {
        Ok(list) => {
            let one = |one: &SessionRecord| OneSession {
                id: one.id.to_string(),
                since: rfc3339(one.auth_time),
                ends: rfc3339(one.expires),
                amr: one.amr.clone(),
                is_current: one.id == session.id,
            };
            json(&caller, &list.iter().map(one).collect::<Vec<_>>())
        }
        Err(error) => crate::http::routes::account::failed(&caller, &error),
    }
}

/// Ends another session of the person; this browser's ends by signing out.
async fn end_session(caller: Caller, Path(id): Path<String>) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    if !is_meant(&caller) {
        return caller.problem(Problem::Forbidden);
    }
    if session.id.as_str() == id {
        return caller.problem(Problem::BadRequest);
    }
    match security::end_other(&caller, &session, &id).await {
        Ok(()) => {
            let mut answer = Response::new(Body::empty());
            *answer.status_mut() = StatusCode::NO_CONTENT;
            caller.hub.headers.apply(answer.headers_mut());
            answer
        }
        Err(answer) => answer,
    }
}

/// What all of this is (OpenAPI 3.1).
async fn description(caller: Caller) -> HubAnswer {
    json(&caller, &crate::http::openapi::document())
}

pub(crate) async fn signed_in(caller: &Caller) -> Result<SessionRecord, HubAnswer> {
    match caller.session().await {
        Ok(Some(session)) => Ok(session),
        Ok(None) => Err(caller.problem(Problem::SignedOut)),
        Err(error) => Err(crate::http::routes::account::failed(caller, &error)),
    }
}

/// Whether the header holds the session's form token.
pub(crate) fn is_meant(caller: &Caller) -> bool {
    let token = caller.headers.get(CSRF).and_then(|token| token.to_str().ok()).unwrap_or_default();
    let bound = caller.session_token().map(FormBinding::Session);
    bound.is_some_and(|bound| caller.hub.is_form_token(&bound, "", token))
}

fn failed(caller: &Caller, error: &AccountError) -> HubAnswer {
    caller.problem(problem_of(caller, error))
}

pub(crate) fn json(caller: &Caller, value: &impl Serialize) -> HubAnswer {
    let Ok(text) = serde_json::to_string(value) else { return caller.problem(Problem::Internal) };
    let mut answer = Response::new(Body::from(text));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    caller.hub.headers.apply(answer.headers_mut());
    answer
}
