//! The end of a session at the hub, and what back ends are told of it (OpenID Connect Back-Channel Logout 1.0).

use crate::provider::{Provider, Step, hash, new_id};
use crate::refusal::Refusal;
use serde_json::json;
use std::collections::BTreeMap;
use yizhan_domain::{ClientId, Context, SecretHash, SessionId};
use yizhan_store::records::{ClientRecord, GrantRecord, PAGE_MAX, SessionRecord, Trail};

/// Kind of the one-time set that remembers which clients a session signed in to.
pub(crate) const SESSION_MARK: &str = "session-client";
/// `typ` of logout tokens (section 2.4).
const TYPE: &str = "logout+jwt";
/// Life of a logout token, seconds (section 2.4: at most two minutes).
const LIFE_S: u64 = 120;
/// Most pages of grants that are looked through.
const PAGES_MAX: usize = 16;

/// A logout token that the host sends to a client. No `Debug` of the token: it names a person.
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutNotice {
    /// To whom.
    pub client: ClientId,
    /// The registered address; `logout_token` is the one form field.
    pub uri: String,
    /// The token.
    pub token: String,
}

impl std::fmt::Debug for LogoutNotice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogoutNotice").field("client", &self.client).field("uri", &self.uri).finish_non_exhaustive()
    }
}

/// Ends a session and with it every token that is bound to it. Answers whom to tell.
///
/// # Errors
/// [`Refusal::SessionEnded`] when it had ended.
pub async fn logout(
    context: &Context,
    provider: &Provider,
    session: &SessionRecord,
) -> Result<Vec<LogoutNotice>, Refusal> {
    let notices = notices(context, provider, session).await?;
    let actor = format!("person:{}", session.person);
    let step = Step { context, provider, actor: &actor, action: "session.ended" };
    let trail = Trail::of(step.done().with("session", &session.id).with("told", notices.len()));
    if provider.store.end_session(&session.id, trail).await? { Ok(notices) } else { Err(Refusal::SessionEnded) }
}

/// One notice for each client that the session signed in to and that wants one.
pub(super) async fn notices(
    context: &Context,
    provider: &Provider,
    session: &SessionRecord,
) -> Result<Vec<LogoutNotice>, Refusal> {
    let mut notices = Vec::new();
    for (client, grant) in clients(provider, session).await? {
        let Some(client) = provider.store.find_client(&client).await? else { continue };
        let Some(uri) = client.backchannel_logout_uri.clone() else { continue };
        if signed_in(context, provider, session, &client).await? {
            let token = token(context, provider, session, (&client, &grant)).await?;
            notices.push(LogoutNotice { client: client.id, uri, token });
        }
    }
    Ok(notices)
}

/// Clients that the person ever granted something, each with the newest grant.
async fn clients(provider: &Provider, session: &SessionRecord) -> Result<BTreeMap<ClientId, GrantRecord>, Refusal> {
    let mut clients = BTreeMap::new();
    let mut cursor = None;
    for _ in 0..PAGES_MAX {
        let page = provider.store.list_grants(&session.person, cursor.as_deref(), PAGE_MAX).await?;
        for grant in page.entries {
            clients.entry(grant.client.clone()).or_insert(grant);
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(clients)
}

/// Names one sign-in of a session to a client.
pub(crate) fn session_mark(session: &SessionId, client: &ClientId) -> SecretHash {
    hash(&format!("{session}\0{client}"))
}

/// Whether the mark is set: then it cannot be set again.
async fn signed_in(
    context: &Context,
    provider: &Provider,
    session: &SessionRecord,
    client: &ClientRecord,
) -> Result<bool, Refusal> {
    let mark = session_mark(&session.id, &client.id);
    let soon = context.now.plus_ms(1);
    Ok(!provider.store.use_once(SESSION_MARK, mark, soon, context.now, Trail::default()).await?)
}

async fn token(
    context: &Context,
    provider: &Provider,
    session: &SessionRecord,
    (client, grant): (&ClientRecord, &GrantRecord),
) -> Result<String, Refusal> {
    let state = provider.store.find_app_state(&client.app).await?.ok_or(Refusal::UnknownApp)?;
    let owner = crate::provider::ReviewedApp::read(&state)?.owner;
    let iat = context.now.0 / 1000;
    let claims = json!({
        "iss": provider.issuer, "aud": client.id, "iat": iat, "exp": iat + LIFE_S,
        "jti": format!("{:032x}", new_id()?), "sid": session.id,
        "sub": provider.subject(&owner, &grant.person, grant.acting_for.as_ref()),
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    provider.sign(TYPE, &claims).await
}
