//! Sessions, password and second factor of the person who is signed in.

use super::{failed, frame, sent_by, signed_in};
use crate::http::caller::{Caller, HubAnswer, Posted};
use crate::http::pages::{
    EnrolPage, Link, Message, OutcomePage, PasswordPage, ProvePage, QrPicture, RecoveryCodesPage, SessionRow,
    SessionsPage, in_fours, moment,
};
use crate::http::problem::Problem;
use crate::http::routes::account::{self, message_of, with_session};
use crate::http::routes::consent::Pending;
use crate::http::routes::oauth::sign_out;
use crate::hub_side::rng;
use axum::extract::Path;
use http::StatusCode;
use yizhan_auth::account::records::SessionRecord;
use yizhan_auth::account::ways;
use yizhan_auth::flow::revoke;
use yizhan_auth::sign_in::{self, PasswordChange, SecondFactorForm, SignInError, sessions};

/// `GET /me/sessions`.
pub(super) async fn sessions(caller: Caller) -> HubAnswer {
    let session = match signed_in(&caller).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let mut list = match sessions::list(&caller.context, &caller.hub.sign_in, &session).await {
        Ok(list) => list,
        Err(error) => return account::failed(&caller, &error),
    };
    list.sort_by_key(|one| (one.id != session.id, std::cmp::Reverse(one.auth_time)));
    let (now, locale) = (caller.context.now, caller.locale());
    let rows = list.iter().map(|one| SessionRow::of(one, one.id == session.id, now, locale)).collect();
    let csrf = caller.session_form_token("");
    caller.page(&SessionsPage { frame: frame(&caller, "/me/sessions"), csrf: &csrf, rows })
}

/// `POST /me/sessions/{id}/end`: this browser's session, or another one of the person.
pub(super) async fn end_session(Path(id): Path<String>, posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let session = match sent_by(&posted).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    if session.id.as_str() == id {
        return sign_out(caller, "/signed-out").await;
    }
    match end_other(caller, &session, &id).await {
        Ok(()) => caller.see_other("/me/sessions"),
        Err(answer) => answer,
    }
}

/// Ends another session of the same person; one that has ended already is no error.
pub(super) async fn end_other(caller: &Caller, session: &SessionRecord, id: &str) -> Result<(), HubAnswer> {
    let list = sessions::list(&caller.context, &caller.hub.sign_in, session).await;
    let list = list.map_err(|error| account::failed(caller, &error))?;
    let Some(other) = list.iter().find(|other| other.id.as_str() == id) else { return Ok(()) };
    match revoke::logout(&caller.context, &caller.hub.provider, other).await {
        Ok(notices) => caller.hub.tell(notices),
        Err(yizhan_auth::Refusal::SessionEnded) => {}
        Err(_) => return Err(caller.problem(Problem::Unavailable)),
    }
    Ok(())
}

/// `GET /me/password`.
pub(super) async fn password_page(caller: Caller) -> HubAnswer {
    match signed_in(&caller).await {
        Ok(_) => show_password(&caller, None),
        Err(answer) => answer,
    }
}

