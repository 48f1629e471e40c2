//! Sign-in at an upstream provider: there, and back. Both are addresses that a browser is sent to, so both are bound to this
//! browser's transaction; the link works without JavaScript.

use super::{Errand, TRANSACTION_MAX, TRANSACTION_SECONDS, errand, failed, steps};
use crate::app::random_token;
use crate::http::caller::{Caller, HubAnswer};
use crate::http::cookies::HostCookie;
use crate::http::pages::{Link, OutcomePage};
use crate::http::problem::Problem;
use crate::http::routes::consent::Pending;
use crate::http::routes::form::Fields;
use crate::hub_side::rng;
use axum::body::Body;
use axum::extract::Path;
use http::{HeaderValue, Response, StatusCode, header};
use std::sync::Arc;
use yizhan_auth::sign_in::upstream::{self, Answered, TRANSACTION_MS, Upstream, UpstreamError};

/// Addresses and names of the providers, for the sign-in page.
pub(super) fn choices(caller: &Caller, errand: &Errand) -> Vec<(String, String)> {
    let choice = |upstream: &Arc<Upstream>| {
        let [chinese, english] = &upstream.settings.names;
        let address = format!("/sign-in/elsewhere/{}", upstream.settings.id);
        let address = match errand {
            Errand::Request(..) => address,
            Errand::Account(to) => {
                let mut query = form_urlencoded::Serializer::new(String::new());
                format!("{address}?{}", query.append_pair("to", to).finish())
            }
        };
        (address, caller.locale().pick(chinese.as_str(), english.as_str()).to_owned())
    };
    caller.hub.upstreams.iter().map(choice).collect()
}

fn find(caller: &Caller, id: &str) -> Option<Arc<Upstream>> {
    caller.hub.upstreams.iter().find(|upstream| upstream.settings.id == id).cloned()
}

/// `GET /sign-in/elsewhere/{provider}`.
pub(super) async fn start(Path(id): Path<String>, caller: Caller) -> HubAnswer {
    let Some(upstream) = find(&caller, &id) else { return caller.problem(Problem::NotFound) };
    // Another site may not send people on; it may show them the sign-in page.
    if caller.headers.get("sec-fetch-site").is_some_and(|site| *site != "same-origin" && *site != "none") {
        return caller.see_other("/sign-in");
    }
    let query = Fields::of_query(caller.uri.query());
    let errand = match errand(&caller, query.find("to")).await {
        Ok(errand) => errand,
        Err(answer) => return *answer,
    };
    let known = caller.cookie(HostCookie::SignIn).filter(|known| known.len() <= TRANSACTION_MAX).map(str::to_owned);
    let transaction = known.unwrap_or_else(random_token);
    let asked = upstream::Errand {
        handle: errand.handle(),
        to: errand.to(),
        locale: caller.locale().tag(),
        fresh: errand.is_fresh(),
    };
    let browser = caller.browser(&transaction, None);
    let both = (&*caller.hub.sign_in, &*upstream);
    match upstream::begin(&caller.context, both, asked, &browser, &mut rng()).await {
        Ok(begun) => {
            let mut answer = caller.see_other(&begun.location);
            caller.set_cookie(&mut answer, HostCookie::SignIn, &transaction, Some(TRANSACTION_SECONDS));
            let seconds = u32::try_from(TRANSACTION_MS / 1000).unwrap_or(u32::MAX);
            caller.set_cookie(&mut answer, HostCookie::Elsewhere, &begun.cookie, Some(seconds));
            answer
        }
        Err(error) => ended(&caller, error),
    }
}

