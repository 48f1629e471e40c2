//! Sign-in with a one-time code, in two steps: the number, then the code, in the same transaction of the browser.

use super::{again, failed, message_of, steps};
use crate::http::caller::{Caller, HubAnswer, Posted};
use crate::http::pages::{Message, Way};
use crate::http::problem::Problem;
use crate::hub_side::rng;
use yizhan_auth::sign_in::{self, CodeForm};

/// `POST /sign-in/code`: the answer is the same whether the number belongs to somebody or not.
pub(super) async fn send(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let Some(transaction) = posted.transaction() else { return caller.problem(Problem::Forbidden) };
    let browser = caller.browser(transaction, None);
    let form = CodeForm { number: posted.text("number"), locale: caller.locale().tag() };
    match sign_in::send_code(&caller.context, &caller.hub.sign_in, form, &browser, &mut rng()).await {
        Ok(()) => {
            if caller.hub.kept_codes.is_some() {
                // The code is handed over in the background; the next page of a development run shows it.
                tokio::task::yield_now().await;
            }
            caller.see_other(&enter_address(&posted))
        }
        Err(error) => match message_of(&error) {
            Some(message) => again(&posted, Way::CodeNumber, message).await,
            None => failed(caller, &error),
        },
    }
}

fn enter_address(posted: &Posted) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("way", "enter");
    if posted.handle().is_empty() {
        query.append_pair("to", &steps::account_path(posted.text("to")));
    }
    format!("/sign-in?{}", query.finish())
}

/// `POST /sign-in/code/check`.
pub(super) async fn check(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let Some(transaction) = posted.transaction() else { return caller.problem(Problem::Forbidden) };
    let session = match caller.session().await {
        Ok(session) => session,
        Err(error) => return failed(caller, &error),
    };
    let browser = caller.browser(transaction, session.as_ref());
    match sign_in::with_code(&caller.context, &caller.hub.sign_in, posted.text("code"), &browser, &mut rng()).await {
        Ok(step) => steps::stepped(&posted, step).await,
        Err(error) => match message_of(&error) {
            Some(Message::CodeGone) => again(&posted, Way::CodeNumber, Message::CodeGone).await,
            Some(message) => again(&posted, Way::CodeEnter, message).await,
            None => failed(caller, &error),
        },
    }
}

/// The newest code that a development run kept instead of sending it.
pub(super) fn newest_kept(caller: &Caller) -> Option<String> {
    caller.hub.kept_codes.as_ref()?.newest().into_iter().next().map(|kept| kept.code)
}
