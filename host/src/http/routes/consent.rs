//! Step 1 in the browser: the request that waits, who it is for, and the person's decision. The request's handle lives in an
//! HttpOnly cookie and a hidden field, never in an address.

mod decide;
mod pending;

pub(crate) use pending::Pending;

use crate::http::caller::{Caller, HubAnswer};
use crate::http::locale::Locale;
use crate::http::pages::{self, ActAsk, ActingFor, Asker, CapacityPage, ConsentPage, FlowForm, UseAsk};
use crate::hub_side::HubSide;
use axum::Router;
use axum::routing::{get, post};
use http::StatusCode;
use std::sync::Arc;
use yizhan_auth::Refusal;
use yizhan_auth::account;
use yizhan_auth::account::records::{Recipient, SessionRecord};
use yizhan_auth::flow::RequestParameters;
use yizhan_auth::flow::authorize::{self, BeginRefusal, ConsentAsk, Next};
use yizhan_auth::people::Capacities;
use yizhan_auth::provider::ReviewedAct;
use yizhan_domain::Permission;
use yizhan_domain::authorization::Capacity;

const DAY_MS: u64 = 86_400_000;

/// The routes.
pub(crate) fn router() -> Router<Arc<HubSide>> {
    Router::new().route("/consent", get(page).post(decide::decided)).route("/consent/capacity", post(decide::chosen))
}

/// Takes a browser's authorization request and sends the person on.
pub(crate) async fn begin(caller: &Caller, parameters: &RequestParameters) -> HubAnswer {
    match authorize::begin(&caller.context, &caller.hub.provider, parameters).await {
        Ok(begun) => match caller.session().await {
            Ok(session) => proceed(caller, &begun.handle, session.as_ref()).await,
            Err(error) => super::account::failed(caller, &error),
        },
        Err(BeginRefusal::Page(refusal)) => refused(caller, refusal),
        Err(BeginRefusal::Redirect(redirect)) => caller.see_other(&redirect.url),
    }
}

/// Sends the person to the next question of a request, or back to the client.
pub(crate) async fn proceed(caller: &Caller, handle: &str, session: Option<&SessionRecord>) -> HubAnswer {
    let asker = match authorize::asker(&caller.context, &caller.hub.provider, handle).await {
        Ok(asker) => asker,
        Err(refusal) => return refused(caller, refusal),
    };
    caller.wish_locales(asker.ui_locales.as_deref());
    let mut answer = match authorize::next(&caller.context, &caller.hub.provider, handle, session).await {
        Ok(Next::SignIn { .. }) => caller.see_other("/sign-in"),
        Ok(Next::ChooseCapacity(_) | Next::Consent(_)) => caller.see_other("/consent"),
        Ok(Next::Redirect(redirect)) => caller.see_other(&redirect.url),
        Err(refusal) => return refused(caller, refusal),
    };
    Pending { handle: handle.to_owned(), origin: asker.redirect_origin }.keep(caller, &mut answer);
    answer
}

/// The open question of the request that waits in this browser.
async fn page(caller: Caller) -> HubAnswer {
    let Some(pending) = Pending::of(&caller) else { return refused(&caller, Refusal::ExpiredRequest) };
    let session = match caller.session().await {
        Ok(session) => session,
        Err(error) => return super::account::failed(&caller, &error),
    };
    match authorize::next(&caller.context, &caller.hub.provider, &pending.handle, session.as_ref()).await {
        Ok(Next::SignIn { .. }) => caller.see_other("/sign-in"),
        Ok(Next::Redirect(redirect)) => caller.see_other(&redirect.url),
        Ok(Next::ChooseCapacity(capacities)) => capacity_page(&caller, &pending, &capacities).await,
        Ok(Next::Consent(ask)) => match consent_page(&caller, &pending, &ask, session.as_ref()).await {
            Ok(answer) => answer,
            Err(refusal) => refused(&caller, refusal),
        },
        Err(refusal) => refused(&caller, refusal),
    }
}

async fn capacity_page(caller: &Caller, pending: &Pending, capacities: &Capacities) -> HubAnswer {
    let asker = match authorize::asker(&caller.context, &caller.hub.provider, &pending.handle).await {
        Ok(asker) => asker,
        Err(refusal) => return refused(caller, refusal),
    };
    caller.wish_locales(asker.ui_locales.as_deref());
    let own = capacities.alone.then(|| (decide::ONESELF.to_owned(), None));
    let mandates = capacities.mandates.iter().map(|mandate| {
        let acting = ActingFor { organisation: mandate.org_name.clone(), role: mandate.capacity.role.clone() };
        (decide::capacity_value(&mandate.capacity), Some(acting))
    });
    let csrf = caller.session_form_token(&pending.handle);
    let page = CapacityPage {
        frame: caller.frame("/consent"),
        asker: shown(caller, &asker).await.ok(),
        form: FlowForm { csrf: &csrf, handle: &pending.handle, to: "" },
        choices: own.into_iter().chain(mandates).collect(),
    };
    caller.page_towards(&page, &asker.redirect_origin)
}