fn show_password(caller: &Caller, message: Option<Message>) -> HubAnswer {
    let csrf = caller.session_form_token("");
    let mut answer = caller.page(&PasswordPage { frame: frame(caller, "/me/password"), csrf: &csrf, message });
    if message.is_some() {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    answer
}

/// `POST /me/password`: the person's other sessions end.
pub(super) async fn password(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let session = match sent_by(&posted).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    if posted.text("password") != posted.text("repeated") {
        return show_password(caller, Some(Message::Repeated));
    }
    let change = PasswordChange { old: posted.text("present"), new: posted.text("password") };
    match sign_in::change_password(&caller.context, &caller.hub.sign_in, &session, change, &mut rng()).await {
        Ok(()) => caller.see_other("/me/password/changed"),
        Err(SignInError::Refused) => show_password(caller, Some(Message::PresentPassword)),
        Err(error) => match message_of(&error) {
            Some(message) => show_password(caller, Some(message)),
            None => account::failed(caller, &error),
        },
    }
}

/// `GET /me/password/changed`.
pub(super) async fn password_changed(caller: Caller) -> HubAnswer {
    let frame = frame(&caller, "/me/password/changed");
    let page = OutcomePage {
        title: frame.t("密码已修改", "Your password is changed").to_owned(),
        paragraphs: vec![frame.t("其他设备已退出登录。", "Other browsers are signed out.").to_owned()],
        links: vec![Link {
            address: "/me".to_owned(), text: frame.t("回到「我的」", "Back to my account").to_owned()
        }],
        refusal: None,
        frame,
    };
    caller.page(&page)
}

/// `GET /me/second-factor`: enrolment; whoever has one proves it afresh first.
pub(super) async fn enrol_page(caller: Caller) -> HubAnswer {
    match signed_in(&caller).await {
        Ok(session) => show_enrolment(&caller, &session, None).await,
        Err(answer) => answer,
    }
}

async fn show_enrolment(caller: &Caller, session: &SessionRecord, message: Option<Message>) -> HubAnswer {
    let (context, hub) = (&caller.context, &caller.hub);
    let csrf = caller.session_form_token("");
    let reset = match ways(&hub.provider, &session.person).await {
        Ok(ways) => ways.factor_reset.map(|at| moment(at, caller.locale())),
        Err(error) => return failed(caller, &error),
    };
    let mut answer = match sign_in::begin_enrolment(context, &hub.sign_in, session, hub.brand, &mut rng()).await {
        Ok(enrolment) => caller.page(&EnrolPage {
            frame: frame(caller, "/me/second-factor"),
            csrf: &csrf,
            picture: QrPicture::of(&enrolment.uri),
            secret: in_fours(&enrolment.secret),
            enrolment: &enrolment.pending,
            reset,
            message,
        }),
        Err(SignInError::NotFresh) => {
            caller.page(&ProvePage { frame: frame(caller, "/me/second-factor"), csrf: &csrf, message })
        }
        Err(error) => return account::failed(caller, &error),
    };
    if message.is_some() {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    answer
}

/// `POST /me/second-factor`: the first code; then the recovery codes, once.
pub(super) async fn enrol(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let session = match sent_by(&posted).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    let form = SecondFactorForm { pending: posted.text("enrolment"), code: posted.text("code") };
    match sign_in::confirm_enrolment(&caller.context, &caller.hub.sign_in, &session, form, &mut rng()).await {
        Ok((signed_in, codes)) => {
            let next = if Pending::of(caller).is_some() { "/consent" } else { "/me" };
            let codes = codes.iter().map(|code| code.to_string()).collect();
            let frame = crate::http::pages::Frame { settings_return: None, ..frame(caller, "/me") };
            let mut answer = caller.page(&RecoveryCodesPage { frame, codes, next });
            with_session(caller, &mut answer, &signed_in);
            answer
        }
        Err(error) => match message_of(&error) {
            Some(message) => show_enrolment(caller, &session, Some(message)).await,
            None => account::failed(caller, &error),
        },
    }
}

/// `POST /me/second-factor/prove`: afresh, before it is replaced.
pub(super) async fn prove(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let session = match sent_by(&posted).await {
        Ok(session) => session,
        Err(answer) => return answer,
    };
    match ways(&caller.hub.provider, &session.person).await {
        Ok(ways) if ways.second_factor => {}
        Ok(_) => return caller.see_other("/me/second-factor"),
        Err(error) => return failed(caller, &error),
    }
    let code = posted.text("code");
    match sign_in::step_up(&caller.context, &caller.hub.sign_in, &session, code, &mut rng()).await {
        Ok(signed_in) => {
            let mut answer = caller.see_other("/me/second-factor");
            with_session(caller, &mut answer, &signed_in);
            answer
        }
        Err(error) => match message_of(&error) {
            Some(message) => show_enrolment(caller, &session, Some(message)).await,
            None => account::failed(caller, &error),
        },
    }
}
