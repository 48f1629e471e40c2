//! The one-time set-up link: it makes the first administrator and the platform's own unit. No default password exists.

use super::{TRANSACTION_SECONDS, failed, failure, message_of};
use crate::app::random_token;
use crate::http::caller::{Caller, HubAnswer, Posted};
use crate::http::cookies::HostCookie;
use crate::http::pages::{Frame, Link, Message, OutcomePage, SetUpPage};
use crate::http::problem::Problem;
use crate::http::routes::form::Fields;
use crate::hub_side::{FormBinding, rng};
use http::StatusCode;
use yizhan_auth::people::PeopleError;
use yizhan_auth::units::{self, FirstAdministrator, UnitError, UnitForm};

/// `GET /set-up?key=…`: the form. Whether the key counts is found when the form is sent.
pub(super) async fn page(caller: Caller) -> HubAnswer {
    let query = Fields::of_query(caller.uri.query());
    let transaction = random_token();
    let csrf = caller.hub.form_token(&FormBinding::Transaction(&transaction), "");
    let key = query.find("key").unwrap_or_default();
    let (login, name, unit, uscc) = ("", "", "", "");
    let page = SetUpPage { frame: frame(&caller), csrf: &csrf, key, login, name, unit, uscc, message: None };
    let mut answer = caller.page(&page);
    caller.set_cookie(&mut answer, HostCookie::SignIn, &transaction, Some(TRANSACTION_SECONDS));
    answer
}

/// Without the settings strip: its way back would hold the key.
fn frame(caller: &Caller) -> Frame<'_> {
    Frame { settings_return: None, ..caller.frame("/") }
}

/// `POST /set-up`.
pub(super) async fn submit(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    if posted.transaction().is_none() {
        return caller.problem(Problem::Forbidden);
    }
    if posted.text("password") != posted.text("repeated") {
        return again(&posted, Message::Repeated);
    }
    let Ok(uscc) = posted.text("uscc").trim().to_ascii_uppercase().parse() else {
        return again(&posted, Message::CreditCode);
    };
    let form = FirstAdministrator {
        login: posted.text("login").trim(),
        name: posted.text("name").trim(),
        password: posted.text("password"),
        unit: UnitForm { uscc, name: posted.text("unit").to_owned() },
    };
    match units::use_setup_link(&caller.context, &caller.hub.sign_in, posted.text("key"), form, &mut rng()).await {
        Ok(_) => caller.see_other("/sign-in?to=/me/second-factor"),
        Err(UnitError::SetupLink | UnitError::SetUpAlready) => ended(caller),
        Err(UnitError::Name | UnitError::People(PeopleError::Invalid { what: "name", .. })) => {
            again(&posted, Message::Name)
        }
        Err(UnitError::People(PeopleError::Invalid { .. } | PeopleError::Taken)) => again(&posted, Message::Login),
        Err(UnitError::SignIn(error)) => match message_of(&error) {
            Some(message) => again(&posted, message),
            None => failed(caller, &error),
        },
        Err(error) => {
            tracing::error!(request = %caller.context.id, code = error.code(), "the hub cannot be set up");
            caller.problem(Problem::Unavailable)
        }
    }
}

fn again(posted: &Posted, message: Message) -> HubAnswer {
    let text = |name| posted.text(name);
    let page = SetUpPage {
        frame: frame(&posted.caller),
        csrf: text("csrf"),
        key: text("key"),
        login: text("login"),
        name: text("name"),
        unit: text("unit"),
        uscc: text("uscc"),
        message: Some(message),
    };
    let mut answer = posted.caller.page(&page);
    *answer.status_mut() = failure::status_of(message);
    answer
}

fn ended(caller: &Caller) -> HubAnswer {
    let frame = frame(caller);
    let page = OutcomePage {
        title: frame.t("这个设置链接已经失效", "This set-up link counts no more").to_owned(),
        paragraphs: vec![
            frame
                .t(
                    "它只能用一次，24 小时内有效；平台也可能已经设置好了。",
                    "It works once, within 24 hours; or the platform is set up already.",
                )
                .to_owned(),
        ],
        links: vec![Link { address: "/sign-in?to=/me".to_owned(), text: frame.t("登录", "Sign in").to_owned() }],
        refusal: None,
        frame,
    };
    let mut answer = caller.page(&page);
    *answer.status_mut() = StatusCode::GONE;
    answer
}
