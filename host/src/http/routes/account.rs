//! Sign-in at the hub: password, one-time code, test person, second factor, the set-up link. Every form carries a token bound
//! to this browser's sign-in transaction; after each sign-in the session has a new token.

mod code;
mod elsewhere;
mod failure;
mod set_up;
mod steps;

pub(crate) use failure::{failed, message_of};
pub(crate) use steps::{account_path, with_session};

use super::consent::{self, Pending};
use crate::app::random_token;
use crate::http::caller::{Caller, HubAnswer, Posted};
use crate::http::cookies::HostCookie;
use crate::http::pages::{FlowForm, Link, Message, OutcomePage, PersonaChoice, SignInPage, Way};
use crate::http::problem::Problem;
use crate::http::routes::form::Fields;
use crate::hub_side::{FormBinding, HubSide, rng};
use axum::Router;
use axum::routing::{get, post};
use http::Method;
use std::sync::Arc;
use yizhan_auth::flow::authorize::{self, Asker, Next};
use yizhan_auth::sign_in::{self, PasswordForm};
use yizhan_domain::PersonId;
use yizhan_domain::person::Assurance;

/// How long a sign-in transaction lasts in the browser.
const TRANSACTION_SECONDS: u32 = 3_600;
/// Longest login name that the form takes, characters.
const LOGIN_MAX: usize = 128;
/// Longest transaction that is taken from a cookie, characters.
const TRANSACTION_MAX: usize = 128;

/// The routes.
pub(crate) fn router() -> Router<Arc<HubSide>> {
    Router::new()
        .route("/sign-in", get(page).post(password))
        .route("/sign-in/code", post(code::send))
        .route("/sign-in/code/check", post(code::check))
        .route("/sign-in/persona", post(persona))
        .route("/sign-in/second-factor", get(steps::second_factor_page).post(steps::second_factor))
        .route("/sign-in/elsewhere/{provider}", get(elsewhere::start))
        .route("/sign-in/elsewhere/{provider}/callback", get(elsewhere::callback))
        .route("/sign-in/elsewhere/{provider}/jwks", get(elsewhere::jwks))
        .route("/set-up", get(set_up::page).post(set_up::submit))
        .route("/signed-out", get(signed_out))
}

/// What a sign-in page is about: a request that waits, or a path of the account pages.
pub(super) enum Errand {
    /// The authorization request of this browser, with who asks, how sure the sign-in must be, and whether it must be a new one.
    Request(Pending, Box<Asker>, (Assurance, bool)),
    /// Going on to this path.
    Account(String),
}

impl Errand {
    pub(super) fn handle(&self) -> &str {
        match self {
            Self::Request(pending, ..) => &pending.handle,
            Self::Account(_) => "",
        }
    }

    /// Whether the person must prove it now, a live session notwithstanding.
    pub(super) fn is_fresh(&self) -> bool {
        matches!(self, Self::Request(_, _, (_, true)))
    }

    pub(super) fn to(&self) -> &str {
        match self {
            Self::Request(..) => "",
            Self::Account(path) => path,
        }
    }

    /// What the client says of who will sign in: it stands in the field, whether there is such an account or not.
    fn login_hint(&self) -> &str {
        let hint = match self {
            Self::Request(_, asker, _) => asker.login_hint.as_deref().unwrap_or_default(),
            Self::Account(_) => "",
        };
        if hint.len() > LOGIN_MAX || hint.chars().any(char::is_control) { "" } else { hint }
    }
}

/// The sign-in page.
async fn page(caller: Caller) -> HubAnswer {
    let query = Fields::of_query(caller.uri.query());
    let way = match query.find("way") {
        Some("code") if caller.hub.sign_in.sends_codes() => Way::CodeNumber,
        Some("enter") if caller.hub.sign_in.sends_codes() => Way::CodeEnter,
        _ => Way::Password,
    };
    let message = (way == Way::CodeEnter).then_some(Message::CodeSent);
    match errand(&caller, query.find("to")).await {
        Ok(errand) => show(&caller, &errand, way, message).await,
        Err(answer) => *answer,
    }
}

/// What the person came for. Somebody who is signed in well enough already is sent on.
async fn errand(caller: &Caller, to: Option<&str>) -> Result<Errand, Box<HubAnswer>> {
    let pending = Pending::of(caller).filter(|_| to.is_none());
    let Some(pending) = pending else { return Ok(Errand::Account(account_path(to.unwrap_or_default()))) };
    let session = caller.session().await.map_err(|error| Box::new(failed(caller, &error)))?;
    let (context, provider) = (&caller.context, &caller.hub.provider);
    let refused = |refusal| Box::new(consent::refused(caller, refusal));
    let asker = authorize::asker(context, provider, &pending.handle).await.map_err(refused)?;
    caller.wish_locales(asker.ui_locales.as_deref());
    match authorize::next(context, provider, &pending.handle, session.as_ref()).await.map_err(refused)? {
        Next::SignIn { assurance, fresh } => Ok(Errand::Request(pending, Box::new(asker), (assurance, fresh))),
        Next::Redirect(redirect) => Err(Box::new(caller.see_other(&redirect.url))),
        Next::ChooseCapacity(_) | Next::Consent(_) => Err(Box::new(caller.see_other("/consent"))),
    }
}

