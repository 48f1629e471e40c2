//! The end of what the steps gave: of a token, a grant, an app, a session, a person. Everything is checked live at each
//! delivery, so one durable write here is the end at once on this node.

mod end_session;
mod logout;

pub use end_session::{LogoutAsk, end_session};
pub use logout::{LogoutNotice, logout};
pub(crate) use logout::{SESSION_MARK, session_mark};

use crate::client_auth::AuthenticatedClient;
use crate::flow::standing;
use crate::provider::{Provider, Step, hash};
use crate::refusal::Refusal;
use yizhan_domain::{AppId, Context, GrantId, PersonId};
use yizhan_store::records::{AppState, Trail};

/// A client ends one of its tokens (RFC 7009); a refresh token ends everything of its family. An unknown token is no error.
///
/// # Errors
/// [`Refusal::OtherClientsToken`].
pub async fn token(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    token: &str,
) -> Result<(), Refusal> {
    let hash = hash(token);
    let Some(found) = provider.store.find_token(&hash).await? else { return Ok(()) };
    let actor = format!("client:{}", client.record.id);
    let step = Step { context, provider, actor: &actor, action: "token.revoked" };
    if let Err(refusal) = standing::same_client(&found, Some(&client.record.id)) {
        return Err(step.refused(refusal).await);
    }
    let trail = Trail::of(step.done().with("grant", &found.grant));
    provider.store.revoke_token(&hash, context.now, trail).await?;
    Ok(())
}

/// A person takes a grant back. True when it lived until now.
///
/// # Errors
/// [`Refusal::ForeignGrant`] when it is unknown or another person's: the two look the same.
pub async fn grant(
    context: &Context,
    provider: &Provider,
    person: &PersonId,
    grant: &GrantId,
) -> Result<bool, Refusal> {
    let actor = format!("person:{person}");
    let step = Step { context, provider, actor: &actor, action: "grant.revoked" };
    let found = provider.store.find_grant(grant).await?;
    let Some(own) = found.filter(|found| found.person == *person) else {
        return Err(step.refused(Refusal::ForeignGrant).await);
    };
    let record = step.done().with("grant", grant).with("app", &own.app).with("client", &own.client);
    let trail = Trail::of(record.with("consent", &own.consent));
    Ok(provider.store.revoke_grant(grant, "withdrawn-by-person", context.now, trail).await?)
}

/// An operator ends a grant. `actor` is who, as in the audit; `reason` is kept with the grant.
///
/// # Errors
/// [`Refusal::ForeignGrant`] when it is unknown.
pub async fn grant_by_operator(
    context: &Context,
    provider: &Provider,
    actor: &str,
    (grant, reason): (&GrantId, &str),
) -> Result<bool, Refusal> {
    let found = provider.store.find_grant(grant).await?.ok_or(Refusal::ForeignGrant)?;
    let step = Step { context, provider, actor, action: "grant.revoked" };
    let record = step.done().with("grant", grant).with("person", &found.person).with("reason", reason);
    Ok(provider.store.revoke_grant(grant, reason, context.now, Trail::of(record)).await?)
}

/// Suspends, withdraws or restores an app. Whatever was issued before counts no more, even after a restore: the generation
/// rises with every change. False when the app is in that state already.
///
/// # Errors
/// [`Refusal::UnknownApp`].
pub async fn app(
    context: &Context,
    provider: &Provider,
    actor: &str,
    (app, state): (&AppId, AppState),
) -> Result<bool, Refusal> {
    let mut record = provider.store.find_app_state(app).await?.ok_or(Refusal::UnknownApp)?;
    if record.state == state {
        return Ok(false);
    }
    record.state = state;
    let action = match state {
        AppState::Released => "app.restored",
        AppState::Suspended => "app.suspended",
        AppState::Withdrawn => "app.withdrawn",
    };
    let step = Step { context, provider, actor, action };
    provider.store.put_app_state(record, Trail::of(step.done().with("app", app))).await?;
    Ok(true)
}

/// Erases a person: data key, data, credentials, sessions and grants. Answers the notices that their back ends are owed.
///
/// # Errors
/// [`Refusal::ForeignGrant`] when there is no such person.
pub async fn person(
    context: &Context,
    provider: &Provider,
    actor: &str,
    person: &PersonId,
) -> Result<Vec<LogoutNotice>, Refusal> {
    let mut notices = Vec::new();
    for session in provider.store.list_sessions(person, context.now).await? {
        notices.extend(logout::notices(context, provider, &session).await?);
    }
    let step = Step { context, provider, actor, action: "person.erased" };
    let erased =
        provider.store.erase_person(person, context.now, Trail::of(step.done().with("person", person))).await?;
    if erased { Ok(notices) } else { Err(Refusal::ForeignGrant) }
}
