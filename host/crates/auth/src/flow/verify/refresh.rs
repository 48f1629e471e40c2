//! Refresh tokens. High tier: bound to a key, not rotated (FAPI 2.0, section 5.3.2.1). Baseline: rotated, and a retry is safe.
//!
//! The retry rule: successors are derived from the token that was used, under a key of the hub. Whoever repeats the newest
//! rotation within [`RETRY_MS`] gets the same successors again, as long as those were not used; everything later is a replay
//! and ends the family. So an answer that was lost on the way costs nobody the session, and a stolen token still shows.

use super::actor;
use super::issue::{Basis, Issued, TokenAnswer, issue_as};
use crate::client_auth::AuthenticatedClient;
use crate::flow::scope::Scope;
use crate::flow::{TOKEN_PATH, possession, standing};
use crate::provider::{Provider, Step, hash, new_secret};
use crate::refusal::Refusal;
use yizhan_domain::Context;
use yizhan_domain::authorization::Tier;
use yizhan_store::records::{Rotation, TokenKind, TokenRecord, Trail, Trails};

/// How long a rotation may be repeated, ms.
pub const RETRY_MS: u64 = 30_000;

/// A refresh token that a client wants new tokens for. No `Debug`: it holds secrets.
#[derive(Clone, Copy)]
pub struct Refreshing<'a> {
    /// The token.
    pub token: &'a str,
    /// `scope` of the form: the same or less.
    pub scope: Option<&'a str>,
    /// Value of the DPoP header.
    pub dpop: Option<&'a str>,
}

pub(super) async fn refresh(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    refreshing: Refreshing<'_>,
) -> Result<TokenAnswer, Refusal> {
    let found = provider.store.find_token(&hash(refreshing.token)).await?;
    let token = found.filter(|token| token.kind == TokenKind::Refresh).ok_or(Refusal::ExpiredRefresh)?;
    standing::same_client(&token, Some(&client.record.id))?;
    not_expired(&token, context)?;
    let proven = possession::at_endpoint(context, provider, TOKEN_PATH, refreshing.dpop).await?;
    let dpop_jkt = possession::binding(client.record.tier, token.dpop_jkt.as_deref(), proven)?;
    let app = provider.released_app(&client.record.app).await?;
    standing::same_generation(&token, &app)?;
    let grant = provider.live_grant(context, &token.grant).await?;
    provider.held_mandate(&grant.person, grant.acting_for.as_ref()).await?;
    let session = standing::bound_session(context, provider, &token, &grant.person).await?;
    let scope = not_more(&Scope::of_kept(&token.scopes)?, refreshing.scope)?.granted(&app, &grant.uses);
    let family = token.family;
    let basis = Basis { client: &client.record, app: &app, grant: &grant, session: session.as_ref(), family, dpop_jkt };
    match client.record.tier {
        Tier::High => keep(context, provider, client, issue_as(context, &basis, &scope, (new_secret()?, None))).await,
        Tier::Baseline => {
            let access = provider.successor("access", refreshing.token);
            let refresh = provider.successor("refresh", refreshing.token);
            let issued = issue_as(context, &basis, &scope, (access, Some(refresh)));
            rotate(context, provider, client, refreshing.token, issued).await
        }
    }
}

fn not_expired(token: &TokenRecord, context: &Context) -> Result<(), Refusal> {
    if token.expires > context.now { Ok(()) } else { Err(Refusal::ExpiredRefresh) }
}

/// RFC 6749, section 6: the scope may shrink, never grow.
fn not_more(held: &Scope, asked: Option<&str>) -> Result<Scope, Refusal> {
    let Some(asked) = asked else { return Ok(held.clone()) };
    let asked: Vec<&str> = asked.split_ascii_whitespace().collect();
    let text = held.as_text();
    if !asked.iter().all(|token| text.split(' ').any(|held| held == *token)) {
        return Err(Refusal::ScopeGrew);
    }
    let named = |claim: &yizhan_domain::Claim| asked.contains(&claim.to_string().as_str());
    let uses = held.uses.iter().filter(|(claim, _)| named(claim)).cloned().collect();
    Ok(Scope { offline: held.offline, uses })
}

/// High tier: a new access token, and the refresh token stays.
async fn keep(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    issued: Issued,
) -> Result<TokenAnswer, Refusal> {
    let actor = actor(client);
    let step = Step { context, provider, actor: &actor, action: "token.refreshed" };
    for token in issued.records {
        let trail = Trail::of(step.done().with("grant", &token.grant));
        if !provider.store.issue_token(token, trail).await? {
            return Err(Refusal::GrantEnded);
        }
    }
    Ok(issued.answer)
}

/// Baseline: the token is used up. Of two calls at once one rotates; the other is told to try again and then gets the same.
async fn rotate(
    context: &Context,
    provider: &Provider,
    client: &AuthenticatedClient,
    token: &str,
    issued: Issued,
) -> Result<TokenAnswer, Refusal> {
    let used = hash(token);
    let retry_until = context.now.plus_ms(RETRY_MS);
    let store = &provider.store;
    let first = store.use_once("refresh-turn", used, retry_until, context.now, Trail::default()).await?;
    if !first {
        match successors(provider, &issued).await? {
            Successors::Unused(access) => return Ok(again(context, issued.answer, &access)),
            Successors::None => return Err(Refusal::Unavailable),
            Successors::Used => {}
        }
    }
    let grant = issued.records.first().map(|token| token.grant.to_string()).unwrap_or_default();
    let actor = actor(client);
    let step = |action| Step { context, provider, actor: &actor, action };
    let trails = Trails {
        done: Trail::of(step("token.refreshed").done().with("grant", &grant)),
        replayed: Trail::of(step("refresh.replayed").record(Refusal::RefreshReplayed.code()).with("grant", &grant)),
    };
    match store.rotate_refresh(&used, context.now, issued.records, trails).await? {
        Rotation::Rotated => Ok(issued.answer),
        Rotation::Replayed => Err(Refusal::RefreshReplayed),
        Rotation::Missing => Err(Refusal::ExpiredRefresh),
    }
}

/// What became of the successors of a token that is being used.
enum Successors {
    /// They are not there: another call is about to issue them.
    None,
    /// They were issued and not used; the access token as it is kept.
    Unused(Box<TokenRecord>),
    /// The successor was rotated itself.
    Used,
}

async fn successors(provider: &Provider, issued: &Issued) -> Result<Successors, Refusal> {
    let Some(refresh) = &issued.answer.refresh_token else { return Ok(Successors::None) };
    let access = provider.store.find_token(&hash(&issued.answer.access_token)).await?;
    let (Some(access), Some(_)) = (access, provider.store.find_token(&hash(refresh)).await?) else {
        return Ok(Successors::None);
    };
    let next = provider.successor("refresh", refresh);
    let was_used = provider.store.find_token(&hash(&next)).await?.is_some();
    Ok(if was_used { Successors::Used } else { Successors::Unused(Box::new(access)) })
}

/// The same answer again; what is left of the access token's life is said anew.
fn again(context: &Context, mut answer: TokenAnswer, access: &TokenRecord) -> TokenAnswer {
    answer.expires_in = access.expires.0.saturating_sub(context.now.0) / 1000;
    answer.token_type = if access.dpop_jkt.is_some() { "DPoP" } else { "Bearer" };
    answer
}
