//! Does a token stand at this moment, and everything behind it? Asked at every delivery and every introspection.

use crate::flow::scope::Scope;
use crate::provider::{Provider, ReviewedApp};
use crate::refusal::Refusal;
use std::sync::Arc;
use yizhan_domain::authorization::GrantedUse;
use yizhan_domain::{ClientId, Context, PersonId, SecretHash};
use yizhan_store::records::{ClientRecord, GrantRecord, SessionRecord, TokenRecord};

/// A token that stands, with what stands behind it.
pub(crate) struct Standing {
    pub(crate) token: TokenRecord,
    pub(crate) client: ClientRecord,
    pub(crate) app: Arc<ReviewedApp>,
    pub(crate) grant: GrantRecord,
    /// The session that the token is bound to; none for offline access.
    pub(crate) session: Option<SessionRecord>,
    /// What the token carries: asked, granted and still reviewed.
    pub(crate) scope: Scope,
}

impl Standing {
    /// The uses that the token carries, with their retention.
    pub(crate) fn uses(&self) -> Vec<GrantedUse> {
        let carried = |it: &&GrantedUse| self.scope.uses.contains(&(it.claim, it.purpose.clone()));
        self.grant.uses.iter().filter(carried).cloned().collect()
    }
}

/// Every live check of a token. `client` is who presents it, when the caller knows.
pub(crate) async fn check(
    context: &Context,
    provider: &Provider,
    hash: &SecretHash,
    client: Option<&ClientId>,
) -> Result<Standing, Refusal> {
    let token = provider.store.find_token(hash).await?.ok_or(Refusal::RevokedToken)?;
    same_client(&token, client)?;
    not_expired(&token, context)?;
    let client = provider.known_client(&token.client).await?;
    let app = provider.released_app(&client.app).await?;
    same_generation(&token, &app)?;
    let grant = provider.live_grant(context, &token.grant).await?;
    let session = bound_session(context, provider, &token, &grant.person).await?;
    let scope = Scope::of_kept(&token.scopes)?.granted(&app, &grant.uses);
    Ok(Standing { token, client, app, grant, session, scope })
}

/// A token counts for the client that it was issued to.
pub(crate) fn same_client(token: &TokenRecord, client: Option<&ClientId>) -> Result<(), Refusal> {
    if client.is_none_or(|client| *client == token.client) { Ok(()) } else { Err(Refusal::OtherClientsToken) }
}

fn not_expired(token: &TokenRecord, context: &Context) -> Result<(), Refusal> {
    if token.expires > context.now { Ok(()) } else { Err(Refusal::ExpiredToken) }
}

/// What was issued before the app's state changed counts no more.
pub(crate) fn same_generation(token: &TokenRecord, app: &ReviewedApp) -> Result<(), Refusal> {
    if token.generation == app.generation { Ok(()) } else { Err(Refusal::StaleGeneration) }
}

/// The session that a token is bound to, while it lives.
pub(crate) async fn bound_session(
    context: &Context,
    provider: &Provider,
    token: &TokenRecord,
    person: &PersonId,
) -> Result<Option<SessionRecord>, Refusal> {
    match &token.session {
        Some(session) => provider.live_session(context, session, person).await.map(Some),
        None => Ok(None),
    }
}

/// The subject of a grant towards an app's owner unit.
pub(crate) fn subject(provider: &Provider, app: &ReviewedApp, grant: &GrantRecord) -> String {
    provider.subject(&app.owner, &grant.person, grant.acting_for.as_ref())
}
