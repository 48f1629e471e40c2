//! What a delivery leaves behind: the audit record "distributed" and the row of the person's access log, or the refusal.

use super::{Ask, SealedFor};
use crate::flow::scope::{ClaimUse, Scope};
use crate::flow::standing::Standing;
use crate::provider::{Provider, ReviewedApp, Step};
use crate::refusal::Refusal;
use std::collections::BTreeSet;
use std::sync::Arc;
use yizhan_domain::authorization::Custody;
use yizhan_domain::{Context, SecretHash};
use yizhan_store::records::{AccessOutcome, AccessRecord, Recipient, TokenRecord, Trail};

const ACTION: &str = "userinfo.distributed";

/// The trail of a delivery. To the sandbox the values count as opened at once: they cannot be recalled.
pub(super) fn delivered(
    context: &Context,
    provider: &Provider,
    standing: &Standing,
    uses: &[ClaimUse],
    jti: &str,
) -> Trail {
    // Of an envelope for the back end, the runtime's client asked.
    let actor = format!("client:{}", standing.token.client);
    let step = Step { context, provider, actor: &actor, action: ACTION };
    let record = step
        .done()
        .with("recipient", &standing.client.id)
        .with("app", &standing.app.app)
        .with("version", standing.app.version)
        .with("grant", &standing.grant.id)
        .with("jti", jti);
    let outcome = match recipient(standing) {
        Recipient::Sandbox => AccessOutcome::Opened,
        Recipient::Backend => AccessOutcome::Delivered,
    };
    let purposes: BTreeSet<&String> = uses.iter().map(|(_, purpose)| purpose).collect();
    let row = |purpose: &&String| {
        let claims = uses.iter().filter(|(_, of)| of == *purpose).map(|(claim, _)| claim.to_string()).collect();
        row(context, standing, (purpose.as_str(), claims), outcome.clone())
    };
    Trail { audit: vec![record], access: purposes.iter().map(row).collect() }
}

/// A refusal after the token was found to stand: the person sees it, too.
pub(super) async fn refused(
    context: &Context,
    provider: &Provider,
    standing: &Standing,
    ask: &Ask,
    refusal: Refusal,
) -> Refusal {
    let actor = format!("client:{}", standing.client.id);
    let step = Step { context, provider, actor: &actor, action: ACTION };
    let record = step.record(refusal.code()).with("app", &standing.app.app).with("grant", &standing.grant.id);
    let purpose: String = ask.purpose.as_deref().unwrap_or_default().chars().take(64).collect();
    let claims = ask.claims.iter().take(super::CLAIMS_MAX).map(ToString::to_string).collect();
    let mut row = row(context, standing, (&purpose, claims), AccessOutcome::Refused(refusal.code().to_owned()));
    if ask.sealed_for == SealedFor::Backend {
        row.recipient = Recipient::Backend;
    }
    let trail = Trail { audit: vec![record], access: vec![row] };
    match provider.store.append(trail).await {
        Ok(()) => refusal,
        Err(error) => error.into(),
    }
}

/// Refusals of a token that the person sees: something behind it was taken back. A token that is merely too old, or shown by
/// somebody else, is no access of the unit.
const SHOWN: [Refusal; 6] = [
    Refusal::RevokedToken,
    Refusal::GrantEnded,
    Refusal::SessionEnded,
    Refusal::StaleGeneration,
    Refusal::SuspendedApp,
    Refusal::UnknownApp,
];

/// A token that does not stand. One that nobody knows leaves no record: anybody could fill the audit with those.
pub(super) async fn refused_token(
    context: &Context,
    provider: &Provider,
    (hash, ask): (&SecretHash, &Ask),
    refusal: Refusal,
) -> Refusal {
    let token = match provider.store.find_ended_token(hash).await {
        Ok(token) => token.filter(|_| refusal != Refusal::Unavailable),
        Err(error) => return error.into(),
    };
    let Some(token) = token else { return refusal };
    let actor = format!("client:{}", token.client);
    let ended = match ended(provider, token).await {
        Ok(ended) => ended.filter(|_| SHOWN.contains(&refusal)),
        Err(error) => return error,
    };
    match ended {
        Some(ended) => refused(context, provider, &ended, ask, refusal).await,
        None => Step { context, provider, actor: &actor, action: ACTION }.refused(refusal).await,
    }
}

/// What stood behind a token; none when client, app or person are gone.
async fn ended(provider: &Provider, token: TokenRecord) -> Result<Option<Standing>, Refusal> {
    let Some(grant) = provider.store.find_grant(&token.grant).await? else { return Ok(None) };
    let Some(client) = provider.store.find_client(&token.client).await? else { return Ok(None) };
    let Some(state) = provider.store.find_app_state(&client.app).await? else { return Ok(None) };
    if provider.people.find_record(&grant.person).await?.is_none() {
        return Ok(None);
    }
    let app = Arc::new(ReviewedApp::read(&state)?);
    Ok(Some(Standing { token, client, app, grant, session: None, scope: Scope::default() }))
}

fn recipient(standing: &Standing) -> Recipient {
    match standing.client.custody {
        Custody::Runtime => Recipient::Sandbox,
        Custody::Backend | Custody::Development => Recipient::Backend,
    }
}

fn row(
    context: &Context,
    standing: &Standing,
    (purpose, claims): (&str, Vec<String>),
    outcome: AccessOutcome,
) -> AccessRecord {
    AccessRecord {
        at: context.now,
        request: context.id.to_string(),
        person: standing.grant.person.clone(),
        unit: standing.app.unit.clone(),
        app: standing.app.app.clone(),
        app_name: standing.app.name.clone(),
        version: Some(standing.app.version),
        client: standing.client.id.clone(),
        grant: Some(standing.grant.id.clone()),
        recipient: recipient(standing),
        purpose: purpose.to_owned(),
        claims,
        outcome,
        hidden_until: None,
    }
}
