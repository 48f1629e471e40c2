//! Sign-out that a client begins (OpenID Connect RP-Initiated Logout 1.0): the person confirms it, then back ends are told.

use super::back_channel::ClientForm;
use super::{fields_of, parameters_of};
use crate::http::caller::{Caller, HubAnswer, Posted};
use crate::http::cookies::HostCookie;
use crate::http::pages::SignOutPage;
use crate::http::problem::Problem;
use crate::http::routes::{account, consent};
use yizhan_auth::flow::RequestParameters;
use yizhan_auth::flow::revoke;

/// Section 2: GET.
pub(super) async fn asked(caller: Caller) -> HubAnswer {
    let parameters = parameters_of(caller.uri.query().unwrap_or_default().as_bytes());
    ask(&caller, &parameters).await
}

/// Section 2: POST, from any origin.
pub(super) async fn asked_posted(request: ClientForm) -> HubAnswer {
    match &request.form {
        Ok(form) => ask(&request.caller, form).await,
        Err(refusal) => consent::refused(&request.caller, *refusal),
    }
}

async fn ask(caller: &Caller, parameters: &RequestParameters) -> HubAnswer {
    let asked = match revoke::end_session(&caller.context, &caller.hub.provider, parameters).await {
        Ok(asked) => asked,
        Err(refusal) => return consent::refused(caller, refusal),
    };
    let redirect = asked.redirect.as_deref();
    match caller.session().await {
        Ok(Some(_)) => {}
        Ok(None) => return caller.see_other(redirect.unwrap_or("/signed-out")),
        Err(error) => return account::failed(caller, &error),
    }
    let kept = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];
    let fields = kept.iter().filter_map(|name| Some((*name, parameters.get(name)?.to_owned())));
    let page =
        SignOutPage { frame: caller.frame("/me"), csrf: &caller.session_form_token(""), fields: fields.collect() };
    caller.page_towards(&page, redirect.map(origin_of).unwrap_or_default())
}

/// The person confirmed.
pub(super) async fn confirmed(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let asked = match revoke::end_session(&caller.context, &caller.hub.provider, &fields_of(&posted)).await {
        Ok(asked) => asked,
        Err(refusal) => return consent::refused(caller, refusal),
    };
    if !posted.is_of_session() {
        return caller.problem(Problem::Forbidden);
    }
    sign_out(caller, asked.redirect.as_deref().unwrap_or("/signed-out")).await
}

/// Ends the session of this browser and goes on; a session that has ended already is no error.
pub(crate) async fn sign_out(caller: &Caller, next: &str) -> HubAnswer {
    match caller.session().await {
        Ok(Some(session)) => match revoke::logout(&caller.context, &caller.hub.provider, &session).await {
            Ok(notices) => caller.hub.tell(notices),
            Err(yizhan_auth::Refusal::SessionEnded) => {}
            Err(refusal) => return consent::refused(caller, refusal),
        },
        Ok(None) => {}
        Err(error) => return account::failed(caller, &error),
    }
    signed_out(caller, next)
}

/// Takes the session's traces off the browser.
pub(crate) fn signed_out(caller: &Caller, next: &str) -> HubAnswer {
    let mut answer = caller.see_other(next);
    for cookie in [HostCookie::Session, HostCookie::Request, HostCookie::Factor, HostCookie::Choices] {
        caller.set_cookie(&mut answer, cookie, "", Some(0));
    }
    let clear = http::HeaderValue::from_static("\"cache\", \"storage\"");
    answer.headers_mut().insert("clear-site-data", clear);
    answer
}

/// Scheme and authority of an address.
fn origin_of(address: &str) -> &str {
    let end = address.find("://").and_then(|at| address[at + 3..].find(['/', '?']).map(|slash| at + 3 + slash));
    end.map_or(address, |end| &address[..end])
}