/// Shows the page of an errand, in this browser's transaction or a new one.
async fn show(caller: &Caller, errand: &Errand, way: Way, message: Option<Message>) -> HubAnswer {
    let known = caller.cookie(HostCookie::SignIn).filter(|known| known.len() <= TRANSACTION_MAX).map(str::to_owned);
    let transaction = known.unwrap_or_else(random_token);
    let csrf = caller.hub.form_token(&FormBinding::Transaction(&transaction), errand.handle());
    let (asker, origin, assurance) = match errand {
        Errand::Request(_, asker, (assurance, _)) => {
            (consent::shown(caller, asker).await.ok(), asker.redirect_origin.as_str(), *assurance)
        }
        Errand::Account(_) => (None, "", Assurance::Basic),
    };
    let sure = assurance > Assurance::Basic && way != Way::Password;
    let here = caller.uri.path_and_query().filter(|_| caller.method == Method::GET);
    let frame = caller.frame(here.map_or("/sign-in", |here| here.as_str()));
    let page = SignInPage {
        needs: sure.then(|| needs(frame.locale)),
        frame,
        asker,
        form: FlowForm { csrf: &csrf, handle: errand.handle(), to: errand.to() },
        login: errand.login_hint(),
        way,
        message,
        // Whoever has begun another way is not led back.
        personas: if way == Way::Password && message.is_none() { personas(caller) } else { Vec::new() },
        sends_codes: caller.hub.sign_in.sends_codes(),
        kept_code: (way == Way::CodeEnter).then(|| code::newest_kept(caller)).flatten(),
        // Whoever has begun another way is not led back.
        upstream: if way == Way::CodeEnter { Vec::new() } else { elsewhere::choices(caller, errand) },
    };
    let mut answer = caller.page_towards(&page, origin);
    caller.set_cookie(&mut answer, HostCookie::SignIn, &transaction, Some(TRANSACTION_SECONDS));
    answer
}

fn needs(locale: crate::http::locale::Locale) -> &'static str {
    locale.pick(
        "这个应用需要实名身份，验证码登录不够，请用密码登录。",
        "This app needs a verified identity: a one-time code is not enough, use your password.",
    )
}

fn personas(caller: &Caller) -> Vec<PersonaChoice> {
    let choice = |person: &yizhan_auth::Person| PersonaChoice {
        id: person.id.as_str().to_owned(),
        name: person.name.clone(),
        about: person.about.clone(),
        kind: person.kind,
    };
    caller.hub.personas.iter().map(choice).collect()
}

/// Shows the page again after a try of its form.
async fn again(posted: &Posted, way: Way, message: Message) -> HubAnswer {
    let to = posted.text("to");
    match errand(&posted.caller, posted.handle().is_empty().then_some(to)).await {
        Ok(errand) => {
            let mut answer = show(&posted.caller, &errand, way, Some(message)).await;
            *answer.status_mut() = failure::status_of(message);
            if let Message::Wait { seconds } = message {
                answer.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
            }
            answer
        }
        Err(answer) => *answer,
    }
}

/// `POST /sign-in`.
async fn password(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let Some(transaction) = posted.transaction() else { return caller.problem(Problem::Forbidden) };
    let session = match caller.session().await {
        Ok(session) => session,
        Err(error) => return failed(caller, &error),
    };
    let form = PasswordForm { account: posted.text("login"), password: posted.text("password") };
    let browser = caller.browser(transaction, session.as_ref());
    match sign_in::with_password(&caller.context, &caller.hub.sign_in, form, &browser, &mut rng()).await {
        Ok(step) => steps::stepped(&posted, step).await,
        Err(error) => match message_of(&error) {
            Some(message) => again(&posted, Way::Password, message).await,
            None => failed(caller, &error),
        },
    }
}

/// `POST /sign-in/persona`: development stores only.
async fn persona(posted: Posted) -> HubAnswer {
    let caller = &posted.caller;
    let Some(transaction) = posted.transaction() else { return caller.problem(Problem::Forbidden) };
    let session = match caller.session().await {
        Ok(session) => session,
        Err(error) => return failed(caller, &error),
    };
    let persona = PersonId(posted.text("persona").to_owned());
    let browser = caller.browser(transaction, session.as_ref());
    match sign_in::as_persona(&caller.context, &caller.hub.sign_in, &persona, &browser, &mut rng()).await {
        Ok(step) => steps::stepped(&posted, step).await,
        Err(error) => failed(caller, &error),
    }
}

/// After a sign-out.
async fn signed_out(caller: Caller) -> HubAnswer {
    let frame = caller.frame("/signed-out");
    let link = |address: &str, text: &str| Link { address: address.to_owned(), text: text.to_owned() };
    let page = OutcomePage {
        title: frame.t("已退出登录", "You are signed out").to_owned(),
        paragraphs: vec![
            frame
                .t(
                    "用本平台登录的应用也已退出，它们不能再取得您的信息。",
                    "Apps that you entered through the platform are signed out too; they can no longer get your data.",
                )
                .to_owned(),
        ],
        links: vec![
            link("/", frame.t("返回首页", "Back to the home page")),
            link("/sign-in?to=/me", frame.t("重新登录", "Sign in again")),
        ],
        refusal: None,
        frame,
    };
    caller.page(&page)
}
