//! What comes next for the person: each question of step 1 in its order, asked only when it is open.

use super::asking::Asking;
use super::consent::{self, ConsentAsk};
use super::give;
use super::redirect::RedirectTo;
use super::request::{Acting, Asked};
use crate::people::Capacities;
use crate::provider::{Provider, Step};
use crate::refusal::Refusal;
use yizhan_domain::Context;
use yizhan_domain::authorization::Capacity;
use yizhan_domain::person::Assurance;
use yizhan_store::records::SessionRecord;

/// What the person has to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Sign in at least this surely; `fresh` even when a session is live.
    SignIn {
        /// Least assurance.
        assurance: Assurance,
        /// A session that is live does not count: the client asked for a new sign-in.
        fresh: bool,
    },
    /// Choose for whom to act; answered by [`super::choose`].
    ChooseCapacity(Capacities),
    /// Decide; answered by [`super::agree`] or [`super::refuse`].
    Consent(Box<ConsentAsk>),
    /// Nothing: the browser goes back to the client.
    Redirect(RedirectTo),
}

pub(super) async fn decide(
    context: &Context,
    provider: &Provider,
    asking: Asking,
    session: Option<&SessionRecord>,
) -> Result<Next, Refusal> {
    let asked = &asking.asked;
    let actor = session.map_or("anonymous".to_owned(), |session| format!("person:{}", session.person));
    let step = Step { context, provider, actor: &actor, action: "authorize.refused" };
    let Some(session) = session.filter(|session| counts(asked, session, context)) else {
        if provider.assurance_max < asked.assurance {
            return asking.end(step, Refusal::AssuranceTooLow).await.map(Next::Redirect);
        }
        let sign_in =
            Next::SignIn { assurance: asked.assurance, fresh: asked.prompt.login || asked.max_age_s.is_some() };
        return ask_or_end(&asking, step, sign_in, Refusal::LoginRequired).await;
    };
    if session.assurance < asked.assurance {
        if !can_reach(provider, session, asked.assurance).await? {
            return asking.end(step, Refusal::AssuranceTooLow).await.map(Next::Redirect);
        }
        let sign_in = Next::SignIn { assurance: asked.assurance, fresh: false };
        return ask_or_end(&asking, step, sign_in, Refusal::LoginRequired).await;
    }
    let acting_for = match capacity(provider, asked, session).await? {
        Chosen::Capacity(acting_for) => acting_for,
        Chosen::Open(capacities) => {
            let choice = Next::ChooseCapacity(capacities);
            return ask_or_end(&asking, step, choice, Refusal::CapacityRequired).await;
        }
    };
    let ask = match consent::ask(context, provider, &asking, session, acting_for).await {
        Err(refusal @ Refusal::UnreviewedClaim) => return asking.end(step, refusal).await.map(Next::Redirect),
        ask => ask?,
    };
    if ask.is_covered() {
        return give::from_grant(context, provider, &asking, session, &ask).await.map(Next::Redirect);
    }
    ask_or_end(&asking, step, Next::Consent(Box::new(ask)), Refusal::ConsentRequired).await
}

/// Asks the person, unless the client forbade every question (`prompt=none`).
async fn ask_or_end(asking: &Asking, step: Step<'_>, next: Next, refusal: Refusal) -> Result<Next, Refusal> {
    if asking.asked.prompt.none { asking.end(step, refusal).await.map(Next::Redirect) } else { Ok(next) }
}

/// Whether a session is live and as new as the client asked (OpenID Connect Core 1.0, section 3.1.2.1: `prompt`, `max_age`).
pub(super) fn counts(asked: &Asked, session: &SessionRecord, context: &Context) -> bool {
    let since = session.auth_time >= asked.at;
    let young = |seconds: u64| session.auth_time.plus_ms(seconds.saturating_mul(1000)) >= asked.at;
    session.expires > context.now
        && (!asked.prompt.login || since)
        && asked.max_age_s.is_none_or(|seconds| since || young(seconds))
}

/// Whether another sign-in can be as sure as asked. One-time codes give less than the account holds, so it can help, where a
/// surer way exists at all.
async fn can_reach(provider: &Provider, session: &SessionRecord, assurance: Assurance) -> Result<bool, Refusal> {
    if provider.assurance_max < assurance {
        return Ok(false);
    }
    Ok(provider.people.find_record(&session.person).await?.is_some_and(|person| person.assurance >= assurance))
}

pub(super) enum Chosen {
    Capacity(Option<Capacity>),
    Open(Capacities),
}

/// In which capacity the person acts: as chosen for this request, else as the session says, else the only one there is.
pub(super) async fn capacity(provider: &Provider, asked: &Asked, session: &SessionRecord) -> Result<Chosen, Refusal> {
    let capacities = provider.people.capacities(&session.person).await?.ok_or(Refusal::LoginRequired)?;
    let chosen = match (&asked.capacity, &session.acting_for) {
        (Some(Acting::Oneself), _) => Some(None),
        (Some(Acting::For(capacity)), _) | (None, Some(capacity)) => Some(Some(capacity.clone())),
        (None, None) => capacities.only(),
    };
    Ok(match chosen.filter(|chosen| capacities.allow(chosen.as_ref())) {
        Some(capacity) => Chosen::Capacity(capacity),
        None => Chosen::Open(capacities),
    })
}
