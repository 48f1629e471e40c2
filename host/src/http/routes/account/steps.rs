//! What follows a proof: the second factor, then the session's cookies, then on to where the person was going.

use super::{Errand, again, errand, failed, message_of};
use crate::http::caller::{Caller, HubAnswer, Posted};
use crate::http::cookies::HostCookie;
use crate::http::pages::{FlowForm, Message, SecondFactorPage, Way};
use crate::http::problem::Problem;
use crate::http::return_path::ReturnPath;
use crate::http::routes::consent;
use crate::http::routes::form::Fields;
use crate::hub_side::{FormBinding, rng};
use yizhan_auth::sign_in::{self, DEVICE_MS, PENDING_MS, SecondFactorForm, SignInError, SignInStep, SignedIn};

/// A path of the account pages; the overview when it is none.
pub(crate) fn account_path(text: &str) -> String {
    let path = ReturnPath::parse(text).map(|path| path.as_str().to_owned()).unwrap_or_default();
    let inside = path.strip_prefix("/me").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
    if inside { path } else { "/me".to_owned() }
}

/// Goes on after a step of a sign-in that a form asked for.
pub(super) async fn stepped(posted: &Posted, step: SignInStep) -> HubAnswer {
    go_on(&posted.caller, (posted.handle(), posted.text("to")), step).await
}

/// Goes on after a step of a sign-in: to the request with this handle, or without one to a path of the account pages.
pub(super) async fn go_on(caller: &Caller, (handle, to): (&str, &str), step: SignInStep) -> HubAnswer {
    match step {
        SignInStep::Done(signed_in) => done(caller, (handle, to), signed_in).await,
        SignInStep::SecondFactor(pending) => {
            let address = if handle.is_empty() {
                let mut query = form_urlencoded::Serializer::new(String::new());
                format!("/sign-in/second-factor?{}", query.append_pair("to", &account_path(to)).finish())
            } else {
                "/sign-in/second-factor".to_owned()
            };
            let mut answer = caller.see_other(&address);
            caller.set_cookie(&mut answer, HostCookie::Factor, &pending, Some(seconds(PENDING_MS)));
            answer
        }
    }
}

async fn done(caller: &Caller, (handle, to): (&str, &str), signed_in: SignedIn) -> HubAnswer {
    let mut answer = if signed_in.must_enrol {
        caller.see_other("/me/second-factor")
    } else if handle.is_empty() {
        caller.see_other(&account_path(to))
    } else {
        consent::proceed(caller, handle, Some(&signed_in.session)).await
    };
    with_session(caller, &mut answer, &signed_in);
    answer
}

/// Puts a new session into the browser.
pub(crate) fn with_session(caller: &Caller, answer: &mut HubAnswer, signed_in: &SignedIn) {
    caller.set_cookie(answer, HostCookie::Session, &signed_in.token, None);
    if let Some(device) = &signed_in.device {
        caller.set_cookie(answer, HostCookie::Device, device, Some(seconds(DEVICE_MS)));
    }
    if caller.cookie(HostCookie::Factor).is_some() {
        caller.set_cookie(answer, HostCookie::Factor, "", Some(0));
    }
}

fn seconds(ms: u64) -> u32 {
    u32::try_from(ms / 1000).unwrap_or(u32::MAX)
}

/// `GET /sign-in/second-factor`.
pub(super) async fn second_factor_page(caller: Caller) -> HubAnswer {
    let query = Fields::of_query(caller.uri.query());
    match errand(&caller, query.find("to")).await {
        Ok(errand) => show(&caller, &errand, None),
        Err(answer) => *answer,
    }
}

fn show(caller: &Caller, errand: &Errand, message: Option<Message>) -> HubAnswer {
    let Some(transaction) = caller.cookie(HostCookie::SignIn) else { return caller.see_other("/sign-in") };
    let csrf = caller.hub.form_token(&FormBinding::Transaction(transaction), errand.handle());
    let origin = match errand {
        Errand::Request(_, asker, _) => asker.redirect_origin.as_str(),
        Errand::Account(_) => "",
    };
    let form = FlowForm { csrf: &csrf, handle: errand.handle(), to: errand.to() };
    caller.page_towards(&SecondFactorPage { frame: caller.frame("/sign-in"), form, message }, origin)
}

/// `POST /sign-in/second-factor`.
pub(super) async fn second_factor(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let Some(transaction) = posted.transaction() else { return caller.problem(Problem::Forbidden) };
    let Some(pending) = caller.cookie(HostCookie::Factor) else {
        return again(&posted, Way::Password, Message::Again).await;
    };
    let session = match caller.session().await {
        Ok(session) => session,
        Err(error) => return failed(caller, &error),
    };
    let form = SecondFactorForm { pending, code: posted.text("code") };
    let browser = caller.browser(transaction, session.as_ref());
    match sign_in::second_factor(&caller.context, &caller.hub.sign_in, form, &browser, &mut rng()).await {
        Ok(signed_in) => done(caller, (posted.handle(), posted.text("to")), signed_in).await,
        Err(SignInError::Ended) => again(&posted, Way::Password, Message::Again).await,
        Err(error) => {
            match (message_of(&error), errand(caller, posted.handle().is_empty().then(|| posted.text("to"))).await) {
                (Some(message), Ok(errand)) => {
                    let mut answer = show(caller, &errand, Some(message));
                    *answer.status_mut() = super::failure::status_of(message);
                    answer
                }
                (Some(_), Err(answer)) => *answer,
                (None, _) => failed(caller, &error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_goes_on_to_account_pages_only() {
        assert_eq!(account_path("/me/access-log?cursor=a"), "/me/access-log?cursor=a");
        for elsewhere in ["", "/", "/mean", "//evil.example/me", "https://evil.example", "/consent"] {
            assert_eq!(account_path(elsewhere), "/me", "{elsewhere}");
        }
    }
}
