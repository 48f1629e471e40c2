//! The ways out: signing out, and erasing the account.

use super::{frame, sent_by, sign_out, signed_in};
use crate::http::caller::{Caller, HubAnswer, Posted};
use crate::http::pages::{ErasePage, Link, OutcomePage};
use crate::http::routes::{consent, oauth};
use http::StatusCode;
use yizhan_auth::account::records::SessionRecord;
use yizhan_auth::flow::revoke;

/// How new a sign-in must be for an account to be erased, ms.
const FRESH_MS: u64 = 15 * 60_000;

/// `POST /me/sign-out`.
pub(super) async fn sign_out_here(posted: Posted) -> HubAnswer {
    match sent_by(&posted).await {
        Ok(_) => sign_out(&posted.caller, "/signed-out").await,
        Err(answer) => answer,
    }
}

/// `GET /me/erase`: only soon after a sign-in, for a browser that was left open must not do it.
pub(super) async fn erase_page(caller: Caller) -> HubAnswer {
    match signed_in(&caller).await {
        Ok(session) if is_fresh(&caller, &session) => show(&caller, false),
        Ok(_) => caller.see_other("/sign-in?to=/me/erase"),
        Err(answer) => answer,
    }
}

fn is_fresh(caller: &Caller, session: &SessionRecord) -> bool {
    session.auth_time.plus_ms(FRESH_MS) >= caller.context.now
}

fn show(caller: &Caller, unsure: bool) -> HubAnswer {
    let csrf = caller.session_form_token("");
    let mut answer = caller.page(&ErasePage { frame: frame(caller, "/me/erase"), csrf: &csrf, unsure });
    if unsure {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    answer
}

/// `POST /me/erase`.
pub(super) async fn erase(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let session = match sent_by(&posted).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    if !is_fresh(caller, &session) {
        return caller.see_other("/sign-in?to=/me/erase");
    }
    if posted.text("sure") != "yes" {
        return show(caller, true);
    }
    let actor = format!("person:{}", session.person);
    match revoke::person(&caller.context, &caller.hub.provider, &actor, &session.person).await {
        Ok(notices) => {
            caller.hub.tell(notices);
            oauth::signed_out(caller, "/account-erased")
        }
        Err(refusal) => consent::refused(caller, refusal),
    }
}

/// `GET /account-erased`.
pub(super) async fn erased(caller: Caller) -> HubAnswer {
    let frame = caller.frame("/account-erased");
    let page = OutcomePage {
        title: frame.t("账号已注销", "Your account is erased").to_owned(),
        paragraphs: vec![
            frame
                .t("您的身份信息已销毁，所有授权已终止。", "Your data is destroyed and all consents have ended.")
                .to_owned(),
        ],
        links: vec![Link {
            address: "/".to_owned(), text: frame.t("返回首页", "Back to the home page").to_owned()
        }],
        refusal: None,
        frame,
    };
    caller.page(&page)
}