/// `GET /sign-in/elsewhere/{provider}/callback`.
pub(super) async fn callback(Path(id): Path<String>, caller: Caller) -> HubAnswer {
    let Some(upstream) = find(&caller, &id) else { return caller.problem(Problem::NotFound) };
    let Some(transaction) = caller.cookie(HostCookie::SignIn) else { return ended(&caller, UpstreamError::Ended) };
    let session = match caller.session().await {
        Ok(session) => session,
        Err(error) => return failed(&caller, &error),
    };
    let browser = caller.browser(transaction, session.as_ref());
    let answered =
        Answered { query: caller.uri.query().unwrap_or_default(), cookie: caller.cookie(HostCookie::Elsewhere) };
    let both = (&*caller.hub.sign_in, &*upstream);
    match upstream::finish(&caller.context, both, answered, &browser, &mut rng()).await {
        Ok(finished) => {
            let mut answer = steps::go_on(&caller, (&finished.handle, &finished.to), finished.step).await;
            caller.set_cookie(&mut answer, HostCookie::Elsewhere, "", Some(0));
            answer
        }
        Err(error) => ended(&caller, error),
    }
}

/// `GET /sign-in/elsewhere/{provider}/jwks`: public keys of this hub as a client, for its registration there.
pub(super) async fn jwks(Path(id): Path<String>, caller: Caller) -> HubAnswer {
    let Some(upstream) = find(&caller, &id) else { return caller.problem(Problem::NotFound) };
    let Ok(keys) = upstream.jwks(caller.context.now) else { return caller.problem(Problem::Unavailable) };
    let mut answer = Response::new(Body::from(keys.to_value().to_string()));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
    caller.hub.headers.apply(answer.headers_mut());
    answer
}

/// A page that says why nobody is signed in; never a forward redirect.
fn ended(caller: &Caller, error: UpstreamError) -> HubAnswer {
    if let UpstreamError::SignIn(error) = &error {
        return failed(caller, error);
    }
    let frame = caller.frame("/sign-in");
    let again = if Pending::of(caller).is_some() { "/sign-in" } else { "/sign-in?to=/me" };
    let link = |address: &str, text: &str| Link { address: address.to_owned(), text: text.to_owned() };
    let (title, paragraph) = words(&error);
    let page = OutcomePage {
        title: frame.locale.pick(title.0, title.1).to_owned(),
        paragraphs: vec![frame.locale.pick(paragraph.0, paragraph.1).to_owned()],
        links: vec![
            link(again, frame.t("回到登录页", "Back to sign-in")),
            link("/", frame.t("返回首页", "Back to the home page")),
        ],
        refusal: (!matches!(error, UpstreamError::Denied | UpstreamError::Ended))
            .then(|| (error.code(), caller.context.id)),
        frame,
    };
    let mut answer = caller.page(&page);
    *answer.status_mut() = match error {
        UpstreamError::Denied | UpstreamError::Ended => StatusCode::OK,
        UpstreamError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        UpstreamError::NoAccount => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    answer
}

/// Chinese and English.
type Words = (&'static str, &'static str);

fn words(error: &UpstreamError) -> (Words, Words) {
    match error {
        UpstreamError::Denied => (
            ("您没有在那边登录", "You did not sign in there"),
            ("可以再试一次，或换一种方式登录。", "Try again, or sign in another way."),
        ),
        UpstreamError::Ended => (
            ("这次登录已经结束", "This sign-in has ended"),
            (
                "可能已经完成，也可能等待时间过长，或是在另一个浏览器中开始的。需要时请重新登录。",
                "It is finished, took too long, or was begun in another browser. Sign in again if you need to.",
            ),
        ),
        UpstreamError::NoAccount => (
            ("本平台没有对应的账号", "No account here belongs to it"),
            (
                "您在那边已登录，但本平台没有与之关联的账号。请换一种方式登录，或联系平台管理员。",
                "You signed in there, but no account here is linked to it. Sign in another way, or ask the operator.",
            ),
        ),
        UpstreamError::Unavailable => (
            ("暂时不能用这种方式登录", "This way to sign in is not available now"),
            (
                "对方平台现在没有正常回应，请稍后再试，或换一种方式登录。",
                "The other platform does not answer. Try again later, or sign in another way.",
            ),
        ),
        _ => (
            ("登录没有完成", "The sign-in did not succeed"),
            (
                "对方平台的回应不符合要求，为了您的安全，平台没有继续。请重新登录，或换一种方式。",
                "The other platform's answer was not right, so we stopped for your safety. Sign in again, or another way.",
            ),
        ),
    }
}
