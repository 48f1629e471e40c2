//! `--as`: signs a test person in to the app of a local run and agrees in the person's place. Goes the whole way through hub
//! and runtime, as a browser would.

use crate::app::{App, new_context};
use crate::hub_side::{HubSide, rng};
use anyhow::{Context as _, bail};
use std::net::{IpAddr, Ipv4Addr};
use yizhan_auth::AppPolicy;
use yizhan_auth::flow::authorize::{self, Acting, Agreement, BeginRefusal, ConsentAsk, Next, RedirectTo};
use yizhan_auth::flow::parameters::RequestParameters;
use yizhan_auth::runtime::callback::{self, CallbackCookies, CallbackQuery, Finished};
use yizhan_auth::runtime::login::{self, LoginAsk};
use yizhan_auth::sign_in::{self, Browser, SignInStep, sessions};
use yizhan_domain::{Context, PersonId, Slug};
use yizhan_store::records::SessionRecord;
use zeroize::Zeroizing;

/// Signs in and answers the value of the app's session cookie.
pub(crate) async fn sign_in(
    app: &App,
    hub: &HubSide,
    policy: &AppPolicy,
    (persona, slug): (&str, &Slug),
) -> anyhow::Result<Zeroizing<String>> {
    let context = new_context(&*app.clock)?;
    let session = hub_session(&context, hub, persona).await.context("the test person cannot sign in")?;
    let ask = LoginAsk {
        policy,
        origin: &app.origin_of(slug.as_str()),
        purpose: None,
        claims: Some(&app.local.grant),
        return_path: "/",
        locale: "zh-CN",
    };
    let begun = login::begin(&context, &app.runtime, ask).await.context("the app cannot begin a sign-in")?;
    let answer = decide(&context, hub, &begun.location, &session).await?;
    let query = CallbackQuery::parse(query_of(&answer))?;
    let cookies = CallbackCookies { transaction: Some(&begun.transaction), session: None };
    let finished = callback::finish(&context, &app.runtime, &policy.app, query, cookies).await;
    match finished.with_context(|| format!("the hub's answer does not sign {persona} in"))? {
        Finished::SignedIn { session, .. } => Ok(session),
        Finished::Refused { .. } => bail!("{persona} cannot use this app"),
    }
}

/// A session of the test person at the hub.
async fn hub_session(context: &Context, hub: &HubSide, persona: &str) -> anyhow::Result<SessionRecord> {
    let browser = Browser {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        transaction: sessions::token_hash(&context.id.to_string()),
        device: None,
        session: None,
    };
    let persona = PersonId(persona.to_owned());
    match sign_in::as_persona(context, &hub.sign_in, &persona, &browser, &mut rng()).await? {
        SignInStep::Done(signed_in) => Ok(signed_in.session),
        SignInStep::SecondFactor(_) => bail!("a second factor is needed"),
    }
}

/// Answers every question of the hub for the person, who agrees to all that is asked. Answers where the browser would go.
async fn decide(
    context: &Context,
    hub: &HubSide,
    location: &str,
    session: &SessionRecord,
) -> anyhow::Result<Zeroizing<String>> {
    let parameters = form_urlencoded::parse(query_of(location).as_bytes()).into_owned().collect();
    let provider = &hub.provider;
    let begun = match authorize::begin(context, provider, &RequestParameters(parameters)).await {
        Ok(begun) => begun,
        Err(BeginRefusal::Page(refusal)) => bail!("the hub refuses: {refusal}"),
        Err(BeginRefusal::Redirect(redirect)) => return address(redirect),
    };
    loop {
        match authorize::next(context, provider, &begun.handle, Some(session)).await? {
            Next::SignIn { assurance, .. } => bail!("the app asks for {assurance:?}, which this test person has not"),
            Next::ChooseCapacity(capacities) => {
                let acting = if capacities.alone {
                    Acting::Oneself
                } else {
                    let first = capacities.mandates.first().context("the test person can act for nobody")?;
                    Acting::For(first.capacity.clone())
                };
                authorize::choose(context, provider, &begun.handle, session, acting).await?;
            }
            Next::Consent(ask) => {
                let agreement = agreement(&ask);
                return address(authorize::agree(context, provider, &begun.handle, session, agreement).await?);
            }
            Next::Redirect(redirect) => return address(redirect),
        }
    }
}

fn agreement(ask: &ConsentAsk) -> Agreement {
    let ticked = ask.items.iter().map(|item| (item.data.claim, item.data.purpose.clone()));
    Agreement { ticked: ticked.collect(), locale: "zh-CN".to_owned() }
}

fn address(redirect: RedirectTo) -> anyhow::Result<Zeroizing<String>> {
    match redirect.refusal {
        None => Ok(Zeroizing::new(redirect.url)),
        Some(refusal) => bail!("the hub refuses: {refusal} ({})", refusal.code()),
    }
}

fn query_of(address: &str) -> &str {
    address.split_once('?').map_or("", |(_, query)| query)
}