async fn consent_page(
    caller: &Caller,
    pending: &Pending,
    ask: &ConsentAsk,
    session: Option<&SessionRecord>,
) -> Result<HubAnswer, Refusal> {
    let provider = &caller.hub.provider;
    caller.wish_locales(ask.asker.ui_locales.as_deref());
    let ticked = pending::Choices::of(caller, &ask.asker.redirect_origin);
    let joins = account::has_siblings(provider, &ask.asker.owner, &ask.asker.app).await.map_err(told)?;
    let acting_for = match (&ask.acting_for, session) {
        (Some(capacity), Some(session)) => Some(acting_for(caller, session, capacity).await?),
        _ => None,
    };
    let csrf = caller.session_form_token(&pending.handle);
    let page = ConsentPage {
        frame: caller.frame("/consent"),
        asker: shown(caller, &ask.asker).await?,
        form: FlowForm { csrf: &csrf, handle: &pending.handle, to: "" },
        acting_for,
        uses: uses(ask, &ticked, caller.locale()),
        acts: acts(ask, caller.locale()),
        kept: ask.kept.clone(),
        lasts_days: u32::try_from(ask.expires.0.saturating_sub(caller.context.now.0).div_ceil(DAY_MS))
            .unwrap_or(u32::MAX),
        recipient: recipient(&ask.asker),
        offline: ask.offline,
        joins,
    };
    Ok(caller.page_towards(&page, &ask.asker.redirect_origin))
}

/// The uses in words, required ones first.
fn uses(ask: &ConsentAsk, ticked: &pending::Choices, locale: Locale) -> Vec<UseAsk> {
    let mut uses: Vec<UseAsk> = ask
        .items
        .iter()
        .map(|item| {
            let mut one = UseAsk::of(&item.data, &item.reason, item.optional, locale);
            one.legal_basis.clone_from(&item.legal_basis);
            one.ticked = item.optional && ticked.has(&one.value);
            one
        })
        .collect();
    uses.sort_by_key(|one| one.optional);
    uses
}

/// What the app may do for the person, in words. Reviewed claims never stand among acts.
fn acts(ask: &ConsentAsk, locale: Locale) -> Vec<ActAsk> {
    let one = |act: &ReviewedAct| match act.permission {
        Permission::Book => Some(ActAsk { label: pages::booking_label(locale).to_owned(), reason: act.reason.clone() }),
        Permission::Identity(_) => None,
    };
    ask.acts.iter().filter_map(one).collect()
}

/// The runtime's client is named as the app; every other belongs to a system of the unit.
fn recipient(asker: &authorize::Asker) -> Recipient {
    if asker.client.as_str() == asker.app.as_str() { Recipient::Sandbox } else { Recipient::Backend }
}

/// For whom the person acts, by the name that the mandate gives.
pub(crate) async fn acting_for(
    caller: &Caller,
    session: &SessionRecord,
    capacity: &Capacity,
) -> Result<ActingFor, Refusal> {
    let held = caller.hub.provider.people.capacities(&session.person).await?;
    let mandates = held.map(|held| held.mandates).unwrap_or_default();
    let named = mandates.iter().find(|mandate| mandate.capacity == *capacity).map(|mandate| mandate.org_name.clone());
    let organisation = named.unwrap_or_else(|| capacity.uscc.as_str().to_owned());
    Ok(ActingFor { organisation, role: capacity.role.clone() })
}

/// Who asks, with the address of the icon on the hub's own origin.
pub(crate) async fn shown(caller: &Caller, asker: &authorize::Asker) -> Result<Asker, Refusal> {
    let named = account::app_name(&caller.hub.provider, &asker.app).await.map_err(told)?;
    Ok(Asker {
        name: asker.app_name.clone(),
        owner_unit: asker.unit.clone(),
        filing: asker.filing.clone(),
        icon: named.slug.filter(|_| named.has_icon).map(|slug| format!("/icons/{slug}")),
    })
}

fn told(error: account::AccountError) -> Refusal {
    tracing::error!(%error, "the account does not answer a page of consent");
    Refusal::Unavailable
}

/// A page that says why the authorization stopped. A finished or expired one is no error: 200 with links, never a redirect.
pub(crate) fn refused(caller: &Caller, refusal: Refusal) -> HubAnswer {
    let restart = Pending::of(caller).map(|pending| format!("{}/", pending.origin));
    let page = pages::refusal_page(caller.frame("/"), refusal, caller.context.id, restart);
    let mut answer = caller.page(&page);
    *answer.status_mut() = match refusal {
        Refusal::ExpiredRequest => StatusCode::OK,
        Refusal::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    answer
}
