//! What a delivery leaves behind: the audit record "distributed" and the row of the person's access log, or the refusal.

use super::Ask;
use crate::flow::scope::ClaimUse;
use crate::flow::standing::Standing;
use crate::provider::{Provider, Step};
use crate::refusal::Refusal;
use std::collections::BTreeSet;
use yizhan_domain::authorization::Custody;
use yizhan_domain::{Context, SecretHash};
use yizhan_store::records::{AccessOutcome, AccessRecord, Recipient, Trail};

const ACTION: &str = "userinfo.distributed";

/// The trail of a delivery. To the sandbox the values count as opened at once: they cannot be recalled.
pub(super) fn delivered(
    context: &Context,
    provider: &Provider,
    standing: &Standing,
    uses: &[ClaimUse],
    jti: &str,
) -> Trail {
    let actor = format!("client:{}", standing.client.id);
    let step = Step { context, provider, actor: &actor, action: ACTION };
    let record = step
        .done()
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
    let row = row(context, standing, (&purpose, claims), AccessOutcome::Refused(refusal.code().to_owned()));
    let trail = Trail { audit: vec![record], access: vec![row] };
    match provider.store.append(trail).await {
        Ok(()) => refusal,
        Err(error) => error.into(),
    }
}

/// A token that does not stand. One that nobody knows leaves no record: anybody could fill the audit with those.
pub(super) async fn refused_token(
    context: &Context,
    provider: &Provider,
    hash: &SecretHash,
    refusal: Refusal,
) -> Refusal {
    let token = match provider.store.find_token(hash).await {
        Ok(token) => token,
        Err(error) => return error.into(),
    };
    match token {
        Some(token) if refusal != Refusal::Unavailable => {
            let actor = format!("client:{}", token.client);
            Step { context, provider, actor: &actor, action: ACTION }.refused(refusal).await
        }
        _ => refusal,
    }
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
