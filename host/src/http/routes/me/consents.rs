//! My authorizations: list, detail, receipt, taking back.

use super::{failed, frame, here, sent_by, signed_in};
use crate::http::caller::{Caller, HubAnswer, Posted};
use crate::http::pages::{ConsentCard, ConsentDetailPage, ConsentsPage, WithdrawPage};
use crate::http::problem::Problem;
use crate::http::routes::consent::acting_for;
use crate::http::routes::form::Fields;
use axum::body::Body;
use axum::extract::Path;
use http::{HeaderValue, Response, header};
use yizhan_auth::account::records::SessionRecord;
use yizhan_auth::account::{self, AccountError, ConsentStanding, ConsentView};
use yizhan_domain::ConsentId;

/// `GET /me/consents`.
pub(super) async fn list(caller: Caller) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let query = Fields::of_query(caller.uri.query());
    let (context, provider) = (&caller.context, &caller.hub.provider);
    let page = match account::list_consents(context, provider, &session.person, query.find("cursor")).await {
        Ok(page) => page,
        Err(error) => return failed(&caller, &error),
    };
    let mut cards = Vec::with_capacity(page.entries.len());
    for view in &page.entries {
        match card(&caller, &session, view).await {
            Ok(card) => cards.push(card),
            Err(error) => return failed(&caller, &error),
        }
    }
    let older = page.next.map(|cursor| later("/me/consents", &cursor));
    caller.page(&ConsentsPage { frame: frame(&caller, here(&caller)), cards, older })
}

/// Address of the next page of a list.
pub(super) fn later(path: &str, cursor: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("{path}?{}", query.append_pair("cursor", cursor).finish())
}

/// A consent in words, with the name of the organisation acted for.
async fn card(caller: &Caller, session: &SessionRecord, view: &ConsentView) -> Result<ConsentCard, AccountError> {
    let mut card = ConsentCard::of(view, caller.locale());
    if let Some(capacity) = &view.record.acting_for {
        card.acting_for = Some(acting_for(caller, session, capacity).await?);
    }
    Ok(card)
}

/// A consent of the person who is signed in.
async fn find(caller: &Caller, session: &SessionRecord, id: String) -> Result<(ConsentView, ConsentCard), HubAnswer> {
    let id = ConsentId(id);
    let found = account::find_consent(&caller.context, &caller.hub.provider, &session.person, &id).await;
    match found {
        Ok(Some(view)) => match card(caller, session, &view).await {
            Ok(card) => Ok((view, card)),
            Err(error) => Err(failed(caller, &error)),
        },
        Ok(None) => Err(caller.problem(Problem::NotFound)),
        Err(error) => Err(failed(caller, &error)),
    }
}

/// `GET /me/consents/{id}`.
pub(super) async fn one(caller: Caller, Path(id): Path<String>) -> HubAnswer {
    let found = match signed_in(&caller).await {
        Ok(session) => find(&caller, &session, id).await,
        Err(answer) => Err(answer),
    };
    match found {
        Ok((view, card)) => {
            let version = view.record.version.to_string().chars().take(8).collect();
            let frame = frame(&caller, here(&caller));
            caller.page(&ConsentDetailPage { frame, card, version, language: view.record.locale })
        }
        Err(answer) => answer,
    }
}

/// `GET /me/consents/{id}/receipt`: the signed receipt, to keep.
pub(super) async fn receipt(caller: Caller, Path(id): Path<String>) -> HubAnswer {
    let found = match signed_in(&caller).await {
        Ok(session) => find(&caller, &session, id).await,
        Err(answer) => Err(answer),
    };
    match found {
        Ok((view, _)) => {
            let name = format!("attachment; filename=\"consent-{}.jwt\"", view.record.id);
            download(&caller, view.record.receipt, "application/jwt", &name)
        }
        Err(answer) => answer,
    }
}

/// A file that the browser keeps.
pub(super) fn download(caller: &Caller, body: String, kind: &'static str, disposition: &str) -> HubAnswer {
    let mut answer = Response::new(Body::from(body));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(disposition) = HeaderValue::from_str(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    caller.hub.headers.apply(headers);
    answer
}

/// `GET /me/consents/{id}/withdraw`: asks first.
pub(super) async fn ask(caller: Caller, Path(id): Path<String>) -> HubAnswer {
    let found = match signed_in(&caller).await {
        Ok(session) => find(&caller, &session, id).await,
        Err(answer) => Err(answer),
    };
    match found {
        Ok((view, card)) if view.standing == ConsentStanding::Live => {
            let csrf = caller.session_form_token("");
            caller.page(&WithdrawPage { frame: frame(&caller, here(&caller)), csrf: &csrf, card })
        }
        Ok((view, _)) => caller.see_other(&format!("/me/consents/{}", view.record.id)),
        Err(answer) => answer,
    }
}

/// `POST /me/consents/{id}/withdraw`.
pub(super) async fn withdraw(Path(id): Path<String>, posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let session = match sent_by(&posted).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let view = match find(caller, &session, id).await {
        Ok((view, _)) => view,
        Err(answer) => return answer,
    };
    match account::withdraw(&caller.context, &caller.hub.provider, &session.person, &view).await {
        Ok(_) => caller.see_other(&format!("/me/consents/{}", view.record.id)),
        Err(error) => failed(caller, &error),
    }
}
