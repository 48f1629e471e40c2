//! Step 3, 加密用户信息 `seal`: claims are read from the directory, signed by the hub and encrypted to one client's key. What
//! is sealed leaves only together with its audit record.

mod payload;

use crate::client_auth::{has_revoked, live_keys};
use crate::flow::scope::ClaimUse;
use crate::flow::standing::{self, Standing};
use crate::jose::Jwk;
use crate::provider::{Provider, Step, new_id};
use crate::refusal::Refusal;
use yizhan_domain::Context;
use yizhan_domain::authorization::Suite;
use yizhan_store::records::{AuditRecord, ClientRecord, Trail};

/// What is to be sealed: these claims, each for a purpose, to the client behind a token.
#[derive(Clone, Copy)]
pub(crate) struct Sealing<'a> {
    pub(crate) standing: &'a Standing,
    pub(crate) uses: &'a [ClaimUse],
}

/// A nested token for one client. `Debug` prints its id alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The JWE in compact form.
    pub jwe: String,
    /// Its id; counts once.
    pub jti: String,
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope").field("jti", &self.jti).finish_non_exhaustive()
    }
}

/// An envelope that has not left. [`Sealed::release`] is the only way out.
pub(crate) struct Sealed {
    envelope: Envelope,
    record: AuditRecord,
}

impl Sealed {
    /// Its id.
    pub(crate) fn jti(&self) -> &str {
        &self.envelope.jti
    }

    /// Makes the audit record "sealed" durable together with the trail of the delivery, then hands the envelope out.
    pub(crate) async fn release(self, provider: &Provider, mut trail: Trail) -> Result<Envelope, Refusal> {
        trail.audit.insert(0, self.record);
        provider.store.append(trail).await?;
        Ok(self.envelope)
    }
}

/// Seals claims to the client's key.
///
/// # Errors
/// [`Refusal::ClaimWithdrawn`], [`Refusal::NoRecipientKey`], [`Refusal::RecipientKeyRevoked`], [`Refusal::MandateEnded`],
/// [`Refusal::GrantEnded`] when the person was erased.
pub(crate) async fn seal(context: &Context, provider: &Provider, sealing: Sealing<'_>) -> Result<Sealed, Refusal> {
    let Sealing { standing, uses } = sealing;
    still_granted(standing, uses)?;
    let recipient = recipient_key(&standing.client)?;
    let person = payload::person(provider, &standing.grant).await?;
    let jti = format!("{:032x}", new_id()?);
    let subject = standing::subject(provider, &standing.app, &standing.grant);
    let claims =
        payload::claims(context, provider, sealing, payload::Parts { person: &person, sub: &subject, jti: &jti });
    let jwe = provider.seal(standing.client.suite, &recipient, &claims).await?;
    let actor = format!("client:{}", standing.token.client);
    let record = Step { context, provider, actor: &actor, action: "userinfo.sealed" }
        .done()
        .with("app", &standing.app.app)
        .with("version", standing.app.version)
        .with("grant", &standing.grant.id)
        .with("claims", payload::names(uses))
        .with("recipient", &standing.client.id)
        .with("suite", suite_name(standing.client.suite))
        .with("jti", &jti);
    Ok(Sealed { envelope: Envelope { jwe, jti }, record })
}

/// Each use is still granted, still reviewed and kept no longer than was agreed to.
fn still_granted(standing: &Standing, uses: &[ClaimUse]) -> Result<(), Refusal> {
    if uses.iter().all(|it| standing.scope.uses.contains(it)) { Ok(()) } else { Err(Refusal::ClaimWithdrawn) }
}

/// The client's encryption key of its suite that is not revoked.
fn recipient_key(client: &ClientRecord) -> Result<Jwk, Refusal> {
    let keys = live_keys(client)?;
    match keys.as_ref().and_then(|keys| keys.find_recipient(client.suite)) {
        Some(key) => Ok(key.clone()),
        None if has_revoked(client, "enc") => Err(Refusal::RecipientKeyRevoked),
        None => Err(Refusal::NoRecipientKey),
    }
}

fn suite_name(suite: Suite) -> &'static str {
    match suite {
        Suite::International => "international",
        Suite::National => "national",
    }
}
